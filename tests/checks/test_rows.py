"""Are keys unique, do references exist, do rules hold, and do the stored rows stand in order?"""

from typing import TypeAlias

import pyarrow as pa
import pytest
from support.answers import Answered, checks_of

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    KeyCount,
    Misplaced,
    OrderingFacts,
    ReferenceCount,
    RowCount,
    RowOrder,
    RuleCount,
    SortTerm,
    StoredOrdering,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import AnyNeed, OrderPlanNeed, RowCountNeed, RowNeed, SchemaNeed

Measured: TypeAlias = KeyCount | ReferenceCount | RuleCount | RowOrder | CouldNotLook

TEXT = """\
table: t
source: {format: parquet, location: t, ordered_by: [a]}
fields:
  - {name: a, type: int64}
  - {name: b, type: int64}
keys:
  - [a, b]
references:
  - {fields: [a], table: u, to: [c]}
rules:
  - {name: positive, sql: b > 0}
"""
KEY, REFERENCE, RULE, ORDER = "unique[a,b]", "reference[a→u.c]", "rule[positive]", "order[measured]"
PLACES = {
    KEY: Location("contracts/t.yaml", 7, 5),
    REFERENCE: Location("contracts/t.yaml", 9, 5),
    RULE: Location("contracts/t.yaml", 11, 5),
    ORDER: Location("contracts/t.yaml", 2, 53),
}
FIELDS = (pa.field("a", pa.int64()), pa.field("b", pa.int64()))
MISPLACED = Misplaced("part-1.parquet", 3, "9", "4")
HOLDING: list[tuple[str, Measured]] = [
    (KEY, KeyCount(9, 0, 0)),
    (REFERENCE, ReferenceCount(9, 0)),
    (RULE, RuleCount(9, 0)),
    (ORDER, RowOrder(9, 0)),
]


def table(*fields: pa.Field) -> TableFacts:
    return TableFacts("t", "parquet", pa.schema(fields or FIELDS))


def judged(
    id_: str,
    observed: TableFacts | CouldNotLook,
    rows: int | CouldNotLook | None = None,
    found: Measured | None = None,
    *,
    text: str = TEXT,
    ordering: OrderingFacts | None = None,
) -> Verdict:
    """None is a question that must not be asked: nobody counts rows of a table that cannot be read."""
    check = checks_of(text)[id_]
    known: dict[AnyNeed, object] = {SchemaNeed("t"): observed}
    if rows is not None:
        known[RowCountNeed("t")] = RowCount(rows, Basis.SCAN) if isinstance(rows, int) else rows
    for need in check.needs():
        if isinstance(need, OrderPlanNeed):
            known[need] = ordering
        if isinstance(need, RowNeed) and found is not None:
            known[need] = found
    return check.judge(Answered(known))


def measured(id_: str, found: Measured, ordering: OrderingFacts | None = None) -> Verdict:
    return judged(id_, table(), 9, found, ordering=ordering)


@pytest.mark.parametrize(("id_", "found"), HOLDING, ids=PLACES)
def test_rows_that_are_as_promised_are_kept_with_their_number(id_: str, found: Measured) -> None:
    assert measured(id_, found) == Kept(Basis.SCAN, 9)


@pytest.mark.parametrize(
    ("id_", "found", "code", "promised", "observed"),
    [
        (KEY, KeyCount(9, 2, 0), "duplicate-keys", "unique a, b", "2 more rows than keys, of 9"),
        (
            REFERENCE,
            ReferenceCount(9, 2),
            "dangling-references",
            "every a in u.c",
            "2 of 9 references dangle",
        ),
        (RULE, RuleCount(9, 2), "rule-violated", "b > 0", "false for 2 of 9 rows"),
        (
            ORDER,
            RowOrder(9, 2, (MISPLACED,)),
            "rows-out-of-order",
            "rows ordered by a",
            "2 rows out of order; first in part-1.parquet, row 3: 4 after 9",
        ),
    ],
    ids=PLACES,
)
def test_rows_that_break_a_promise_are_red_with_their_number(
    id_: str, found: Measured, code: str, promised: str, observed: str
) -> None:
    finding = Finding(FindingCode(code), PLACES[id_], "t", promised, observed)
    assert measured(id_, found) == Broken((finding,), Basis.SCAN, 9, 2)


@pytest.mark.parametrize("duplicates", [0, 1])
def test_a_null_in_a_key_is_told_and_not_red(duplicates: int) -> None:
    note = Finding(
        FindingCode.NULL_KEYS,
        PLACES[KEY],
        "t",
        "complete keys",
        "1 row with a null in the key",
        "`nullable: false` on the fields makes nulls red",
    )
    verdict = measured(KEY, KeyCount(8, duplicates, 1))
    if not duplicates:
        assert verdict == Kept(Basis.SCAN, 8, (note,))
        return
    assert isinstance(verdict, Broken)
    assert (verdict.findings[0].observed, verdict.findings[1:]) == (
        "1 more row than keys, of 8",
        (note,),
    )


@pytest.mark.parametrize(
    ("id_", "found", "observed"),
    [
        (KEY, KeyCount(0, 0, 9), "no key without a null"),
        (REFERENCE, ReferenceCount(0, 0), "no reference without a null"),
    ],
)
def test_where_every_value_is_null_there_is_nothing_to_count(
    id_: str, found: Measured, observed: str
) -> None:
    verdict = measured(id_, found)
    assert isinstance(verdict, Vacuous)
    assert not verdict.allowed
    assert (verdict.finding.code, verdict.finding.observed) == (
        FindingCode.NOTHING_TO_COUNT,
        observed,
    )


