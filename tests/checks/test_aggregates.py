"""Is an aggregate true of all rows together, or of each group?"""

from typing import Any

import pyarrow as pa
import pytest
from msgspec.structs import replace
from support.answers import checks_of, judged_by

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.contract.model import Severity
from cst_contracts.facts import (
    AggregateCount,
    Basis,
    CouldNotLook,
    FunctionFacts,
    RowCount,
    RowGroup,
    SessionFacts,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import AggregateNeed, RowCountNeed, SchemaNeed, SessionNeed

TEXT = """\
table: t
source: {format: parquet, location: t}
fields:
  - {name: a, type: int64}
  - {name: b, type: string}
aggregates:
  - {name: whole, sql: sum(a) > 0}
  - {name: each, sql: sum(a) > 0, per: [b], severity: warn}
"""
WHOLE, EACH = "aggregate[whole]", "aggregate[each]"
PLACES = {WHOLE: Location("contracts/t.yaml", 7, 5), EACH: Location("contracts/t.yaml", 8, 5)}
PROMISES = {WHOLE: "sum(a) > 0", EACH: "sum(a) > 0 per b"}
FACTS = TableFacts("t", "parquet", pa.schema([("a", pa.int64()), ("b", pa.string())]))


def judged(
    id_: str,
    found: AggregateCount | CouldNotLook | None,
    *,
    text: str = TEXT,
    facts: TableFacts = FACTS,
    rows: int = 9,
    **more: Any,
) -> Verdict:
    check: Any = checks_of(text)[id_]
    answers = {SchemaNeed("t"): facts, RowCountNeed("t"): RowCount(rows, Basis.SCAN)}
    need = AggregateNeed("t", check.aggregate)
    return judged_by(text, id_, {**answers, need: found, **more})


def finding(id_: str, code: FindingCode, observed: str, hint: str = "") -> Finding:
    return Finding(code, PLACES[id_], "t", PROMISES[id_], observed, hint)


@pytest.mark.parametrize("id_", [WHOLE, EACH])
def test_what_is_true_of_every_group_is_kept(id_: str) -> None:
    assert judged(id_, AggregateCount(9, 3, 0, 0)) == Kept(Basis.SCAN, 9)


def test_what_is_false_of_all_rows_is_red_with_what_was_computed() -> None:
    count = AggregateCount(9, 1, 1, 0, computed=(("sum(a)", "-2"), ("count(*)", "9")))
    red = finding(
        WHOLE, FindingCode.AGGREGATE_VIOLATED, "false for 9 rows: sum(a) = -2, count(*) = 9"
    )
    assert judged(WHOLE, count) == Broken((red,), Basis.SCAN, 9, 1)
    hidden = replace(count, computed=())
    told = finding(WHOLE, FindingCode.AGGREGATE_VIOLATED, "false for 9 rows")
    assert judged(WHOLE, hidden) == Broken((told,), Basis.SCAN, 9, 1)


def test_what_is_false_of_some_groups_is_red_with_the_largest_of_them() -> None:
    groups = RowGroup((("b", "'x'"),), 4), RowGroup((("b", "'y'"),), 1)
    count = AggregateCount(9, 6, 3, 1, false=groups)
    observed = "false for 3 of 6 groups: b='x' (4 rows); b='y' (1 row) and 1 more"
    red = finding(EACH, FindingCode.AGGREGATE_VIOLATED, observed)
    assert judged(EACH, count) == Broken((red,), Basis.SCAN, 9, 3)


def test_null_is_vacuous_unless_the_clause_allows_it() -> None:
    null = AggregateCount(9, 3, 0, 1, null=(RowGroup((("b", "'x'"),), 4),))
    hint = "write `allow_empty: true` at the aggregate if that is fine"
    code, observed = FindingCode.NOTHING_TO_COUNT, "NULL for 1 of 3 groups: b='x' (4 rows)"
    found = finding(EACH, code, observed, hint)
    assert judged(EACH, null) == Vacuous(found, allowed=False, basis=Basis.SCAN, rows=9)
    allowing = TEXT.replace("severity: warn", "allow_empty: true")
    assert judged(EACH, null, text=allowing) == Kept(Basis.SCAN, 9)
    nothing = judged(EACH, replace(null, unknown=3), text=allowing)
    assert isinstance(nothing, Vacuous)
    assert nothing.allowed


def test_rows_that_are_not_those_that_the_session_counts_are_red() -> None:
    broken = judged(WHOLE, AggregateCount(8, 1, 0, 0))
    assert isinstance(broken, Broken)
    assert broken.findings[0].code is FindingCode.ROW_COUNT_DISAGREES


def test_a_table_without_rows_has_no_group() -> None:
    undecided = judged(WHOLE, None, rows=0)
    assert isinstance(undecided, Undecided)
    assert undecided.cause == Cause("t", "rows")


def test_what_cannot_be_planned_or_computed_is_undecided() -> None:
    trouble = CouldNotLook("it aggregates nothing", "t", trouble=Trouble.RULE)
    hint = "write one boolean expression of aggregates, such as count(*) > 0"
    code = FindingCode.AGGREGATE_UNPLANNED
    assert judged(WHOLE, trouble) == Undecided(finding(WHOLE, code, trouble.reason, hint))
    failed = judged(WHOLE, CouldNotLook("Divide by zero", "t"))
    assert failed == Undecided(finding(WHOLE, FindingCode.TABLE_UNREADABLE, "Divide by zero"))


def test_a_group_that_is_missing_is_red_at_its_field() -> None:
    facts = TableFacts("t", "parquet", pa.schema([("a", pa.int64())]))
    undecided = judged(EACH, None, facts=facts)
    assert isinstance(undecided, Undecided)
    assert undecided.cause == Cause("t", "field[b]")


@pytest.mark.parametrize(
    ("sql", "called"), [("max(a) < random()", "random()"), ("count(*) > odd()", "odd()")]
)
def test_what_changes_by_itself_is_refused_before_anybody_looks(sql: str, called: str) -> None:
    text = TEXT.replace("whole, sql: sum(a) > 0", f"whole, sql: {sql}")
    session = SessionFacts({}, (FunctionFacts("odd", "scalar", deterministic=False),))
    check: Any = checks_of(text)[WHOLE]
    verdict = judged_by(text, WHOLE, {SessionNeed(): session})
    assert isinstance(verdict, Undecided)
    assert verdict.finding.code is FindingCode.RULE_VOLATILE
    assert verdict.finding.observed == f"{called} gives another value each time"
    assert check.severity is Severity.ERROR


def test_an_aggregate_may_only_warn() -> None:
    assert checks_of(TEXT)[EACH].severity is Severity.WARN
