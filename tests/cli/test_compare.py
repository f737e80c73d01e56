"""`compare`: what moved between two manifests."""

from fnmatch import fnmatch
from pathlib import Path

import pyarrow as pa
import pytest

from cst_contracts.cli.main import main
from cst_contracts.facts import SeenTable, TableFacts
from cst_contracts.report.manifest import manifest_of, manifest_text
from cst_contracts.report.observed import Observed, table_entry


def manifest(folder: Path, name: str, *fields: pa.Field) -> str:
    facts = TableFacts("t", "parquet", pa.schema(fields))
    file = folder / name
    seen = Observed(tables=(table_entry(SeenTable("t", facts)),))
    told = manifest_of({}, seen, ())
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