@pytest.mark.parametrize("id_", PLACES)
def test_an_empty_table_is_told_by_its_rows_unless_it_may_be_empty(id_: str) -> None:
    verdict = judged(id_, table(), 0)
    assert isinstance(verdict, Undecided)
    assert (verdict.cause, verdict.finding.code) == (Cause("t", "rows"), FindingCode.EMPTY_TABLE)
    allowing = TEXT.replace("ordered_by: [a]", "ordered_by: [a], allow_empty: true")
    allowed = judged(id_, table(), 0, text=allowing)
    assert isinstance(allowed, Vacuous)
    assert allowed.allowed


@pytest.mark.parametrize("id_", [KEY, REFERENCE, ORDER])
def test_rows_without_a_promised_field_are_undecided_by_that_field(id_: str) -> None:
    verdict = judged(id_, table(FIELDS[1]))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "field[a]")
    assert (verdict.finding.code, verdict.finding.observed) == (FindingCode.FIELD_MISSING, "no a")


@pytest.mark.parametrize("id_", PLACES)
def test_an_unreadable_table_is_told_by_its_own_check(id_: str) -> None:
    verdict = judged(id_, CouldNotLook("gone", "t", trouble=Trouble.MISSING))
    assert isinstance(verdict, Undecided)
    assert (verdict.cause, verdict.finding.place) == (Cause("t", "table"), PLACES[id_])


@pytest.mark.parametrize("id_", PLACES)
def test_rows_that_nobody_could_count_are_told_by_the_rows_check(id_: str) -> None:
    verdict = judged(id_, table(), CouldNotLook("page checksum", "t"))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "rows")
    assert (verdict.finding.code, verdict.finding.observed) == (
        FindingCode.TABLE_UNREADABLE,
        "page checksum",
    )


@pytest.mark.parametrize("id_", PLACES)
def test_a_measurement_that_fails_by_itself_is_undecided_by_nothing_else(id_: str) -> None:
    verdict = measured(id_, CouldNotLook("out of memory", "t"))
    assert isinstance(verdict, Undecided)
    assert verdict.cause is None
    assert (verdict.finding.code, verdict.finding.observed) == (
        FindingCode.TABLE_UNREADABLE,
        "out of memory",
    )


def test_a_reference_into_a_red_table_is_undecided_by_that_table() -> None:
    verdict = measured(REFERENCE, CouldNotLook("gone", "u", trouble=Trouble.MISSING))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("u", "table")


def test_a_rule_that_the_engine_cannot_plan_is_told_with_what_to_write() -> None:
    finding = Finding(
        FindingCode.RULE_UNPLANNED,
        PLACES[RULE],
        "t",
        "b > 0",
        "no field named b",
        "write one boolean expression over the table's fields, as in SQL CHECK",
    )
    trouble = CouldNotLook("no field named b", "t", trouble=Trouble.RULE)
    assert measured(RULE, trouble) == Undecided(finding)


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(Trouble.FIELD, "field-missing"), (Trouble.REFERENCE_TYPES, "reference-types")],
)
def test_a_reference_whose_two_sides_cannot_be_compared_says_why(
    trouble: Trouble, code: str
) -> None:
    verdict = measured(REFERENCE, CouldNotLook("u.c is no int64", "t", trouble=trouble))
    assert isinstance(verdict, Undecided)
    assert verdict.cause is None
    assert (verdict.finding.code.value, verdict.finding.observed) == (code, "u.c is no int64")


@pytest.mark.parametrize(
    ("id_", "found"),
    [(KEY, KeyCount(3, 0, 0)), (RULE, RuleCount(3, 0)), (ORDER, RowOrder(3, 0))],
)
def test_rows_that_are_not_those_that_the_session_counts_are_red(id_: str, found: Measured) -> None:
    finding = Finding(
        FindingCode.ROW_COUNT_DISAGREES,
        PLACES[id_],
        "t",
        "3 rows read",
        "the session counts 4",
        "the session reads other files than `source` names, or metadata and data disagree",
    )
    assert judged(id_, table(), 4, found) == Broken((finding,), Basis.SCAN, 3)


def test_the_keys_of_a_lists_elements_may_be_more_than_the_rows() -> None:
    text = TEXT.replace("- [a, b]", '- ["l[].x"]').replace(
        "fields:\n",
        "fields:\n  - {name: l, type: list<struct>, fields: [{name: x, type: int8}]}\n",
        1,
    )
    elements = pa.field("l", pa.list_(pa.struct([("x", pa.int8())])))
    verdict = judged("unique[l[].x]", table(elements), 4, KeyCount(30, 0, 0), text=text)
    assert verdict == Kept(Basis.SCAN, 30)


def test_rows_out_of_order_are_told_with_what_plan_and_footers_claim() -> None:
    terms = (SortTerm("a"),)
    stored = StoredOrdering("1.parquet", terms), StoredOrdering("2.parquet", ())
    order = RowOrder(9, 1, (MISPLACED,))
    verdict = measured(ORDER, order, OrderingFacts((), supplied=False, stored=stored))
    assert isinstance(verdict, Broken)
    assert verdict.findings[0].observed == (
        "1 row out of order; first in part-1.parquet, row 3: 4 after 9; "
        "declared: the plan shows no order, footers claim a asc nulls last"
    )


def test_the_values_of_a_sensitive_order_are_not_shown() -> None:
    text = TEXT.replace("name: a, type: int64", "name: a, type: int64, sensitive: true")
    verdict = judged(ORDER, table(), 9, RowOrder(9, 1, (MISPLACED,)), text=text)
    assert isinstance(verdict, Broken)
    assert verdict.findings[0].observed == "1 row out of order; first in part-1.parquet, row 3"
