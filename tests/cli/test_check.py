"""`check`, from contracts and a small lake to words and an exit status."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts import api
from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main
from cst_contracts.cli.progress import TerminalProgress

_CONTRACT = """\
table: t
source: {format: parquet, location: t}
fields:
  - {name: a, type: int64, nullable: false}
rules:
  - {name: small, sql: a < 3, severity: warn}
"""
_GONE = (
    '{"snapshot_version": 2, "table": "gone", "partitioned_by": [], "ordered_by": [], "fields": [], '
    '"functions": [], "plan": [], "views": []}'
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a contract, and a lake of two rows that keeps it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "t.yaml").write_text(_CONTRACT)
    write_rows(tmp_path, [1, 2])
    return tmp_path


@pytest.fixture
def broken(project: Path) -> Path:
    """A null in the second row breaks one promise, and the third row breaks one that only warns."""
    write_rows(project, [1, None, 3])
    return project


def write_rows(project: Path, rows: list[int | None]) -> None:
    folder = project / "lake" / "t"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"a": pa.array(rows, pa.int64())}), folder / "part-0.parquet")


def check(*arguments: str) -> int:
    return main(["check", "--lake", "lake", *arguments])


@pytest.mark.usefixtures("project")
def test_kept_promises_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert check() == ExitCode.KEPT

    captured = capsys.readouterr()
    assert "contracts/t.yaml" not in captured.out
    assert "8 of 8 promises looked at: 7 kept, 1 vacuous (allowed)" in captured.out
    assert "snapshot" not in captured.out
    assert captured.err == ""


@pytest.mark.usefixtures("project")
def test_why_promises_may_be_about_nothing_is_told_where_that_is_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check("-v") == ExitCode.KEPT
    assert "1 vacuous, and allowed to be: this project has no snapshot" in capsys.readouterr().out


@pytest.mark.usefixtures("broken")
def test_bad_news_is_told_with_both_sides_and_where_the_rows_are_and_then_the_summary(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check() == ExitCode.BROKEN

    captured = capsys.readouterr()
    assert captured.out.splitlines()[:12] == [
        "contracts/t.yaml:4:5: t nulls[a]: broken [null-values]",
        "    promised: no null",
        "    observed: 1 null among 3",
        "    hint:     `cst-contracts explain null-values`",
        "    row:      part-0.parquet, row 1",
        "contracts/t.yaml:6:5: t rule[small]: broken [rule-violated]",
        "    promised: a < 3",
        "    observed: false for 1 of 3 rows",
        "    hint:     `cst-contracts explain rule-violated`",
        "    row:      part-0.parquet, row 2",
        "table  rows  kept  broken  vacuous  red",
        "t         3     5       2        1    1",
    ]
    assert captured.err == ""


@pytest.mark.usefixtures("broken")
def test_values_are_shown_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--samples", "1") == ExitCode.BROKEN

    assert "    row:      part-0.parquet, row 1: a=NULL" in capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("broken")
def test_quiet_leaves_the_summary_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--quiet") == ExitCode.BROKEN

    told = capsys.readouterr().out
    assert "nulls[a]" in told
    assert "promises looked at" not in told


@pytest.mark.usefixtures("broken")
def test_as_json_the_manifest_alone_is_on_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check("--format", "json", "--select", "nulls", "--select", "rule") == ExitCode.BROKEN

    promises = json.loads(capsys.readouterr().out)["promises"]
    assert [each["check"] for each in promises] == ["nulls[a]", "rule[small]"]


@pytest.mark.usefixtures("broken")
def test_github_is_told_by_annotations_and_people_beside_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check("--format", "github") == ExitCode.BROKEN

    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "::error file=contracts/t.yaml,line=4,col=5,title=t nulls[a] broken"
        "::[null-values] promised: no null%0Aobserved: 1 null among 3",
        "::warning file=contracts/t.yaml,line=6,col=5,title=t rule[small] broken"
        "::[rule-violated] promised: a < 3%0Aobserved: false for 1 of 3 rows",
    ]
    assert "8 of 8 promises looked at" in captured.err


def test_options_reach_the_run(project: Path) -> None:
    options = "--select nulls --select t::rows --memory 512MB --samples 3 --verify-data"

    assert check("contracts/t.yaml", *options.split(), "--manifest", "out/m.json") == ExitCode.KEPT

    told = json.loads((project / "out" / "m.json").read_text())
    assert told["run"]["options"]["samples"] == 3
    assert told["run"]["options"]["verify_data"] is True
    assert told["run"]["keyword"] == "nulls or t::rows"
    assert told["run"]["lake"] == (project / "lake").as_posix()
    assert told["memory"]["limit"] == 512 * 1024**2
    assert [each["check"] for each in told["promises"]] == ["rows", "nulls[a]"]


def test_the_manifest_is_written_whatever_the_verdicts(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--manifest", "m.json") == ExitCode.BROKEN
    capsys.readouterr()
    assert check("--format", "json") == ExitCode.BROKEN

    printed = json.loads(capsys.readouterr().out)
    written = json.loads((broken / "m.json").read_text())
    checks = [promise["check"] for promise in written["promises"]]
    assert {"table", "rows", "field[a]", "nulls[a]"} <= set(checks)
    assert [promise["check"] for promise in printed["promises"]] == checks


@pytest.mark.usefixtures("broken")
def test_reports_are_written_whatever_the_verdicts() -> None:
    assert check("--report", "markdown=out/r.md", "--report", "github=a.txt") == ExitCode.BROKEN

    assert "1 null among 3" in Path("out/r.md").read_text(encoding="utf-8")
    assert Path("a.txt").read_text(encoding="utf-8").startswith("::error file=contracts/t.yaml")


def test_results_are_rows_with_the_run_that_they_are_of(broken: Path) -> None:
    assert check("--results", "runs/1.parquet") == ExitCode.BROKEN

    rows = pq.read_table(broken / "runs" / "1.parquet").to_pylist()
    assert {row["check"]: row["outcome"] for row in rows if row["failed"]} == {"nulls[a]": "broken"}
    assert all(row["started"] is not None for row in rows)


@pytest.mark.usefixtures("broken")
def test_results_that_cannot_be_written_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--results", "lake") == ExitCode.NOT_RUN

    assert "lake" in capsys.readouterr().err


@pytest.mark.parametrize("asked", ["pdf=x", "markdown", "markdown="])
@pytest.mark.usefixtures("project")
def test_a_report_that_there_is_not_is_refused(
    asked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--report", asked) == ExitCode.NOT_RUN

    assert (
        "there are github, gitlab, "
        if asked == "pdf=x"
        else "one of github, gitlab, " in capsys.readouterr().err
    )


def test_a_manifest_that_cannot_be_written_is_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "out").write_text("a file")

    assert check("--manifest", "out/m.json") == ExitCode.NOT_RUN

    told = capsys.readouterr().err
    assert told.startswith("cst-contracts: out/m.json: could not be written: ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--memory", "much"], "'much' is no size; write a whole number and a unit"),
        (["--samples", "-1"], "-1 is not in the range"),
        (["--format", "xml"], "'xml' is not one of 'text', 'json', 'github'"),
        (["nowhere"], "nowhere: there is no such file or folder"),
    ],
)
@pytest.mark.usefixtures("project")
def test_bad_usage_looks_at_nothing(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(*arguments) == ExitCode.NOT_RUN

    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.out == ""


@pytest.mark.usefixtures("project")
def test_a_selection_of_nothing_is_not_kept_and_says_what_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check("--select", "nulls[b]") == ExitCode.NOT_RUN
    assert "`nulls[b]` names no check; the nearest" in capsys.readouterr().out

    assert check("--select", "nulls", "--select", "t::rowz", "--quiet") == ExitCode.BROKEN
    assert capsys.readouterr().out == "`t::rowz` names no check; the nearest is `rows`\n"


def test_an_ill_formed_contract_ends_with_3(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "contracts" / "u.yaml").write_text("table: u\nfilds: []\n")

    assert check() == ExitCode.ILL_FORMED

    captured = capsys.readouterr()
    assert "contracts/u.yaml:2:1: unknown key `filds`" in captured.out + captured.err


def test_a_folder_without_contracts_ends_with_2(project: Path) -> None:
    (project / "contracts" / "t.yaml").unlink()

    assert check() == ExitCode.NOT_RUN


@pytest.mark.parametrize("arguments", [[], ["--snapshots", "kept"]], ids=["usual", "named"])
def test_snapshots_are_compared_where_the_project_keeps_some_or_begins_to(
    project: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project / (arguments[-1] if arguments else "snapshots")
    assert check("--snapshot-update", *arguments) == ExitCode.KEPT
    assert "t.json: accepted as it is, without one to compare with" in capsys.readouterr().out
    assert [file.name for file in folder.iterdir()] == ["t.json"]

    file = project / "lake" / "t" / "part-0.parquet"
    pq.write_table(pa.table({"a": pa.array([1], pa.int64()), "b": ["x"]}), file)
    options = ["--select", "snapshot", *arguments]
    assert check(*options) == ExitCode.BROKEN
    capsys.readouterr()
    assert check(*options, "--snapshot-update", "--quiet") == ExitCode.KEPT
    assert capsys.readouterr().out.splitlines() == [
        "t.json: accepted 1 compatible",
        "  b: absent → string (compatible)",
    ]
    assert check(*options) == ExitCode.KEPT


def test_a_snapshot_without_a_contract_is_red_and_removed_by_an_update(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check("--snapshot-update")
    (project / "snapshots" / "gone.json").write_text(_GONE)
    capsys.readouterr()

    assert check("--quiet") == ExitCode.BROKEN
    assert capsys.readouterr().out == (
        "snapshots/gone.json is an orphan: its contract is gone; "
        "`--snapshot-update` over everything removes it\n"
    )
    assert check("--quiet", "--select", "t::") == ExitCode.KEPT
    assert check("--quiet", "--snapshot-update") == ExitCode.KEPT
    assert capsys.readouterr().out == "snapshots/gone.json was an orphan, and is removed\n"
    assert check() == ExitCode.KEPT


@pytest.mark.parametrize(("no_color", "colored"), [("", True), ("1", False)])
@pytest.mark.usefixtures("broken")
def test_colours_are_for_terminals_without_no_color(
    monkeypatch: pytest.MonkeyPatch, no_color: str, *, colored: bool
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("NO_COLOR", no_color)

    check()

    assert ("\x1b[31mcontracts/t.yaml:4:5: t nulls[a]" in terminal.getvalue()) is colored
    assert ("\x1b" in terminal.getvalue()) is colored


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Who is told how far the reading of tables has come, of each call of the gate."""
    heard: list[object] = []
    real: Callable[..., Any] = api.check

    def listened(contracts: Any, **options: Any) -> Any:
        heard.append(options["progress"])
        return real(contracts, **options)

    monkeypatch.setattr(api, "check", listened)
    return heard


