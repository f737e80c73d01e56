"""`--cst-manifest`: one JSON object of what was promised and observed."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from cst_contracts.report.manifest_file import manifest_schema

pytest_plugins = "pytester"

FIELDS = """\
fields: [{name: ref_id, type: string, nullable: false}, {name: path, type: string, nullable: false}]
nullability: values
"""
SESSION = "session: runtime\nfunctions: [arrow_typeof]\n"
ILL_FORMED = "table: bad\nfeilds: []\n"


def contract(table: str, format_: str = "parquet") -> str:
    suffix = "" if format_ == "delta" else f".{format_}"
    return f"table: {table}\nsource: {{format: {format_}, location: {table}{suffix}}}\n{FIELDS}"


def contracts(project: pytest.Pytester, **texts: str) -> None:
    project.makeini("[pytest]\ncst_lake = lake")
    project.makefile(".yaml", **{f"contracts/{name}": text for name, text in texts.items()})


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess(
        "-p", "no:cacheprovider", "--cst-manifest", "out/deep/manifest.json", *arguments
    )


def written(project: pytest.Pytester) -> Any:
    """Valid by its own schema."""
    manifest = json.loads((project.path / "out/deep/manifest.json").read_text(encoding="utf-8"))
    Draft202012Validator(manifest_schema()).validate(manifest)
    return manifest


def promised(manifest: Any) -> list[tuple[str, str, str]]:
    return [(each["contract"], each["check"], each["outcome"]) for each in manifest["promises"]]


def test_what_pytest_selected_and_how_it_ended_is_told(project: pytest.Pytester) -> None:
    contracts(project, lost=contract("lost"), bad=ILL_FORMED)
    run(project, "-p", "no:xdist", "-k", "nulls", "-m", "cst_values", "--cst-samples=3")
    told = written(project)["run"]
    assert {name: told[name] for name in ("deselected", "exit_status", "keyword", "markers")} == {
        "deselected": 8,
        "exit_status": 1,
        "keyword": "nulls",
        "markers": "cst_values",
    }
    assert told["options"]["samples"] == 3
    assert (told["root"], told["lake"]) == (
        project.path.as_posix(),
        (project.path / "lake").as_posix(),
    )


SURROUNDINGS = """
import pytest

@pytest.fixture(autouse=True)
def surroundings(request):
    if request.node.name == "rows":
        raise RuntimeError("no disk")
    if request.node.name == "fields":
        pytest.skip("not on Tuesdays")
"""


def test_promises_that_did_not_run_are_listed_as_undecided(project: pytest.Pytester) -> None:
    project.makeconftest(SURROUNDINGS)
    contracts(
        project, refs=contract("refs"), sound=contract("refs").replace("table: refs", "table: s")
    )
    run(project, "-p", "no:xdist", "--maxfail=2").assert_outcomes(passed=9, skipped=1, errors=2)
    manifest = written(project)
    assert len(manifest["promises"]) == 18
    told = [
        (each["contract"], each["check"], each["observed"], each["failed"])
        for each in manifest["promises"]
        if each["code"] == "not-checkable"
    ]
    refs, other = "contracts/refs.yaml", "contracts/sound.yaml"
    assert told[:5] == [
        (refs, "rows", "setup: RuntimeError: no disk", True),
        (refs, "fields", "setup: Skipped: not on Tuesdays", False),
        (other, "rows", "setup: RuntimeError: no disk", True),
        (other, "fields", "the run ended before it", False),
        (other, "field[ref_id]", "the run ended before it", False),
    ]


APPENDS = """
import time
from pathlib import Path
from deltalake import DeltaTable, write_deltalake

def pytest_runtest_setup(item):
    # xdist: the second worker first comes to the table when there is more in it.
    second = getattr(item.config, "workerinput", {}).get("workerid") == "gw1"
    while second and len(list(Path("lake/delta/_delta_log").glob("*.json"))) < 2:
        time.sleep(0.01)

