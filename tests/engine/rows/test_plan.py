"""How rows are measured follows from what is needed and what footers tell, before any row is read."""

import pyarrow as pa
import pytest
from msgspec.structs import replace

from cst_contracts.contract.model import Limit, OneOf, ReferenceContract, RuleContract, Within
from cst_contracts.engine.rows.evidence import Evidence, PathEvidence, RangeEvidence
from cst_contracts.engine.rows.measures import plan_rows
from cst_contracts.engine.rows.plan import (
    Compared,
    Hashed,
    Ordered,
    Proved,
    Queried,
    Scannable,
    Scanned,
)
from cst_contracts.facts import Basis, NullCount, RowOrder, SortTerm, ValueCount
from cst_contracts.location import Location
from cst_contracts.needs import (
    AnyRowNeed,
    KeyNeed,
    NullsNeed,
    OrderNeed,
    ReferenceNeed,
    RuleNeed,
    ValuesNeed,
)

AT = Location("contracts/t.yaml", 1, 1)
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("path", pa.string()),
        pa.field("start", pa.int64()),
        pa.field("size", pa.float64()),
        pa.field("refs", pa.list_(pa.struct([("id", pa.string())]))),
    ]
)
NULLS, KEY = NullsNeed("t", "path"), KeyNeed("t", ("path", "start"))
ORDER = OrderNeed("t", (SortTerm("path"), SortTerm("start"), SortTerm("id")))
RULE = RuleNeed("t", RuleContract("r", "start > 0", AT))
REFERENCE = ReferenceNeed("t", ReferenceContract(("id",), "other", ("id",), AT))


def proved(basis: Basis, nulls: int = 0) -> Proved:
    why = "REQUIRED in every file" if basis is Basis.SCHEMA else "null counts of every footer"
    return Proved(NULLS, NullCount(1000, nulls, basis=basis, rows=1000), why)


SCANNED = Scanned(NULLS, "path")


def known(**paths: PathEvidence) -> Scannable:
    return Scannable(SCHEMA, Evidence(1000, paths), memory=1024**3)


def answer(need: AnyRowNeed, scannable: Scannable | None, *others: AnyRowNeed) -> object:
    return plan_rows("t", [need, *others], scannable).answers[0]


def test_without_files_everything_is_asked() -> None:
    needs: list[AnyRowNeed] = [NULLS, KEY, ORDER, RULE, REFERENCE]
    plan = plan_rows("t", needs, None)
    assert plan.answers == tuple(
        Queried(need, "it has no files that can be scanned") for need in needs
    )


@pytest.mark.parametrize(
    ("found", "planned"),
    [
        (PathEvidence(required=True, values=1000, nulls=None), proved(Basis.SCHEMA)),
        (PathEvidence(required=False, values=1000, nulls=0), proved(Basis.STATISTICS)),
        (
            PathEvidence(required=False, values=1000, nulls=7),
            proved(Basis.STATISTICS, 7),
        ),
        (PathEvidence(required=False, values=1000, nulls=None), SCANNED),
        (PathEvidence(required=False, values=None, nulls=0), SCANNED),
        (PathEvidence(required=True, values=None, nulls=None), SCANNED),
        (
            PathEvidence(required=True, values=0, nulls=0),
            SCANNED,
        ),  # nothing is proved of none
        (None, SCANNED),
    ],
)
def test_nulls_are_counted_unless_the_footers_prove_their_number(
    found: PathEvidence | None, planned: object
) -> None:
    scannable = known(path=found) if found else known()
    assert answer(NULLS, scannable) == planned


@pytest.mark.parametrize("required", [True, False])
def test_no_statistics_are_proof_where_the_data_is_to_be_verified(*, required: bool) -> None:
    scannable = known(path=PathEvidence(required, 1000, 0))
    assert answer(NULLS, replace(scannable, verify_data=True)) == SCANNED


def test_a_field_that_some_file_lacks_is_counted() -> None:
    scannable = known(path=PathEvidence(required=True, values=1000, nulls=0))
    mixed = replace(scannable.evidence, mixed=frozenset({"path"}))
    assert answer(NULLS, replace(scannable, evidence=mixed)) == SCANNED


def test_rows_that_somebody_wants_to_see_are_looked_for() -> None:
    nulls = known(path=PathEvidence(required=False, values=1000, nulls=7))
    none = known(path=PathEvidence(required=False, values=1000, nulls=0))
    assert answer(NULLS, replace(nulls, samples=1)) == SCANNED
    assert answer(NULLS, replace(none, samples=1)) == proved(Basis.STATISTICS)


def test_what_the_project_registered_itself_is_asked_for_its_nulls() -> None:
    scannable = known(path=PathEvidence(required=True, values=1000, nulls=0))
    assert isinstance(answer(NULLS, replace(scannable, supplied=True)), Queried)
    assert isinstance(answer(NullsNeed("t", "nope"), scannable), Queried)


def test_rules_are_scanned_for_and_references_asked() -> None:
    assert answer(RULE, known()) == Scanned(RULE, "what rule[r] reads")
    assert answer(REFERENCE, known()) == Queried(REFERENCE, "it reads two relations")


FROM_0, UP_TO_9 = Within("0"), Within(None, "10", upper_open=True)


