"""Does the engine take the promised order up, and does no footer claim another?"""

import pyarrow as pa
import pytest
from msgspec.structs import replace
from support.answers import Answered, checks_of

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.ordering import OrderDeclared, OrderPlanned, sort_terms
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Verdict
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    Misplaced,
    OrderingFacts,
    PartitionFacts,
    RowOrder,
    SortTerm,
    StoredOrdering,
    TableFacts,
)
from cst_contracts.location import Location
from cst_contracts.needs import AnyNeed, OrderNeed, OrderPlanNeed, SchemaNeed

TEXT = """\
table: t
source:
  format: parquet
  location: t
  partitioned_by: [p]
  ordered_by: [a, {field: b, direction: desc, nulls: first}]
fields:
  - {name: a, type: int64}
  - {name: b, type: int64}
  - {name: c, type: int64}
  - {name: "d.e", type: int64}
"""
PLACE = Location("contracts/t.yaml", 6, 16)
A, B, C = SortTerm("a"), SortTerm("b", descending=True, nulls_first=True), SortTerm("c")
PROMISED = "a asc nulls last, b desc nulls first"
NAMES = ("a", "b", "c", "d.e", "p")


def judged(
    planned: tuple[SortTerm, ...],
    *stored: tuple[SortTerm, ...],
    text: str = TEXT,
    supplied: bool = False,
    names: tuple[str, ...] = NAMES,
    partitions: tuple[PartitionFacts, ...] | None = None,
    rows: RowOrder | None = None,
) -> Verdict:
    footers = tuple(StoredOrdering(f"{n}.parquet", terms) for n, terms in enumerate(stored))
    facts = replace(table(*names), partitions=partitions)
    ordering = OrderingFacts(planned, supplied, footers)
    return answered("order[declared]", facts, ordering, text=text, rows=rows)


def table(*names: str) -> TableFacts:
    return TableFacts("t", "parquet", pa.schema([(name, pa.int64()) for name in names]))


def answered(
    id_: str,
    observed: TableFacts | CouldNotLook,
    ordering: OrderingFacts | CouldNotLook | None,
    *,
    text: str = TEXT,
    rows: RowOrder | None = None,
) -> Verdict:
    """`rows`: what the run has measured, if it does so for another check."""
    check = checks_of(text)[id_]
    assert isinstance(check, OrderDeclared | OrderPlanned)
    terms = sort_terms(check.terms)
    known: dict[AnyNeed, object] = {SchemaNeed("t"): observed, OrderPlanNeed("t", terms): ordering}
    if rows is not None:
        known[OrderNeed("t", terms)] = rows
    return check.judge(Answered(known))


@pytest.mark.parametrize("planned", [(A, B), (A, B, C)], ids=["equal", "longer"])
@pytest.mark.parametrize("stored", [(), (A,), (A, B), (A, B, C)], ids=len)
def test_orders_of_which_one_begins_the_other_agree(
    planned: tuple[SortTerm, ...], stored: tuple[SortTerm, ...]
) -> None:
    assert judged(planned, stored) == Kept(Basis.PLAN)


@pytest.mark.parametrize(
    "planned",
    [
        (),
        (A,),
        (B, A),
        (A, C),
        (A, SortTerm("b")),
        (A, SortTerm("b", descending=True)),
        (A, SortTerm("b", nulls_first=True)),
    ],
    ids=str,
)
def test_a_plan_that_does_not_begin_with_the_promised_order_is_red(
    planned: tuple[SortTerm, ...],
) -> None:
    shown = ", ".join(map(str, planned)) or "no order"
    assert judged(planned) == Broken(
        (Finding(FindingCode.ORDER_NOT_DECLARED, PLACE, "t", PROMISED, f"the plan shows {shown}"),),
        Basis.PLAN,
    )


def test_a_project_that_registers_the_table_itself_is_told_how() -> None:
    verdict = judged((), supplied=True)
    assert isinstance(verdict, Broken)
    assert "file_sort_order" in verdict.findings[0].hint


@pytest.mark.parametrize(
    "stored", [(B,), (C, A), (SortTerm("a", descending=True),), (A, SortTerm("b")), (A, C, B)]
)
def test_a_footer_that_contradicts_the_promise_is_red_once_for_all_files_that_claim_it(
    stored: tuple[SortTerm, ...],
) -> None:
    claims = ", ".join(map(str, stored))
    for footers, files in (
        ([(A, B), stored, ()], "1.parquet claims"),
        ([(A, B), stored, stored, stored], "1.parquet and 2 more claim"),
    ):
        verdict = judged((A, B), *footers)
        assert isinstance(verdict, Broken)
        (finding,) = verdict.findings
        assert (finding.code, finding.place) == (FindingCode.ORDER_CONFLICT, PLACE)
        assert (finding.promised, finding.observed, finding.hint) == (
            PROMISED,
            f"{files} {claims} in the footer",
            "the engine trusts that claim; rewrite the files or mend the contract",
        )


def test_different_contradictions_are_told_apart() -> None:
    verdict = judged((A, B), (B,), (C,), (B,))
    assert isinstance(verdict, Broken)
    assert [finding.observed for finding in verdict.findings] == [
        f"0.parquet and 1 more claim {B} in the footer",
        f"1.parquet claims {C} in the footer",
    ]


def test_the_plan_and_a_footer_can_both_be_red() -> None:
    verdict = judged((), (C,))
    assert isinstance(verdict, Broken)
    assert [finding.code for finding in verdict.findings] == [
        FindingCode.ORDER_NOT_DECLARED,
        FindingCode.ORDER_CONFLICT,
    ]


