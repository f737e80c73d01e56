"""The command line, as a shell starts it or as Python calls it."""

import json
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from cst_contracts import __version__
from cst_contracts.checks.codes import FindingCode
from cst_contracts.cli import main
from cst_contracts.contract.model import SessionContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.presets import PRESETS
from cst_contracts.extract.schema import TABLE
from cst_contracts.facts import TableFacts
from cst_contracts.report.manifest import manifest_json, manifest_text, table_json


@pytest.mark.parametrize("command", ["schema", "manifest-schema"])
def test_the_schemas_are_json_schemas(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command]) == 0

    Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_presets_are_printed_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0

    assert json.loads(capsys.readouterr().out) == {
        name: preset.values for name, preset in PRESETS.items()
    }


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_printed_with_its_reasons_as_a_contract_would_have_it(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["presets", name]) == 0

    told = capsys.readouterr().out
    contract = parse_contract(f"session: s\n{told}".encode(), "s.yaml")
    assert isinstance(contract, SessionContract)
    assert {each.name: each.value for each in contract.settings} == PRESETS[name].values
    assert all(f"  # {setting.why}\n" in told for setting in PRESETS[name].settings)


def test_an_unknown_preset_is_told_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets", "cts"]) == 2

    expected = "cst-contracts: no such preset: cts; known are cst, cst-strings\n"
    assert capsys.readouterr().err == expected


def test_a_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "null-values"]) == 0

    assert capsys.readouterr().out == "null-values: Rows hold nulls where none is promised.\n"


def test_all_codes_are_explained_where_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [code.value for code in FindingCode]


def test_an_unknown_code_is_told_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "null-value"]) == 2

    error = capsys.readouterr().err
    assert error.startswith("cst-contracts: no such code: null-value; known are ")
    assert "null-values" in error


def test_source_becomes_a_lake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "a.py").write_text("import os\n\n\ndef f(x):\n    return os.path(x)\n")
    arguments = [str(tmp_path / "project"), "--to", str(tmp_path / "lake"), "--workers", "1"]

    assert main(["extract", *arguments, "--repo", "demo"]) == 0

    out = capsys.readouterr().out
    assert out.startswith(f"1 files, 1 parsed, 0 not: {tmp_path / 'lake' / TABLE}\n")
    assert "  defs: 1\n" in out
    (file,) = (tmp_path / "lake" / TABLE).glob("*.parquet")
    assert pq.read_table(file).column("repo").to_pylist() == ["demo"]


def test_a_lake_that_is_there_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text("")
    arguments = [
        "extract",
        str(tmp_path / "a.py"),
        "--to",
        str(tmp_path / "lake"),
        "--workers",
        "1",
    ]
    assert main(arguments) == 0

    assert main(arguments) == 2
    assert "is not empty" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0


def manifest(folder: Path, name: str, *fields: pa.Field) -> str:
    facts = TableFacts("t", "parquet", pa.schema(fields))
    file = folder / name
    told = manifest_json({}, None, [table_json(facts, None)], [])
    file.write_text(manifest_text(told), encoding="utf-8")
    return str(file)


def test_manifests_that_differ_in_what_breaks_are_told_with_exit_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = manifest(tmp_path, "old.json", pa.field("a", pa.int64()))
    new = manifest(tmp_path, "new.json", pa.field("a", pa.int32()), pa.field("b", pa.int8()))

    assert main(["compare", old, new]) == 1

    assert capsys.readouterr().out == (
        "table t: a: int64 → int32 (breaking)\n"
        "table t: b: absent → int8 (compatible)\n"
        "1 breaking, 1 compatible, 0 cosmetic\n"
    )


def test_manifests_that_differ_in_nothing_that_breaks_end_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = manifest(tmp_path, "old.json", pa.field("a", pa.int64()))
    new = manifest(tmp_path, "new.json", pa.field("a", pa.int64()), pa.field("b", pa.int8()))

    assert main(["compare", old, old]) == 0
    assert main(["compare", old, new]) == 0

    out = capsys.readouterr().out
    assert out.splitlines()[0] == "0 breaking, 0 compatible, 0 cosmetic"
    assert out.splitlines()[-1] == "0 breaking, 1 compatible, 0 cosmetic"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "could not be read: No such file or directory"),
        (b"\xff", "not UTF-8 (byte 0), and so no manifest"),
        (b"{", "not JSON (*); write it with `pytest --cst-manifest FILE`"),
        (b"[]", "expected an object, found an array; write it with `pytest --cst-manifest FILE`"),
    ],
)
def test_what_is_no_manifest_cannot_be_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, told: str
) -> None:
    old, file = manifest(tmp_path, "old.json"), tmp_path / "new.json"
    if content is not None:
        file.write_bytes(content)

    assert main(["compare", old, str(file)]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert fnmatch(captured.err, f"cst-contracts: {file}:*{told}\n")


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "cst_contracts.cli", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == f"{__version__}\n"


def test_the_ddl_of_a_contract_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(
        "table: t\nsource: {format: parquet, location: a b}\n"
        "fields: [{name: a, type: int64, nullable: false}]\n"
    )

    assert main(["ddl", str(file), "--lake", str(tmp_path)]) == 0

    assert capsys.readouterr().out.splitlines()[-4:] == [
        'CREATE EXTERNAL TABLE "t" (',
        '  "a" BIGINT NOT NULL',
        ") STORED AS PARQUET",
        f"LOCATION '{tmp_path.as_uri()}/a%20b';",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("table: t\n", "has no `fields`"),
        ("session: s\nfunctions: [unnest]\n", "a session contract has no table to declare"),
        (None, "could not be read: No such file or directory"),
    ],
)
def test_what_has_no_ddl_is_an_error_with_its_place(
    tmp_path: Path, text: str | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "t.yaml"
    if text is not None:
        file.write_text(text)

    assert main(["ddl", str(file)]) == 2

    error = capsys.readouterr().err
    assert error.startswith(f"cst-contracts: {file}")
    assert told in error