@pytest.mark.parametrize(("arguments", "shown"), [([], True), (["--quiet"], False)])
@pytest.mark.usefixtures("project")
def test_a_terminal_is_shown_progress_unless_quiet(
    monkeypatch: pytest.MonkeyPatch, listeners: list[object], arguments: list[str], *, shown: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.delenv("CI", raising=False)

    check(*arguments)

    assert [isinstance(each, TerminalProgress) for each in listeners] == [shown]


def test_what_moved_since_an_earlier_run_is_told_and_changes_no_exit_status(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--manifest", "old.json") == ExitCode.KEPT
    capsys.readouterr()
    assert check("--against", "old.json") == ExitCode.KEPT
    assert ": nothing moved\n" in capsys.readouterr().out
    write_rows(project, [1, None])
    assert check("--against", "old.json", "--report", "markdown=now.md") == ExitCode.BROKEN
    assert "  breaks  t: nulls[a]: kept → broken [breaking]\n" in capsys.readouterr().out
    assert "### Since the run of " in (project / "now.md").read_text(encoding="utf-8")
    result = api.check("contracts", lake="lake")
    assert "nulls\\[a\\]: kept → broken" in result.report("markdown", against=["old.json"])
    capsys.readouterr()
    assert check("--against", "old.json", "--format", "github", "--quiet") == ExitCode.BROKEN
    captured = capsys.readouterr()
    assert "kept → broken" in captured.err
    assert "kept → broken" not in captured.out


@pytest.mark.usefixtures("project")
def test_an_earlier_manifest_is_read_before_anything_is_looked_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check("--against", "old.json", "--manifest", "new.json") == ExitCode.NOT_RUN
    assert "old.json: could not be read" in capsys.readouterr().err
    assert not Path("new.json").exists()
