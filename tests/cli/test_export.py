"""`export`: contracts in the words of other tools."""

from pathlib import Path

import pytest
from deltalake import DeltaTable
from support.orders import ORDERS

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    file = tmp_path / "orders.yaml"
    file.write_text(ORDERS)
    return file


def test_a_contract_is_printed_and_what_is_not_said_is_told_beside_it(
    contract: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(contract), "--to", "duckdb"]) == ExitCode.KEPT
    printed = capsys.readouterr()
    assert 'CREATE TABLE "orders" (' in printed.out
    assert f"{contract}:20:9: not said: rule paid\n" in printed.err


def test_files_are_named_after_their_tables(contract: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["export", str(contract), "--to", "arrow-ipc", "--out", str(out)]) == ExitCode.KEPT
    assert [each.name for each in out.iterdir()] == ["orders.arrow"]


def test_a_table_is_made_where_its_contract_says(contract: Path, tmp_path: Path) -> None:
    out = tmp_path / "lake"
    assert main(["export", str(contract), "--to", "delta", "--out", str(out)]) == ExitCode.KEPT
    assert DeltaTable(out / "sales" / "orders").version() == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--to", "delta"], "name a folder with --out"),
        (["orders.yaml", "--to", "duckdb"], "a folder for several with --out FOLDER"),
        (["--to", "nowhere"], "'nowhere' is not one of"),
    ],
)
def test_what_cannot_be_written_is_an_error(
    contract: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(contract), *arguments]) == ExitCode.NOT_RUN
    assert told in capsys.readouterr().err


def test_a_session_has_no_table_to_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("session: s\nfunctions: [unnest]\n")
    assert main(["export", str(file), "--to", "pyarrow"]) == ExitCode.NOT_RUN
    assert "a session contract has no table to export" in capsys.readouterr().err
