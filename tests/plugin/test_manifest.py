"""`--cst-manifest`: one JSON object of what was promised and observed."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cst_contracts.cli.main import main
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
    return project.runpytest_subprocess(
        "-p", "no:cacheprovider", "--cst-manifest", "out/deep/manifest.json", *arguments
    )


def written(project: pytest.Pytester) -> Any:
    """Valid by its own schema."""
    manifest = json.loads((project.path / "out/deep/manifest.json").read_text(encoding="utf-8"))
    Draft202012Validator(manifest_schema()).validate(manifest)
    return manifest


def promised(manifest: Any) -> list[tuple[str, str, str]]:
    return [(each["contract"], each["check"], each["outcome"]) for each in manifest["promises"]]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(manifest_schema())


def test_the_manifest_has_the_agreed_keys_for_all_that_was_selected(
    project: pytest.Pytester,
) -> None:
    contracts(
        project,
        lost=contract("lost"),
        gone=contract("gone"),
        bare=contract("bare"),
        delta=contract("delta", "delta"),
        bad=ILL_FORMED,
        runtime=SESSION,
    )
    assert run(project, "-p", "no:xdist").ret == pytest.ExitCode.TESTS_FAILED
    manifest = written(project)
    assert manifest["manifest_version"] == 1
    assert manifest["versions"].keys() == {
        *("cst_contracts", "datafusion", "deltalake", "pyarrow", "python")
    }
    assert manifest["settings"]["datafusion.catalog.information_schema"] == "true"
    functions = {each["name"]: each for each in manifest["functions"]}
    assert functions["arrow_typeof"]["kind"] == "scalar"
    tables = {each["table"]: each for each in manifest["tables"]}
    assert list(tables) == ["bare", "delta", "gone", "lost"]
    assert [each["table"] for each in manifest["tables"] if "error" in each] == ["gone"]
    assert (tables["gone"]["error"], tables["gone"]["format"]) == (
        "no Parquet file there",
        "parquet",
    )
    assert (tables["delta"]["format"], tables["delta"]["delta_version"]) == ("delta", 0)
    assert [tables[name]["rows"] for name in ("bare", "delta", "lost")] == [0, 3, 2]
    assert tables["lost"]["location"].endswith("/lake/lost.parquet")
    assert [each["path"] for each in tables["lost"]["fields"]] == ["ref_id", "path"]
    assert (tables["lost"]["partitioned_by"], tables["lost"]["ordered_by"]) == ([], [])
    assert {"check": "nulls[path]", "code": "null-values", "observed": "1 null among 2"} in tables[
        "lost"
    ]["diagnostics"]
    counted = dict.fromkeys(manifest["summary"], 0)
    for _, _, outcome in promised(manifest):
        counted[outcome] += 1
    assert manifest["summary"] == counted
    # gone: all but `table`; bare: both `nulls`; the ill-formed file.
    assert (counted["broken"], counted["undecided"], counted["waived"]) == (2, 10, 0)
    (lost,) = [
        each
        for each in manifest["promises"]
        if (each["contract"], each["check"]) == ("contracts/lost.yaml", "nulls[path]")
    ]
    assert lost == {
        "id": "contracts/lost.yaml::nulls[path]",
        "contract": "contracts/lost.yaml",
        "subject": "lost",
        "check": "nulls[path]",
        "group": "values",
        "outcome": "broken",
        "severity": "error",
        "place": "contracts/lost.yaml:3:57",
        "code": "null-values",
        "promised": "no null",
        "observed": "1 null among 2",
        "basis": "statistics",
        "samples": [],
        "rows": 2,
        "violations": 1,
        "hint": None,
        "failed": True,
        "hidden_by": None,
        "findings": [
            {
                "code": "null-values",
                "place": "contracts/lost.yaml:3:57",
                "subject": "lost.path",
                "promised": "no null",
                "observed": "1 null among 2",
            }
        ],
        "field": "path",
        "looked_at": {"rows": 2, "read": 0},
    }
    found = {each["id"]: each for each in manifest["promises"]}
    gone = found["contracts/gone.yaml::nulls[path]"]
    assert gone["cause"] == {
        "subject": "gone",
        "check": "table",
        "contract": "contracts/gone.yaml",
    }
    missing = found["contracts/gone.yaml::table"]["promised"]
    assert missing == "a table that the engine can read at gone.parquet"


OWNED = "owner: platform\nversion: 1.2.0\n"
WAIVED = 'waivers: [{check: "nulls[path]", reason: mended, owner: platform, expires: 2999-12-31}]\n'


def test_the_run_and_its_contracts_are_told(project: pytest.Pytester) -> None:
    contracts(project, lost=contract("lost") + OWNED + WAIVED, bad=ILL_FORMED)
    run(project, "-p", "no:xdist", "-k", "nulls", "--cst-samples=3")
    manifest = written(project)
    run_ = manifest["run"]
    assert datetime.fromisoformat(run_.pop("started")) <= datetime.now(UTC)
    assert run_.pop("duration") >= 0
    assert run_ == {
        "deselected": 7,
        "exit_status": 1,
        "keyword": "nulls",
        "options": {
            "samples": 3,
            "verify_data": False,
            "stream_rows": 100_000,
            "stream_seconds": 10.0,
        },
        "root": project.path.as_posix(),
        "lake": (project.path / "lake").as_posix(),
    }
    assert manifest["contracts"] == [
        {
            "file": "contracts/lost.yaml",
            "kind": "table",
            "name": "lost",
            "owner": "platform",
            "version": "1.2.0",
            "source": {"3": FIELDS.splitlines()[0]},
        },
    ]
    (waived,) = [each for each in manifest["promises"] if each["outcome"] == "waived"]
    assert waived["waiver"] == {"reason": "mended", "owner": "platform", "expires": "2999-12-31"}


def test_workers_leave_the_same_manifest_as_one_process(project: pytest.Pytester) -> None:
    contracts(project, refs=contract("refs"), lost=contract("lost"), runtime=SESSION)
    run(project, "-p", "no:xdist").assert_outcomes(passed=17, failed=1)
    alone = written(project)
    run(project, "-n", "2").assert_outcomes(passed=17, failed=1)
    spread = written(project)
    assert spread.pop("memory")["limit"] == alone.pop("memory")["limit"]
    for clock in ("started", "duration"):
        del spread["run"][clock], alone["run"][clock]
    assert spread == alone


def test_only_what_was_selected_is_listed(project: pytest.Pytester) -> None:
    contracts(project, refs=contract("refs"), lost=contract("lost"))
    run(project, "-p", "no:xdist", "-k", "refs and values").assert_outcomes(passed=3, deselected=13)
    manifest = written(project)
    assert [check for _, check, _ in promised(manifest)] == ["rows", "nulls[ref_id]", "nulls[path]"]
    assert [each["table"] for each in manifest["tables"]] == ["refs"]
    assert manifest["summary"]["kept"] == 3


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
    run(project, "-p", "no:xdist", "--maxfail=2").assert_outcomes(passed=7, skipped=1, errors=2)
    manifest = written(project)
    assert len(manifest["promises"]) == 16
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


@pytest.mark.parametrize("arguments", [("-p", "no:xdist"), ("-n", "2")], ids=["alone", "workers"])
def test_a_delta_table_that_grows_during_the_run_is_of_one_version(
    project: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    """Every appended row is a duplicate, and after every promise there are more of them."""
    project.makeconftest(APPENDS)
    rules = ", ".join(f"{{name: rule{index}, sql: ref_id <> '{index}'}}" for index in range(12))
    text = f"{contract('delta', 'delta')}keys: [[ref_id]]\nrules: [{rules}]\n"
    contracts(project, delta=text)
    run(project, *arguments).assert_outcomes(passed=23)
    manifest = written(project)
    (table,) = manifest["tables"]
    assert (table["delta_version"], table["delta_latest_version"], table["rows"]) == (0, 0, 3)
    assert {each["rows"] for each in manifest["promises"]} == {None, 3}
    assert len(list((project.path / "lake/delta/_delta_log").glob("*.json"))) == 24


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
    result = project.runpytest_subprocess("-k", "table", "--cst-manifest", target)
    result.assert_outcomes(passed=1, deselected=7)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"*/{target}: could not be written: *"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_a_manifest_replaces_the_one_before_whole(project: pytest.Pytester) -> None:
    """Relative to where pytest was started; nothing else is left beside it."""
    contracts(project, refs=contract("refs"))
    file = Path(project.path, "out/deep/manifest.json")
    file.parent.mkdir(parents=True)
    file.write_text("[" * 100_000)
    run(project, "--collect-only").assert_outcomes()
    assert file.read_text() == "[" * 100_000
    run(project, "-k", "table").assert_outcomes(passed=1, deselected=7)
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
"""


