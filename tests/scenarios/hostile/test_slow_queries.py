"""Queries of contracts that take longer than they may are undecided and red; all else is looked at."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.project import Project, promise, red

from cst_contracts.errors import CstContractsError
from cst_contracts.report.manifest_file import Outcome

ROWS = pa.table(
    {
        "n": pa.array(range(4_000), pa.int64()),
        "at": pa.array([1] * 4_000, pa.timestamp("us", "UTC")),
        "s": pa.array([{"a": "x"}] * 4_000, pa.struct([("a", pa.string())])),
    }
)
CONTRACT = """\
table: t
source: {{format: {format}, location: t, ordered_by: [n]}}
fields:
  - {{name: n, type: int64, nullable: false, maximum: 4000}}
  - {{name: at, type: "timestamp[us, tz=UTC]"}}
  - {{name: s, type: struct, fields: [{{name: a, type: string, nullable: false}}]}}
nullability: values
keys: [[n]]
references: [{{fields: [n], table: t, to: [n]}}]
freshness: {{field: at, within: 999999d}}
rules: [{{name: above, sql: "n >= 0"}}]
aggregates: [{{name: all, sql: "count(*) > 0"}}]
queries: [{{name: q, sql: "SELECT n FROM t", fields: [{{name: n, type: int64}}]}}]
"""
TWICE = """\
  - {name: twice, sql: "SELECT n FROM t", fields: [{name: n, type: int64}]}
"""
#: What reads rows, or asks the engine for a plan. Null counts stand in footers, which no query reads.
ASKED = {
    *("rows", "order[declared]", "order[measured]", "order[plan]", "range[n]", "unique[n]"),
    *(
        "reference[n→t.n]",
        "rule[above]",
        "aggregate[all]",
        "freshness[at]",
        "view[twice]",
        "query[q]",
    ),
}
#: Of everything with everything: it is not over within a lifetime.
PAIRS = """\
  - name: pairs
    sql: SELECT count(*) AS c FROM t a, t b, t c, t d WHERE a.n + b.n + c.n + d.n < 0
    fields: [{name: c, type: int64}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "lake").mkdir()
    return Project(tmp_path)


def stored(project: Project, format_: str, views: str = "") -> None:
    if format_ == "delta":
        write_deltalake(project.lake / "t", ROWS)
    else:
        (project.lake / "t").mkdir()
        pq.write_table(ROWS, project.lake / "t" / "part.parquet")
    text = CONTRACT.format(format=format_)
    project.write(t=f"{text}views:\n{TWICE}{views}")


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_what_takes_too_long_is_red_for_each_kind_of_promise(
    project: Project, format_: str
) -> None:
    stored(project, format_)

    result = project.check(query_seconds=1e-9)

    slow = {each.check: each for each in result.promises if each.check in ASKED}
    assert set(slow) == ASKED
    assert {each.outcome for each in slow.values()} == {Outcome.UNDECIDED}
    assert {found.code for each in slow.values() for found in each.findings} == {"query-too-slow"}
    assert set(red(result).values()) == {("query-too-slow",)}
    assert result.exit_code == 1
    assert promise(result, "nulls[s.a]").outcome is Outcome.KEPT
    rows = promise(result, "rows")
    assert rows.observed == "it took longer than the 1e-09 s that a query may take (query_seconds)"
    assert rows.hint is not None
    assert "--cst-query-seconds" in rows.hint


def test_within_the_bound_all_is_looked_at(project: Project) -> None:
    stored(project, "parquet")

    assert red(project.check(query_seconds=600)) == {}
    assert red(project.check(query_seconds=1e12)) == {}  # longer than a thread can wait


def test_all_else_of_the_run_goes_on_and_the_run_ends(project: Project) -> None:
    """Also beside a query that nothing ends, which is left running."""
    stored(project, "parquet", PAIRS)
    arguments = ("check", "--lake", "lake", "--query-seconds", "2", "--format", "json")

    run = subprocess.run(
        [sys.executable, "-m", "cst_contracts", *arguments],
        cwd=project.path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    failed = [each for each in json.loads(run.stdout)["promises"] if each["failed"]]
    assert [(each["check"], each["findings"][0]["code"]) for each in failed] == [
        ("view[pairs]", "query-too-slow")
    ]


@pytest.mark.parametrize("seconds", [0, -1.5, float("nan"), float("inf"), "5"])
def test_a_bound_is_above_nothing(project: Project, seconds: Any) -> None:
    stored(project, "parquet")

    with pytest.raises(CstContractsError, match=r"query_seconds is .*; give a number above 0"):
        project.check(query_seconds=seconds)
