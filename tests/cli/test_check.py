"""`check`, as it calls `cst_contracts.api.check` and tells what comes of it.

The calls are recorded by a stand-in for that one function: what it looks at is tested where it lives.
"""

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from support.promises import promise

from cst_contracts.checks.codes import FindingCode
from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main
from cst_contracts.cli.progress import TerminalProgress
from cst_contracts.contract.model import Severity
from cst_contracts.report.manifest_file import Outcome, PromiseRecord, SampleEntry

KEPT = replace(promise("c/t.yaml", "t", "rows"), rows=3)
BROKEN = replace(
    promise("c/t.yaml", "t", "nulls[a]", line=3),
    outcome=Outcome.BROKEN,
    code=FindingCode.NULL_VALUES,
    promised="no null",
    observed="1 null among 3",
    failed=True,
    samples=(SampleEntry(file="part-0.parquet", row=2, values={"a": "NULL"}),),
)
WARNED = replace(
    promise("c/t.yaml", "t", "rule[r]", line=4),
    outcome=Outcome.BROKEN,
    severity=Severity.WARN,
    code=FindingCode.RULE_VIOLATED,
)


class Result:
    def __init__(self, exit_code: int, *promises: PromiseRecord) -> None:
        self.exit_code = exit_code
        self.promises = promises

    def summary(self, width: int) -> Sequence[str]:
        assert width > 0
        return [f"{len(self.promises)} promises"]

    def manifest_json(self) -> str:
        return json.dumps({"promises": [promise.check for promise in self.promises]}) + "\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """What `api.check` was called with; its result is broken. The current folder has contracts."""
    (tmp_path / "contracts").mkdir()
    monkeypatch.chdir(tmp_path)
    made: list[dict[str, Any]] = []

    def check(contracts: Sequence[Path], **options: Any) -> Result:
        made.append({"contracts": list(contracts), **options})
        return Result(ExitCode.BROKEN, KEPT, BROKEN, WARNED)

    monkeypatch.setitem(sys.modules, "cst_contracts.api", SimpleNamespace(check=check))
    return made


def test_without_options_the_folder_of_contracts_is_checked(calls: list[dict[str, Any]]) -> None:
    main(["check"])

    assert calls == [
        {
            "contracts": [Path("contracts")],
            "lake": None,
            "select": (),
            "snapshots": None,
            "update_snapshots": False,
            "memory": None,
            "samples": 0,
            "verify_data": False,
            "progress": None,
        }
    ]


def test_options_reach_the_run(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("")
    options = "--lake s3://lake --select nulls --select t::rows --memory 512MB --samples 3"
    more = "--verify-data --snapshots kept --snapshot-update"

    main(["check", "t.yaml", "contracts", *options.split(), *more.split()])

    assert calls == [
        {
            "contracts": [Path("t.yaml"), Path("contracts")],
            "lake": "s3://lake",
            "select": ("nulls", "t::rows"),
            "snapshots": Path("kept"),
            "update_snapshots": True,
            "memory": 512 * 1024**2,
            "samples": 3,
            "verify_data": True,
            "progress": None,
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "there", "used"),
    [
        ([], False, None),
        ([], True, Path("snapshots")),
        (["--snapshot-update"], False, Path("snapshots")),
        (["--snapshots", "kept"], False, Path("kept")),
    ],
)
def test_snapshots_are_compared_where_the_project_keeps_some_or_begins_to(
    calls: list[dict[str, Any]],
    tmp_path: Path,
    arguments: list[str],
    used: Path | None,
    *,
    there: bool,
) -> None:
    if there:
        (tmp_path / "snapshots").mkdir()

    main(["check", *arguments])

    assert calls[0]["snapshots"] == used


@pytest.mark.usefixtures("calls")
def test_bad_news_is_told_with_both_sides_and_then_the_summary(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check"]) == ExitCode.BROKEN

    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "c/t.yaml:3:5: t nulls[a]: broken [null-values]",
        "    promised: no null",
        "    observed: 1 null among 3",
        "    row:      part-0.parquet, row 2: a=NULL",
        "c/t.yaml:4:5: t rule[r]: broken [rule-violated]",
        "3 promises",
    ]
    assert captured.err == ""


@pytest.mark.usefixtures("calls")
def test_quiet_leaves_the_summary_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--quiet"]) == ExitCode.BROKEN

    assert "promises" not in capsys.readouterr().out


@pytest.mark.usefixtures("calls")
def test_as_json_the_manifest_alone_is_on_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "--format", "json"]) == ExitCode.BROKEN

    assert json.loads(capsys.readouterr().out) == {"promises": ["rows", "nulls[a]", "rule[r]"]}


@pytest.mark.usefixtures("calls")
def test_github_is_told_by_annotations_and_people_beside_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "--format", "github"]) == ExitCode.BROKEN

    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "::error file=c/t.yaml,line=3,col=5,title=t nulls[a] broken"
        "::[null-values] promised: no null%0Aobserved: 1 null among 3",
        "::warning file=c/t.yaml,line=4,col=5,title=t rule[r] broken::[rule-violated] ",
    ]
    assert captured.err == "3 promises\n"


@pytest.mark.usefixtures("calls")
def test_the_manifest_is_written_whatever_the_verdicts(tmp_path: Path) -> None:
    assert main(["check", "--manifest", "out/m.json"]) == ExitCode.BROKEN

    told = json.loads((tmp_path / "out" / "m.json").read_text())
    assert told == {"promises": ["rows", "nulls[a]", "rule[r]"]}


@pytest.mark.usefixtures("calls")
def test_a_manifest_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("a file")

    assert main(["check", "--manifest", "out/m.json"]) == ExitCode.NOT_RUN

    told = capsys.readouterr().err
    assert told.startswith("cst-contracts: out/m.json: could not be written: ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--memory", "much"], "'much' is no size; write a whole number and a unit"),
        (["--samples", "-1"], "-1 is not in the range"),
        (["--format", "xml"], "'xml' is not one of 'text', 'json', 'github'"),
    ],
)
def test_bad_usage_looks_at_nothing(
    calls: list[dict[str, Any]],
    arguments: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", *arguments]) == ExitCode.NOT_RUN

    assert told in capsys.readouterr().err
    assert calls == []


@pytest.mark.parametrize(("no_color", "colored"), [("", True), ("1", False)])
@pytest.mark.usefixtures("calls")
def test_colours_are_for_terminals_without_no_color(
    monkeypatch: pytest.MonkeyPatch, no_color: str, *, colored: bool
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("NO_COLOR", no_color)

    main(["check"])

    assert ("\x1b[31mc/t.yaml:3:5: t nulls[a]" in terminal.getvalue()) is colored
    assert ("\x1b" in terminal.getvalue()) is colored


@pytest.mark.parametrize(("arguments", "shown"), [([], True), (["--quiet"], False)])
def test_a_terminal_is_shown_progress_unless_quiet(
    monkeypatch: pytest.MonkeyPatch,
    calls: list[dict[str, Any]],
    arguments: list[str],
    *,
    shown: bool,
) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.delenv("CI", raising=False)

    main(["check", *arguments])

    assert isinstance(calls[0]["progress"], TerminalProgress) is shown