@pytest.mark.parametrize(
    ("limit", "found", "is_proved"),
    [
        (FROM_0, RangeEvidence(900, 0, 7), True),
        (FROM_0, RangeEvidence(900, -1, 7), False),  # how many are below, only rows tell
        (UP_TO_9, RangeEvidence(900, -5, 9), True),
        (UP_TO_9, RangeEvidence(900, -5, 10), False),
        (Within("-1", "9", lower_open=True), RangeEvidence(900, 0, 9), True),
        (Within("-1", "9", lower_open=True), RangeEvidence(900, -1, 9), False),
        (OneOf(("0",)), RangeEvidence(900, 0, 0), False),
        (FROM_0, None, False),
    ],
)
def test_a_range_is_proved_where_least_and_greatest_are_within(
    limit: Limit, found: RangeEvidence | None, *, is_proved: bool
) -> None:
    need = ValuesNeed("t", "start", limit)
    ranges = {} if found is None else {"start": found}
    scannable = Scannable(SCHEMA, Evidence(1000, ranges=ranges), memory=1024**3)
    count = ValueCount(900, 0, (), 0, Basis.STATISTICS, rows=1000)
    why = "least and greatest values of every footer"
    planned = Proved(need, count, why) if is_proved else Scanned(need, "start")
    assert answer(need, scannable) == planned
    for doubt in ({"verify_data": True}, {"supplied": True}):
        assert answer(need, replace(scannable, **doubt)) == Scanned(need, "start")
    mixed = replace(scannable.evidence, mixed=frozenset({"start"}))
    assert answer(need, replace(scannable, evidence=mixed)) == Scanned(need, "start")


def test_no_footer_proves_the_range_of_what_is_no_whole_number() -> None:
    need = ValuesNeed("t", "path", FROM_0)
    evidence = Evidence(1000, ranges={"path": RangeEvidence(900, 0, 7)})
    assert answer(need, Scannable(SCHEMA, evidence, 1024**3)) == Scanned(need, "path")
    absent = ValuesNeed("t", "nope", FROM_0)
    assert answer(absent, known()) == Queried(absent, "no file has the field")


def test_a_key_that_an_order_begins_with_is_told_by_neighbours() -> None:
    plan = plan_rows("t", [KEY, ORDER], known())
    assert plan.answers == (
        Ordered(KEY, ORDER, Hashed(KEY, flat=True, room=1000)),
        Compared(ORDER, ORDER.terms),
    )


@pytest.mark.parametrize(
    "key", [KeyNeed("t", ("path", "id")), KeyNeed("t", ("start",)), KeyNeed("t", ("refs[].id",))]
)
def test_a_key_that_no_order_begins_with_is_hashed(key: KeyNeed) -> None:
    plan = plan_rows("t", [key, ORDER], known())
    flat = key.paths != ("refs[].id",)
    hashed = Hashed(key, flat, room=1000 if flat else 1024**3 // 128)
    assert plan.answers == (hashed, Compared(ORDER, ORDER.terms))


def test_an_order_tells_one_key_only() -> None:
    other = KeyNeed("t", ("path",))
    answers = plan_rows("t", [KEY, other, ORDER], known()).answers
    assert isinstance(answers[0], Ordered)
    assert answers[1] == Hashed(other, flat=True, room=1000)


def test_floats_are_not_hashed() -> None:
    need = KeyNeed("t", ("path", "size"))
    assert answer(need, known()) == Queried(
        need, "equal values of its types need not have equal hashes"
    )


def test_all_hashes_together_take_a_sixteenth_of_the_memory() -> None:
    key, nested = KeyNeed("t", ("id",)), KeyNeed("t", ("refs[].id",))
    scannable = replace(known(), memory=128_000)
    assert answer(key, scannable) == Hashed(key, flat=True, room=1000)
    assert answer(key, replace(scannable, memory=12_800)) == Hashed(key, flat=True, room=100)
    assert answer(key, replace(scannable, memory=1)) == Hashed(key, flat=True, room=1)
    assert answer(nested, replace(scannable, memory=256_000)) == Hashed(
        nested, flat=False, room=2000
    )
    both = plan_rows("t", [key, nested], replace(scannable, memory=12_800)).answers
    assert both == (Hashed(key, flat=True, room=50), Hashed(nested, flat=False, room=50))


def test_of_an_order_only_what_stands_in_files_is_compared() -> None:
    scannable = replace(known(), partitions=frozenset({"path"}))
    assert answer(ORDER, scannable) == Compared(ORDER, ORDER.terms[1:])
    folders = replace(scannable, partitions=frozenset({"path", "start", "id"}))
    in_folders = RowOrder(1000, 0, basis=Basis.SCHEMA)
    assert answer(ORDER, folders) == Proved(ORDER, in_folders, "each file has one value")
    absent = OrderNeed("t", (SortTerm("nope"),))
    assert answer(absent, known()) == Queried(absent, "no file has nope")


def test_a_plan_tells_how_each_need_is_answered() -> None:
    found = known(path=PathEvidence(required=True, values=1000, nulls=0))
    nested = KeyNeed("t", ("refs[].id",))
    plan = plan_rows("t", [NULLS, NullsNeed("t", "id"), KEY, nested, ORDER, RULE, REFERENCE], found)
    assert str(plan).splitlines() == [
        "t",
        "  one scan of id, path, start, what rule[r] reads",
        "  nulls[path]: no row read, REQUIRED in every file",
        "  nulls[id]: in the scan",
        "  unique[path,start]: neighbours in the scan; where files overlap, "
        "unique[path,start]: hashes from the scan, sorted; equal ones looked up",
        "  unique[refs[].id]: a pass over its hashes, sorted; equal ones looked up",
        "  order[measured] by path asc nulls last, start asc nulls last, id asc nulls last: "
        "in the scan",
        "  rule[r]: in the scan",
        "  reference[id→other.id]: a query of its own, since it reads two relations",
    ]


def test_a_plan_that_reads_no_row_tells_of_no_scan() -> None:
    plan = plan_rows("t", [NULLS], known(path=PathEvidence(required=False, values=5, nulls=0)))
    assert str(plan) == "t\n  nulls[path]: no row read, null counts of every footer"
