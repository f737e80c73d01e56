"""A report is made of what was answered, also where a run ends early or in another order."""

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.signals import endings_heard

pytest_plugins = "pytester"


@pytest.fixture(autouse=True)
def executable() -> None:
    """Inner runs are processes that have imported nothing, and hear signals."""


FIELDS = """\
fields:
  - {name: ref_id, type: string, nullable: false}
  - {name: path, type: string, nullable: false}
nullability: values
"""
#: Its view is made by a function of the project's own, which counts the batches that it is called for.
VIEWS = """\
views:
  - name: called
    sql: SELECT counted(path) AS c FROM refs
    fields: [{name: c, type: bool, nullable: false}]
"""
COUNTING = """
from pathlib import Path

import pyarrow as pa
from datafusion import SessionConfig, SessionContext, udf


def counted(paths):
    with Path("calls.txt").open("a") as file:
        file.write("called\\n")
    return pa.array([True] * len(paths))


def pytest_cst_contracts_session(config):
    session = SessionContext(SessionConfig().with_information_schema(True))
    function = udf(counted, [pa.string()], pa.bool_(), "volatile", "counted")
    session.register_udf(function)
    session.register_parquet("refs", "lake/refs.parquet")
    return session
"""


def contract(table: str) -> str:
    return f"table: {table}\nsource: {{format: parquet, location: lake/{table}.parquet}}\n{FIELDS}"


def manifest(project: pytest.Pytester) -> Any:
    return json.loads((project.path / "m.json").read_text())


def outcomes(project: pytest.Pytester) -> dict[str, str]:
    return {each["check"]: each["outcome"] for each in manifest(project)["promises"]}


def calls(project: pytest.Pytester) -> int:
    file = project.path / "calls.txt"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_after_x_no_row_is_read_for_the_manifest(project: pytest.Pytester) -> None:
    project.makeconftest(COUNTING)
    text = contract("refs").replace("name: path, type: string", "name: path, type: int64") + VIEWS
    project.makefile(".yaml", **{"contracts/refs": text})
    result = project.runpytest_subprocess("-p", "no:xdist", "-x", "--cst-manifest=m.json")
    result.assert_outcomes(passed=5, failed=1)
    assert calls(project) == 0
    assert outcomes(project)["view[called]"] == "undecided"
    assert [each["table"] for each in manifest(project)["tables"]] == ["refs"]


def test_after_a_failed_schema_no_row_is_read_for_the_manifest(project: pytest.Pytester) -> None:
    project.makeconftest(COUNTING)
    text = contract("refs").replace("name: path, type: string", "name: path, type: int64") + VIEWS
    project.makefile(".yaml", **{"contracts/refs": text})
    options = ("-p", "no:xdist", "--cst-manifest=m.json")
    result = project.runpytest_subprocess(*options, "-k", "field or table")
    result.assert_outcomes(passed=3, failed=1, deselected=6)
    assert calls(project) == 0
    assert len(outcomes(project)) == 4
    project.runpytest_subprocess(*options, "-k", "view").assert_outcomes(passed=1, deselected=9)
    assert calls(project) > 0


SLOW = COUNTING.replace(
    """    return pa.array([True]""",
    """    import time
    time.sleep(0.2)
    return pa.array([True]""",
)


def test_an_interrupted_run_ends_and_writes_what_it_has_seen(project: pytest.Pytester) -> None:
    """A measurement that would take minutes is given up, and not begun again for the report."""
    rows = {"ref_id": ["a"] * 100_000, "path": ["p"] * 100_000}
    schema = pa.schema([pa.field("ref_id", pa.string(), nullable=False), ("path", pa.string())])
    pq.write_table(
        pa.table(rows, schema=schema), project.path / "lake/refs.parquet", row_group_size=100
    )
    project.makeconftest(
        SLOW.replace("SessionConfig()", 'SessionConfig({"datafusion.execution.batch_size": "100"})')
    )
    project.makefile(".yaml", **{"contracts/refs": contract("refs") + VIEWS})
    environment = {name: value for name, value in os.environ.items() if "PYTEST_XDIST" not in name}
    with endings_heard():
        run = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pytest",
                "contracts",
                "-p",
                "no:xdist",
                "--cst-manifest=m.json",
            ],
            cwd=project.path,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
    while calls(project) < 3 and run.poll() is None:
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert calls(project) < 200
    told = outcomes(project)
    assert (told["table"], told["field[path]"]) == ("kept", "kept")
    assert told["view[called]"] == "undecided"


SHUFFLED = """
import random

def pytest_collection_modifyitems(items):
    random.Random(7).shuffle(items)
"""


def test_the_manifest_is_in_the_order_of_contracts_whatever_ran_first(
    project: pytest.Pytester,
) -> None:
    texts = {f"contracts/{name}": contract(name) for name in ("refs", "lost", "moved")}
    project.makefile(".yaml", **texts)
    manifests = []
    for text in ("", SHUFFLED):
        project.makeconftest(text)
        result = project.runpytest_subprocess("-p", "no:xdist", "--cst-manifest=m.json")
        result.assert_outcomes(passed=25, failed=2)
        told = manifest(project)
        del told["memory"], told["run"]
        manifests.append(told)
    assert json.dumps(manifests[0]) == json.dumps(manifests[1])


AGAIN = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""


def test_a_plugin_that_runs_items_again_counts_and_tells_them_once(
    project: pytest.Pytester,
) -> None:
    """As those do that give a flaky test another chance: a promise that is broken stays so."""
    project.makefile(".yaml", **{"contracts/lost": contract("lost")})
    told = []
    for text in ("", AGAIN):
        project.makeconftest(text)
        result = project.runpytest_inprocess("-p", "no:xdist", "--cst-manifest=m.json")
        result.assert_outcomes(passed=8, failed=1)
        result.stdout.fnmatch_lines(["lost * 7 * 1 * 1 * 1"])
        found = manifest(project)
        del found["memory"], found["run"]
        told.append(found)
    assert json.dumps(told[0]) == json.dumps(told[1])
