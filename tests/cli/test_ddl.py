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