def pytest_runtest_teardown(item):
    rows = DeltaTable("lake/delta", version=0).to_pyarrow_table()
    write_deltalake("lake/delta", rows, mode="append")
"""


def test_a_delta_table_that_grows_during_the_run_is_of_one_version(
    project: pytest.Pytester,
) -> None:
    """Every appended row is a duplicate, and after every promise there are more of them."""
    project.makeconftest(APPENDS)
    rules = ", ".join(f"{{name: rule{index}, sql: ref_id <> '{index}'}}" for index in range(12))
    text = f"{contract('delta', 'delta')}keys: [[ref_id]]\nrules: [{rules}]\n"
    contracts(project, delta=text)
    run(project, "-n", "2").assert_outcomes(passed=24)
    manifest = written(project)
    (table,) = manifest["tables"]
    assert (table["delta_version"], table["delta_latest_version"], table["rows"]) == (0, 0, 3)
    assert {each["rows"] for each in manifest["promises"]} == {None, 3}
    assert len(list((project.path / "lake/delta/_delta_log").glob("*.json"))) == 25


def test_a_manifest_of_nothing_is_written_and_red(project: pytest.Pytester) -> None:
    result = run(project, "-p", "no:xdist")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["no promise was looked at: this run says nothing about the tables"]
    )
    manifest = written(project)
    assert (manifest["promises"], manifest["tables"]) == ([], [])


@pytest.mark.parametrize("target", ["lake", "occupied.txt/manifest.json"])
def test_a_manifest_that_cannot_be_written_is_told(project: pytest.Pytester, target: str) -> None:
    contracts(project, refs=contract("refs"))
    (project.path / "occupied.txt").touch()
    result = project.runpytest_inprocess("-k", "table", "--cst-manifest", target)
    result.assert_outcomes(passed=1, deselected=8)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"*/{target}: could not be written: *"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_reports_are_written_beside_the_manifest(project: pytest.Pytester) -> None:
    contracts(project, refs=contract("refs"))
    asked = ["markdown=out/told.md", "json=again.json", "html=page.html"]
    asked = [each for report in asked for each in ("--cst-report", report)]
    result = project.runpytest_inprocess(*asked, "--cst-manifest", "m.json")
    assert result.ret == pytest.ExitCode.OK
    told = (project.path / "out/told.md").read_text(encoding="utf-8")
    assert "9 of 9 promises looked at: 8 kept, 1 vacuous (allowed)" in told
    assert "No promise fails." in (project.path / "page.html").read_text(encoding="utf-8")
    manifest = (project.path / "m.json").read_bytes()
    assert (project.path / "again.json").read_bytes() == manifest


def test_a_report_alone_has_seen_what_a_manifest_has(project: pytest.Pytester) -> None:
    contracts(project, refs=contract("refs"))
    result = project.runpytest_inprocess("-n1", "--cst-report", "json=alone.json")
    assert result.ret == pytest.ExitCode.OK
    told = json.loads((project.path / "alone.json").read_text(encoding="utf-8"))
    assert [each["table"] for each in told["tables"]] == ["refs"]
    assert [each["file"] for each in told["contracts"]] == ["contracts/refs.yaml"]


def test_results_are_rows_with_the_run_that_they_are_of(project: pytest.Pytester) -> None:
    contracts(project, refs=contract("refs"))
    result = project.runpytest_inprocess("--cst-results", "runs/1.parquet")
    assert result.ret == pytest.ExitCode.OK
    rows = pq.read_table(project.path / "runs" / "1.parquet").to_pylist()
    assert [row["id"] for row in rows][:2] == [
        "contracts/refs.yaml::table",
        "contracts/refs.yaml::source",
    ]
    assert all(row["started"] is not None for row in rows)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("pdf=x", "there is no report 'pdf'; there are github, gitlab, *"),
        ("markdown", "'markdown' names no file; write NAME=FILE, *"),
    ],
)
def test_a_report_that_there_is_not_is_refused(
    project: pytest.Pytester, asked: str, told: str
) -> None:
    contracts(project, refs=contract("refs"))
    result = project.runpytest_inprocess("--cst-report", asked)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --cst-report: {told}"])


def test_a_manifest_replaces_the_one_before_whole(project: pytest.Pytester) -> None:
    """Relative to where pytest was started; nothing else is left beside it."""
    contracts(project, refs=contract("refs"))
    file = Path(project.path, "out/deep/manifest.json")
    file.parent.mkdir(parents=True)
    file.write_text("[" * 100_000)
    run(project, "--collect-only").assert_outcomes()
    assert file.read_text() == "[" * 100_000
    run(project, "-k", "table").assert_outcomes(passed=1, deselected=8)
    assert promised(written(project)) == [("contracts/refs.yaml", "table", "kept")]
    assert list(file.parent.iterdir()) == [file]


VIEW = '{name: loud, sql: "SELECT upper(ref_id) AS id FROM refs"}'
VIEWED = f"{contract('refs')}views: [{VIEW}]\n"
REQUIRING = """\
session: runtime
functions: [arrow_typeof]
settings:
  datafusion.execution.parquet.pushdown_filters: "true"
  datafusion.sql_parser.dialect: generic
