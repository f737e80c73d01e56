"""`check`, from contracts and a lake to an exit status."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main

_CONTRACT = """\
table: t
source: {format: parquet, location: t}
nullability: values
fields:
  - {name: a, type: int64, nullable: false}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a contract, and a lake of three rows that keeps it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "t.yaml").write_text(_CONTRACT)
    write_rows(tmp_path, [1, 2, 3])
    return tmp_path


def write_rows(project: Path, rows: list[int | None]) -> None:
    folder = project / "lake" / "t"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"a": pa.array(rows, pa.int64())}), folder / "part-0.parquet")


@pytest.mark.usefixtures("project")
def test_kept_promises_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--lake", "lake"]) == ExitCode.KEPT

    captured = capsys.readouterr()
    assert "contracts/t.yaml" not in captured.out
    assert captured.err == ""


def test_a_broken_promise_ends_with_1_and_names_its_line(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(project, [1, None, 3])

    assert main(["check", "--lake", "lake", "--samples", "1"]) == ExitCode.BROKEN

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "contracts/t.yaml:5:5: t nulls[a]: broken [null-values]"
    assert "    observed: 1 null among 3" in lines
    assert "    row:      part-0.parquet, row 1: a=NULL" in lines


def test_only_what_is_selected_is_looked_at(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(project, [1, None, 3])

    assert main(["check", "--lake", "lake", "--select", "t::rows"]) == ExitCode.KEPT
    assert main(["check", "--lake", "lake", "--select", "nulls"]) == ExitCode.BROKEN
    assert "nulls[a]" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_a_place_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "nowhere"]) == ExitCode.NOT_RUN

    assert "nowhere: there is no such file or folder" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_a_selection_of_nothing_is_not_kept() -> None:
    assert main(["check", "--lake", "lake", "--select", "no-such-check"]) == ExitCode.NOT_RUN


def test_an_ill_formed_contract_ends_with_3(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "contracts" / "u.yaml").write_text("table: u\nfilds: []\n")

    assert main(["check", "--lake", "lake"]) == ExitCode.ILL_FORMED

    captured = capsys.readouterr()
    assert "contracts/u.yaml:2:1: unknown key `filds`" in captured.out + captured.err


def test_a_folder_without_contracts_ends_with_2(project: Path) -> None:
    (project / "contracts" / "t.yaml").unlink()

    assert main(["check", "--lake", "lake"]) == ExitCode.NOT_RUN


def test_the_manifest_lists_every_promise(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--lake", "lake", "--manifest", "m.json"]) == ExitCode.KEPT
    capsys.readouterr()
    assert main(["check", "--lake", "lake", "--format", "json"]) == ExitCode.KEPT

    printed = json.loads(capsys.readouterr().out)
    written = json.loads((project / "m.json").read_text())
    checks = [promise["check"] for promise in written["promises"]]
    assert {"table", "rows", "field[a]", "nulls[a]"} <= set(checks)
    assert [promise["check"] for promise in printed["promises"]] == checks


def test_snapshots_are_accepted_and_then_kept(project: Path) -> None:
    assert main(["check", "--lake", "lake", "--snapshot-update"]) == ExitCode.KEPT
    assert (project / "snapshots" / "t.json").is_file()
    assert main(["check", "--lake", "lake", "--select", "snapshot"]) == ExitCode.KEPT