def test_a_partition_field_says_nothing_about_the_order_inside_a_file() -> None:
    text = TEXT.replace("ordered_by: [a", "ordered_by: [p, a")
    partitions = (PartitionFacts("p", pa.string(), 2),)
    assert judged((A, B), (A, B), text=text, partitions=partitions) == Kept(Basis.PLAN)
    assert isinstance(judged((A, B), text=text, partitions=()), Broken)


@pytest.mark.parametrize(
    ("first", "gone", "cause"),
    [
        ("c", "c", "field[c]"),
        ('"d.e"', "d.e", 'field["d.e"]'),
        ("p", "p", "partition[p]"),
    ],
)
def test_an_order_by_a_field_that_is_gone_is_undecided_by_the_check_that_tells(
    first: str, gone: str, cause: str
) -> None:
    text = TEXT.replace("ordered_by: [a", f"ordered_by: [{first}, a")
    verdict = judged((A, B), text=text, names=tuple(name for name in NAMES if name != gone))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", cause)
    assert cause in checks_of(text)
    assert (verdict.finding.code, verdict.finding.observed) == (
        FindingCode.FIELD_MISSING,
        f"no field {gone}",
    )


def test_without_a_plan_nobody_can_tell() -> None:
    finding = Finding(
        FindingCode.NOT_CHECKABLE,
        PLACE,
        "t",
        "a plan that shows the order",
        "nobody could ask for it",
    )
    assert answered("order[declared]", table(*NAMES), None) == Undecided(finding)
    told = answered("order[declared]", table(*NAMES), CouldNotLook("the plan has no scan", "t"))
    assert told == Undecided(replace(finding, observed="the plan has no scan"))


def test_a_table_without_a_file_has_no_plan_to_show_an_order_and_its_rows_tell() -> None:
    verdict = answered("order[declared]", replace(table(*NAMES), files=0), None)
    assert isinstance(verdict, Undecided)
    assert (verdict.cause, verdict.finding.observed) == (
        Cause("t", "rows"),
        "no file to plan a scan of",
    )


OUT_OF_ORDER = RowOrder(9, 2, (Misplaced("1.parquet", 3, "9", "4"),))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (None, ""),
        (RowOrder(9, 0), "; measured: all of 9 rows are in the promised order"),
        (
            OUT_OF_ORDER,
            "; measured: 2 of 9 rows are out of the promised order, first in 1.parquet",
        ),
    ],
    ids=["nobody", "in-order", "out-of-order"],
)
def test_a_broken_declaration_says_what_the_rows_are_like_if_they_are_measured(
    rows: RowOrder | None, told: str
) -> None:
    declared = judged((), rows=rows)
    assert isinstance(declared, Broken)
    assert declared.findings[0].observed == f"the plan shows no order{told}"
    planned = planned_by(table(*NAMES), sorting(sorts=True), rows)
    assert isinstance(planned, Broken)
    assert planned.findings[0].observed == f"the plan has a SortExec{told}"


def test_the_rows_of_an_unbounded_table_are_not_read_for_what_a_plan_says() -> None:
    text = """\
table: t
source: {format: csv, location: t, unbounded: true, ordered_by: [a]}
fields: [{name: a, type: int64}]
"""
    verdict = answered(
        "order[declared]",
        table("a"),
        OrderingFacts((), supplied=False),
        text=text,
        rows=OUT_OF_ORDER,
    )
    assert isinstance(verdict, Broken)
    assert verdict.findings[0].observed == "the plan shows no order"


def planned_by(
    observed: TableFacts | CouldNotLook,
    ordering: OrderingFacts | None,
    rows: RowOrder | None = None,
) -> Verdict:
    return answered("order[plan]", observed, ordering, rows=rows)


def sorting(*, sorts: bool, supplied: bool = False) -> OrderingFacts:
    return OrderingFacts((A, B), supplied, sorts=sorts)


def test_a_sorted_query_that_needs_no_sort_is_kept() -> None:
    assert planned_by(table(*NAMES), sorting(sorts=False)) == Kept(Basis.PLAN)


@pytest.mark.parametrize("supplied", [False, True])
def test_a_sorted_query_that_still_sorts_is_red(*, supplied: bool) -> None:
    overlapping = (
        "the engine reads several files a partition, and their ranges overlap or follow in another "
        "sequence: write files that follow each other by name, or promise "
        "datafusion.execution.target_partitions of one a file"
    )
    hint = "register the table with this order (file_sort_order)" if supplied else overlapping
    promised = f"ORDER BY {PROMISED} sorts nothing"
    finding = Finding(
        FindingCode.ORDER_NOT_USED, PLACE, "t", promised, "the plan has a SortExec", hint
    )
    assert planned_by(table(*NAMES), sorting(sorts=True, supplied=supplied)) == Broken(
        (finding,), Basis.PLAN
    )


@pytest.mark.parametrize("id_", ["order[declared]", "order[plan]"])
def test_an_order_that_is_not_true_is_not_registered_and_the_rows_are_red_for_it(id_: str) -> None:
    lying = replace(sorting(sorts=True), planned=(), refused="1 of 3 rows are out of it")
    verdict = answered(id_, table(*NAMES), lying)
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "order[measured]")
    assert (verdict.finding.promised, verdict.finding.observed) == (
        PROMISED,
        "not registered with it: 1 of 3 rows are out of it",
    )


def test_a_planned_order_without_its_field_its_plan_or_its_table_is_undecided() -> None:
    no_field = planned_by(table("b"), sorting(sorts=True))
    no_plan = planned_by(table(*NAMES), None)
    no_table = planned_by(CouldNotLook("gone", "t"), None)
    verdicts = (no_field, no_plan, no_table)
    assert [each.cause for each in verdicts if isinstance(each, Undecided)] == [
        Cause("t", "field[a]"),
        None,
        Cause("t", "table"),
    ]