catalog: {location: artifacts, format: parquet, tables: [moved]}
"""


def without_clock_and_peak(manifest: Path) -> bytes:
    """What differs from run to run: when it was, and the memory that it took."""
    pattern = rb'"(peak|started|duration)": ("[^"]*"|[\d.]+)'
    masked, times = re.subn(pattern, rb'"\1": 0', manifest.read_bytes())
    assert times == 3
    return masked


def test_equal_input_gives_equal_bytes_in_another_process(project: pytest.Pytester) -> None:
    (project.path / "lake/artifacts").mkdir()
    (project.path / "lake/moved.parquet").rename(project.path / "lake/artifacts/moved.parquet")
    contracts(project, refs=VIEWED, lost=contract("lost"), runtime=REQUIRING)
    file = project.path / "out/deep/manifest.json"
    run(project, "-p", "no:xdist")
    first = without_clock_and_peak(file)
    run(project, "-p", "no:xdist")
    assert without_clock_and_peak(file) == first
    run(project, "-n", "2")
    assert without_clock_and_peak(file) == first


def test_what_moved_since_earlier_runs_is_told(project: pytest.Pytester) -> None:
    """By the flag or the ini key; a run of a part says nothing of the rest."""
    contracts(project, t=contract("refs"), u=contract("bare"))
    run(project, "contracts")
    project.makeini("[pytest]\ncst_lake = lake\ncst_against = out/deep/manifest.json")
    contract_file = project.path / "contracts" / "t.yaml"
    contract_file.write_text(contract_file.read_text().replace("string", "int64", 1))
    project.path.joinpath("contracts", "u.yaml").unlink()
    told = project.runpytest_inprocess("-p", "no:cacheprovider", "contracts")
    told.stdout.fnmatch_lines(
        [
            "since the run of *: *; * promises of it not looked at now",
            "  breaks  refs: field*ref_id*: kept → broken [[]breaking[]]",
        ]
    )
    refused = project.runpytest_inprocess("contracts", "--cst-against", "gone.json")
    refused.stderr.fnmatch_lines("*--cst-against: *gone.json: could not be read: *")


def test_an_earlier_run_of_the_ini_key_that_is_not_there_fails_no_run_without_contracts(
    project: pytest.Pytester,
) -> None:
    contracts(project, t=contract("refs"))
    project.makeini("[pytest]\ncst_lake = lake\ncst_against = gone.json")
    project.makepyfile("def test_other():\n    assert True\n")
    names = next(iter(project.path.glob("test_*.py"))).name
    assert project.runpytest_inprocess("-p", "no:cacheprovider", names).ret == 0
    told = project.runpytest_inprocess("-p", "no:cacheprovider", "contracts")
    told.stdout.fnmatch_lines("*gone.json: could not be read: *")
    assert told.ret == 1
