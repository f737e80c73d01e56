"""Does the engine take the promised order up, and does no footer claim another?"""

import pyarrow as pa
import pytest
from cst_contracts.checks.evaluate import evaluate
from msgspec.structs import replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Observation,
    Undecided,
    Verdict,
)
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import (
    Basis,
    OrderingFacts,
    PartitionFacts,
    SortTerm,
    StoredOrdering,
    TableFacts,
)
from cst_contracts.location import Location

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
) -> Verdict:
    checks = {check.id: check for check in plan(parse_contract(text.encode(), "contracts/t.yaml"))}
    footers = tuple(StoredOrdering(f"{n}.parquet", terms) for n, terms in enumerate(stored))
    facts = TableFacts(
        "t",
        "parquet",
        pa.schema([(name, pa.int64()) for name in names]),
        partitions=partitions,
        ordering=OrderingFacts(planned, supplied, footers),
    )
    return evaluate(checks["order[declared]"], Observation(table=facts))


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
        assert (finding.promised, finding.observed) == (
            PROMISED,
            f"{files} {claims} in the footer",
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
    assert cause in {check.id for check in plan(parse_contract(text.encode(), "t.yaml"))}
    assert (verdict.finding.code, verdict.finding.observed) == (
        FindingCode.FIELD_MISSING,
        f"no field {gone}",
    )


def test_without_a_plan_nobody_can_tell() -> None:
    check = next(
        check
        for check in plan(parse_contract(TEXT.encode(), "contracts/t.yaml"))
        if check.id == "order[declared]"
    )
    facts = TableFacts("t", "parquet", pa.schema([(name, pa.int64()) for name in NAMES]))
    finding = Finding(
        FindingCode.NOT_CHECKABLE,
        PLACE,
        "t",
        "a plan that shows the order",
        "nobody could ask for it",
    )
    assert evaluate(check, Observation(table=facts)) == Undecided(finding)


def planned_by(observed: TableFacts | IntrospectionError | None) -> Verdict:
    checks = {check.id: check for check in plan(parse_contract(TEXT.encode(), "contracts/t.yaml"))}
    return evaluate(checks["order[plan]"], Observation(table=observed))


def sorting(*, sorts: bool, supplied: bool = False) -> TableFacts:
    schema = pa.schema([(name, pa.int64()) for name in NAMES])
    ordering = OrderingFacts((A, B), supplied, sorts=sorts)
    return TableFacts("t", "parquet", schema, ordering=ordering)


def test_a_sorted_query_that_needs_no_sort_is_kept() -> None:
    assert planned_by(sorting(sorts=False)) == Kept(Basis.PLAN)


@pytest.mark.parametrize("supplied", [False, True])
def test_a_sorted_query_that_still_sorts_is_red(*, supplied: bool) -> None:
    hint = "register the table with this order (file_sort_order)" if supplied else ""
    promised = f"ORDER BY {PROMISED} sorts nothing"
    finding = Finding(
        FindingCode.ORDER_NOT_USED, PLACE, "t", promised, "the plan has a SortExec", hint
    )
    assert planned_by(sorting(sorts=True, supplied=supplied)) == Broken((finding,), Basis.PLAN)


def test_a_planned_order_without_its_field_its_plan_or_its_table_is_undecided() -> None:
    no_field = planned_by(replace(sorting(sorts=True), schema=pa.schema([("b", pa.int64())])))
    no_plan = planned_by(replace(sorting(sorts=True), ordering=None))
    no_table = planned_by(IntrospectionError("gone", table="t"))
    verdicts = (no_field, no_plan, no_table)
    assert [each.cause for each in verdicts if isinstance(each, Undecided)] == [
        Cause("t", "field[a]"),
        None,
        Cause("t", "table"),
    ]
    with pytest.raises(AssertionError, match="was evaluated without an observation"):
        planned_by(None)
