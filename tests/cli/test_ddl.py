"""`ddl`: contracts as CREATE EXTERNAL TABLE."""

from pathlib import Path

import pytest

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main


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


def test_one_bad_contract_does_not_silence_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b", "c"):
        fields = "fields: [{name: x, type: int64}]\n" if name != "b" else ""
        source = f"source: {{format: parquet, location: {name}}}\n"
        (tmp_path / f"{name}.yaml").write_text(f"table: {name}\n{source}{fields}")

    files = [str(tmp_path / f"{name}.yaml") for name in "abc"]
    assert main(["ddl", *files]) == ExitCode.ILL_FORMED

    printed = capsys.readouterr()
    assert printed.out.count("CREATE EXTERNAL TABLE") == 2
    assert "b.yaml" in printed.err


@pytest.mark.parametrize(
    ("text", "told", "status"),
    [
        ("table: t\n", "has no `fields`", ExitCode.ILL_FORMED),
        (
            "session: s\nfunctions: [unnest]\n",
            "a session contract has no table to declare",
            ExitCode.NOT_RUN,
        ),
        (None, "could not be read: No such file or directory", ExitCode.NOT_RUN),
    ],
)
def test_what_has_no_ddl_is_an_error_with_its_place(
    tmp_path: Path, text: str | None, told: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "t.yaml"
    if text is not None:
        file.write_text(text)

    assert main(["ddl", str(file)]) == status

    error = capsys.readouterr().err
    assert error.startswith(f"cst-contracts: {file}")
    assert told in error
