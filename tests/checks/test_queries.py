"""Readers' queries judged by answers: what only a session can do, and what stands in the way."""

from typing import Any

import pyarrow as pa
import pytest
from support.answers import Answered, checks_of

from cst_contracts.checks.queries import QueryRuns
from cst_contracts.checks.verdict import Broken, Kept, Undecided, Verdict
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    FieldRead,
    NullCount,
    QueryPlan,
    QueryRun,
    SessionFacts,
    Trouble,
)
from cst_contracts.needs import NullsNeed, SessionNeed

TEXT = """\
table: t
fields:
  - {name: a, type: int64}
  - {name: hidden, type: string, sensitive: true}
  - {name: list, type: list<int64>}
views: [{name: v, sql: SELECT a FROM t}]
queries:
  - name: q
    sql: SELECT a FROM t WHERE a > $a
    parameters: {a: int64}
    reads: [a]
    fields: [{name: a, type: int64, nullable: false}]
"""
PLAN = QueryPlan((FieldRead("t", "a"),), ("abs",), (("a", pa.int64()),))
RUN = QueryRun(pa.schema({"a": pa.int64()}), 7, (NullCount(7, 0, rows=7),))


def check() -> QueryRuns:
    found = checks_of(TEXT)["query[q]"]
    assert isinstance(found, QueryRuns)
    return found


def judged(plan: object = PLAN, run: object = RUN, session: object = None) -> Verdict:
    query = check()
    known: dict[Any, object] = {query.plan: plan, query.run: run}
    known[SessionNeed()] = SessionFacts({}, ()) if session is None else session
    return query.judge(Answered(known))


def test_a_query_asks_for_its_nulls_and_may_be_handed_plain_values() -> None:
    assert check().run.asked == (NullsNeed("q", "a"),)
    assert check().handed == ("a",)


def test_a_query_that_runs_as_promised_is_kept_with_its_rows() -> None:
    kept = judged()
    assert isinstance(kept, Kept)
    assert (kept.basis, kept.rows) == (Basis.SCAN, 7)


def test_a_function_that_hides_the_engine_s_own_is_red() -> None:
    broken = judged(session=SessionFacts({}, (), shadowed=("abs", "ceil")))
    assert isinstance(broken, Broken)
    assert [each.code for each in broken.findings] == ["shadowed-function"]
    told = judged(session=CouldNotLook("it tells nothing"))
    assert isinstance(told, Kept)


MORE = "name it under `reads`, or take it out of the SQL; `*` reads every field that comes"
LESS = "take it out of `reads`, unless the query is to read it one day"


@pytest.mark.parametrize(
    ("reads", "told"),
    [
        (("a",), []),
        (("a", "b", "c"), [("reads-more", "the plan scans b, u.c", MORE)]),
        ((), [("reads-less", "the plan does not scan a", LESS)]),
    ],
)
def test_what_is_read_beyond_what_is_said_is_red_and_what_is_not_read_is_told(
    reads: tuple[str, ...], told: list[tuple[str, str, str]]
) -> None:
    scanned = tuple(FieldRead("u" if path == "c" else "t", path) for path in reads)
    verdict = judged(QueryPlan(scanned, (), PLAN.parameters))
    assert isinstance(verdict, Broken if "b" in reads else Kept)
    findings = verdict.findings if isinstance(verdict, Broken) else verdict.notes
    about = [each for each in findings if each.code.startswith("reads-")]
    assert [(each.code, each.observed, each.hint) for each in about] == told
    assert all((each.promised, each.place.line) == ("reads a", 8) for each in about)


OWN = CouldNotLook("no", "query[q]")


@pytest.mark.parametrize(
    ("plan", "run", "code", "basis"),
    [
        (OWN, RUN, "query-unplanned", Basis.PLAN),
        (PLAN, OWN, "query-failed", Basis.SCAN),
        (
            CouldNotLook("no f", "query[q]", trouble=Trouble.FUNCTION, names=("f",)),
            RUN,
            "function-missing",
            Basis.PLAN,
        ),
    ],
)
def test_its_own_trouble_is_red(plan: object, run: object, code: str, basis: Basis) -> None:
    broken = judged(plan, run)
    assert isinstance(broken, Broken)
    (found,) = broken.findings
    assert (found.code, found.subject, found.place.line) == (code, "q", 8)
    assert broken.basis is basis


@pytest.mark.parametrize(
    ("relation", "code", "cause"),
    [
        ("t", "query-unplanned", ("t", "table")),
        ("u", "query-unplanned", ("u", "table")),
        ("v", "query-unplanned", ("t", "view[v]")),
        (None, "session-unreadable", ("t", "table")),
    ],
)
def test_another_s_trouble_leaves_it_undecided(
    relation: str | None, code: str, cause: tuple[str, str]
) -> None:
    undecided = judged(CouldNotLook("no", relation))
    assert isinstance(undecided, Undecided)
    assert undecided.finding.code == code
    assert undecided.cause is not None
    assert (undecided.cause.table, undecided.cause.check) == cause


def test_nulls_that_nobody_could_count_are_no_promise_kept() -> None:
    undecided = judged(run=QueryRun(RUN.schema, 7, (CouldNotLook("no", "query[q]"),)))
    assert isinstance(undecided, Undecided)


def test_all_types_of_a_parameter_are_compared() -> None:
    broken = judged(QueryPlan((), (), (("a", pa.int64()), ("a", pa.string()), ("z", pa.string()))))
    assert isinstance(broken, Broken)
    (found,) = broken.findings
    assert (found.subject, found.place.line) == ("q.$a", 10)
    assert (found.promised, found.observed) == ("$a: int64", "taken as string")