def without_clock_and_peak(manifest: Path) -> bytes:
    """What differs from run to run: when it was, and the memory that it took."""
    pattern = rb'"(peak|started|duration)": ("[^"]*"|[\d.]+)'
    masked, times = re.subn(pattern, rb'"\1": 0', manifest.read_bytes())
    assert times == 3
    return masked


def test_equal_input_gives_equal_bytes_in_another_process(project: pytest.Pytester) -> None:
    contracts(project, refs=VIEWED, lost=contract("lost"), runtime=REQUIRING)
    file = project.path / "out/deep/manifest.json"
    run(project, "-p", "no:xdist")
    first = without_clock_and_peak(file)
    run(project, "-p", "no:xdist")
    assert without_clock_and_peak(file) == first
    run(project, "-n", "2")
    assert without_clock_and_peak(file) == first


def test_views_and_required_settings_are_told(project: pytest.Pytester) -> None:
    contracts(project, refs=VIEWED, runtime=REQUIRING)
    run(project, "-p", "no:xdist").assert_outcomes(passed=12, failed=1)
    manifest = written(project)
    tables = {each["table"]: each for each in manifest["tables"]}
    assert tables["refs"]["view"] is None
    assert tables["loud"]["view"] == {
        "functions": ["upper"],
        "plan": ["Projection: upper(refs.ref_id) AS id", "  TableScan: refs"],
    }
    assert manifest["shadowed_functions"] == []
    pushdown, dialect = (
        "datafusion.execution.parquet.pushdown_filters",
        "datafusion.sql_parser.dialect",
    )
    runtime = "contracts/runtime.yaml"
    assert manifest["required_settings"] == [
        {
            "name": pushdown,
            "promised": "true",
            "effective": "false",
            "contract": runtime,
            "place": f"{runtime}:4:3",
        },
        {
            "name": dialect,
            "promised": "generic",
            "effective": "generic",
            "contract": runtime,
            "place": f"{runtime}:5:3",
        },
    ]


def test_the_manifests_of_two_runs_can_be_compared(
    project: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    """`refs` gets the rows of `moved`, whose path is a number, and a view asks for something else."""
    contracts(project, refs=VIEWED, runtime=SESSION)
    file = project.path / "out/deep/manifest.json"
    run(project, "-p", "no:xdist")
    old = file.rename(file.with_name("old.json"))
    (project.path / "lake/moved.parquet").replace(project.path / "lake/refs.parquet")
    contracts(project, refs=VIEWED.replace("upper", "lower"), runtime=SESSION)
    run(project, "-p", "no:xdist")
    capsys.readouterr()

    assert main(["compare", str(old), str(file)]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert "contracts/refs.yaml field[path]: kept → broken (breaking)" in lines
    assert "table refs: path: string → int64 (breaking)" in lines
    assert "table loud: calls upper → lower (compatible)" in lines
    assert main(["compare", str(file), str(file)]) == 0
