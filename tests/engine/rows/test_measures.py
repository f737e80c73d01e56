"""Every kind of question about rows has one measure, whose tallies can be split, sent and merged."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, get_args

import pyarrow as pa
import pytest
from datafusion import SessionContext, col
from hypothesis import given
from hypothesis import strategies as st

from cst_contracts.contract.model import (
    AggregateContract,
    Matching,
    OneOf,
    ReferenceContract,
    RuleContract,
    Within,
)
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.elements import ElementPart, ElementTally
from cst_contracts.engine.rows.evidence import Evidence
from cst_contracts.engine.rows.key_tally import KeyPart
from cst_contracts.engine.rows.measure import FromFooters, Part, Scanning, Tally
from cst_contracts.engine.rows.measures import MEASURES, from_footers, is_broken, plan_rows
from cst_contracts.engine.rows.newest import NewestPart
from cst_contracts.engine.rows.null_tally import NullPart
from cst_contracts.engine.rows.order_tally import OrderPart
from cst_contracts.engine.rows.plan import Answer, Compared, Queried, Scannable, Scanned
from cst_contracts.engine.rows.rule_tally import RulePart
from cst_contracts.engine.rows.spread import SpreadPart
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.engine.rows.value_tally import ValuePart
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.facts import (
    AggregateCount,
    CouldNotLook,
    KeyCount,
    NewestValue,
    NullCount,
    ReferenceCount,
    RowOrder,
    RuleCount,
    SortTerm,
    ValueCount,
    ValueSpread,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    AggregateNeed,
    AnyRowNeed,
    KeyNeed,
    NewestNeed,
    NullsNeed,
    OrderNeed,
    ReferenceNeed,
    RuleNeed,
    SpreadNeed,
    ValuesNeed,
)

SCHEMA = pa.schema(
    [
        ("n", pa.int64()),
        ("t", pa.string_view()),
        ("l", pa.list_(pa.int64())),
        ("d", pa.timestamp("ms", "UTC")),
        ("__cst_rule0", pa.bool_()),
        ("__cst_hash0", pa.int64()),
        ("__cst_missing0", pa.bool_()),
    ]
)
TERMS = (SortTerm("n"), SortTerm("t", descending=True))
KEY = KeyNeed("t", ("n",))
RULE = RuleNeed("t", RuleContract("r", "n > 0", Location("contracts/t.yaml", 1, 1)))
FILES = ScannableFiles(SessionContext(), "t", Storage("file:///t", SCHEMA, (), ()), SCHEMA)
PARTS: dict[str, Part] = {
    "nulls": NullPart(SCHEMA, (NullsNeed("t", "n"), NullsNeed("t", "l[]")), samples=2),
    "values": ValuePart(
        SCHEMA,
        (
            ValuesNeed("t", "n", Within("1", "2")),
            ValuesNeed("t", "t", OneOf(("b",))),
            ValuesNeed("t", "t", Matching("^b?$"), told=False),
            ValuesNeed("t", "l[]", Within("2")),
        ),
        samples=2,
    ),
    "rules": RulePart.of(RULE, col("n"), 0, samples=2),
    "order": OrderPart(OrderNeed("t", TERMS), TERMS, 2, KEY),
    "keys": KeyPart(KEY, ("n",), room=4, files=FILES),
    "spread": SpreadPart(
        SCHEMA,
        tuple(SpreadNeed("t", path, most=2) for path in ("n", "t", "l[]", "d", "__cst_rule0")),
    ),
    "newest": NewestPart(NewestNeed("t", "d")),
    "elements": ElementPart(("n", "l"), ("l",)),
}


def test_each_kind_of_question_about_rows_has_a_measure() -> None:
    assert set(MEASURES) == set(get_args(AnyRowNeed))


VALUES, TEXTS = ValuesNeed("t", "n", Within("1")), ValuesNeed("t", "t", OneOf(("b",)))
NULLS, SPREADING = NullsNeed("t", "l[].x"), SpreadNeed("t", "l[].x")
ORDER, NEWEST = OrderNeed("t", TERMS), NewestNeed("t", "the.day")
DEEP = KeyNeed("t", ("n", "l[].x", "m{}.key"))
AT = Location("contracts/t.yaml", 1, 1)
REFERENCE = ReferenceNeed("t", ReferenceContract(("n", "t"), "u", ("a", "b"), AT))
AGGREGATE = AggregateNeed("t", AggregateContract("r", 'sum("the.day") > 1', AT, ("t",)))
BOUNDS = RuleNeed("t", RuleContract("r", "n > 0 and \"the \"\"day\" BETWEEN 'b' AND 'b'", AT))
WORDS = ("n", "and", "the", "day", "BETWEEN", "b", "AND", 'the ""day')
WORDY = RuleNeed("t", RuleContract("r", "n IS NOT NULL AND t2 = 'b'", AT))
#: Of each question: what footers tell of use to it, the paths that a query reads, and how the portions of a
#: stream answer it.
ASKED: list[tuple[AnyRowNeed, FromFooters, Sequence[str], Answer | None]] = [
    (NULLS, FromFooters(nulls=("l[].x",)), ["l[].x"], Scanned(NULLS, "l[].x")),
    (VALUES, FromFooters(ranges=("n",)), ["n"], Scanned(VALUES, "n")),
    (TEXTS, FromFooters(texts=("t",)), ["t"], Scanned(TEXTS, "t")),
    (SPREADING, FromFooters(), ["l[].x"], Scanned(SPREADING, "l[].x")),
    (BOUNDS, FromFooters(ranges=WORDS, texts=WORDS), [], Scanned(BOUNDS, "rule[r]")),
    (ORDER, FromFooters(), ["n", "t"], Compared(ORDER, TERMS)),
    (DEEP, FromFooters(nulls=("l[].x", "m{}.key")), ["n", "l[].x", "m{}.key"], None),
    (REFERENCE, FromFooters(), ["n", "t"], None),
    (NEWEST, FromFooters(), ['"the.day"'], Scanned(NEWEST, "the.day")),
    (AGGREGATE, FromFooters(), ["1", "sum", "t", '"the.day"'], None),
]


@pytest.mark.parametrize(("need", "footers", "read", "portioned"), ASKED)
def test_each_question_says_what_it_reads(
    need: AnyRowNeed, footers: FromFooters, read: Sequence[str], portioned: Answer | None
) -> None:
    measure = MEASURES[type(need)]
    assert measure.from_footers(need) == footers
    assert list(measure.paths_read(need)) == read
    assert measure.in_portions(need) == portioned


def test_what_footers_tell_is_asked_once() -> None:
    needs: list[AnyRowNeed] = [VALUES, RULE, TEXTS, NULLS, DEEP, WORDY, NullsNeed("t", "n")]
    assert from_footers(needs) == FromFooters(
        nulls=("l[].x", "m{}.key", "n"),
        ranges=("n", "IS", "NOT", "NULL", "AND", "t2", "b"),
        texts=("n", "t", "IS", "NOT", "NULL", "AND", "t2", "b"),
    )


#: Of each fact, how many rows break the promise, and among how many it was looked for.
FOUND: list[tuple[AnyRowNeed, Any, int, int]] = [
    (NULLS, NullCount(9, 2, rows=5), 2, 9),
    (VALUES, ValueCount(9, 2, rows=5), 2, 9),
    (SPREADING, ValueSpread(9, 2, rows=5), 0, 9),
    (RULE, RuleCount(9, 2), 2, 9),
    (ORDER, RowOrder(9, 2), 0, 9),  # it has examples
    (KEY, KeyCount(9, 2, 3), 2, 9),
    (REFERENCE, ReferenceCount(9, 2), 2, 9),
    (NEWEST, NewestValue(9), 0, 9),
    (AGGREGATE, AggregateCount(20, 9, 2, 3), 0, 9),
]


@pytest.mark.parametrize(("need", "fact", "violations", "looked_at"), FOUND)
def test_each_fact_tells_what_breaks_a_promise_among_how_many(
    need: AnyRowNeed, fact: Any, violations: int, looked_at: int
) -> None:
    measure = MEASURES[type(need)]
    assert (measure.violations(fact), measure.looked_at(fact)) == (violations, looked_at)
    assert is_broken(need, fact) == (violations > 0)
    assert not is_broken(need, CouldNotLook("gone", "t"))


STORED = pa.schema(
    [
        ("n", pa.int64()),
        ("t", pa.string()),
        ("the.day", pa.timestamp("us")),
        ("l", pa.list_(pa.struct([("x", pa.int64()), ("y", pa.string())]))),
        ("s", pa.struct([("text", pa.string()), ("flag", pa.bool_())])),
    ]
)


def test_of_all_that_is_planned_each_measure_takes_its_own() -> None:
    """And says where the fields are that the scan looks at for it."""
    of_rows = RuleNeed("t", RuleContract("r", 'n > 0 AND "the.day" > now()', AT))
    nulls, key, order = NullsNeed("t", "s"), KeyNeed("t", ("l[].x",)), OrderNeed("t", (TERMS[1],))
    unkeyed = KeyNeed("t", ("n", "z"))
    absent: list[AnyRowNeed] = [
        NullsNeed("t", "z"),
        ValuesNeed("t", "z", Within("1")),
        SpreadNeed("t", "z"),
    ]
    needs: list[AnyRowNeed] = [
        nulls,
        VALUES,
        SPREADING,
        of_rows,
        order,
        KEY,
        key,
        REFERENCE,
        NEWEST,
        AGGREGATE,
    ]
    scannable = Scannable(STORED, Evidence(9), 1024**3)
    answers = plan_rows("t", [*needs, *absent, NewestNeed("t", "z"), unkeyed], scannable).answers
    context = SessionContext()
    context.register_record_batches("t", [[pa.RecordBatch.from_pylist([], STORED)]])
    scanning = Scanning(context.table("t"), STORED, "t", files=FILES)
    found = {
        kind.__name__: (
            list(measure.paths(answers, STORED)),
            [need for part in measure.parts(answers, scanning) for need in part.needs],
        )
        for kind, measure in MEASURES.items()
    }
    assert found == {
        "NullsNeed": (["s.flag"], [nulls]),
        "ValuesNeed": (["n"], [VALUES]),
        "SpreadNeed": (["l[].x"], [SPREADING]),
        "RuleNeed": (["n", "t", '"the.day"'], [of_rows]),
        "OrderNeed": (["t"], [order]),
        "KeyNeed": (["n"], [KEY]),
        "ReferenceNeed": ([], []),
        "NewestNeed": (['"the.day"'], [NEWEST]),
        "AggregateNeed": ([], []),
    }
    assert [answer for answer in answers if isinstance(answer, Queried)] == [
        Queried(REFERENCE, "it reads two relations"),
        Queried(AGGREGATE, "the rows of each group have to meet"),
        *(Queried(need, "no file has the field") for need in absent),
        Queried(NewestNeed("t", "z"), "no file has z"),
        Queried(unkeyed, "no file has all of its fields"),
    ]


def test_the_newest_of_times_that_python_cannot_hold_is_told_as_far_as_it_can() -> None:
    batch = pa.record_batch(
        {"d": pa.array([1_600_000_000_000_000_001, None, 0], pa.timestamp("ns"))}
    )
    need = NewestNeed("t", "d")
    (tally,) = NewestPart(need).tallies(1)
    tally.add(Stretch(batch, "f", 0))
    assert tally.answers() == {need: NewestValue(2, datetime(2020, 9, 13, 12, 26, 40))}


def rows() -> st.SearchStrategy[list[dict[str, Any]]]:
    few = st.integers(0, 3)
    lists = st.none() | st.lists(st.none() | few, max_size=2)
    texts = st.none() | st.sampled_from(["", "b", "long enough to lie outside of a view"])
    columns = {
        "n": st.none() | few,
        "t": texts,
        "l": lists,
        "d": st.none() | st.datetimes(datetime(1, 1, 1), timezones=st.just(UTC)),
        "__cst_rule0": st.none() | st.booleans(),
        "__cst_hash0": st.integers(-(2**63), 2**63 - 1) | few,
        "__cst_missing0": st.booleans(),
    }
    return st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=12)


def told(tally: Tally) -> Any:
    """All that a tally tells."""
    if isinstance(tally, ElementTally):
        return tally.rows, tally.elements
    return tally.answers(), getattr(tally, "equal", lambda: None)()


@pytest.mark.parametrize("measure", PARTS)
@given(data=st.data())
def test_parts_that_travel_as_bytes_add_up_to_the_whole(measure: str, data: st.DataObject) -> None:
    part = PARTS[measure]
    drawn = data.draw(rows())
    batch = pa.RecordBatch.from_pylist(drawn, SCHEMA)
    cuts = data.draw(st.sets(st.integers(1, 11), max_size=4))
    bounds = [0, *sorted(cut for cut in cuts if cut < len(drawn)), len(drawn)]
    stretches = [Stretch(batch.slice(a, b - a), "f", a) for a, b in pairwise(bounds)]
    (whole,) = part.tallies(1)
    whole.add(Stretch(batch, "f", 0))
    assert told(merged(part, data.draw(st.permutations(stretches)))) == told(whole)


def merged(part: Part, stretches: Sequence[Stretch]) -> Tally:
    """Each stretch is tallied elsewhere, where the part is another one that was made alike."""
    found: list[Tally] = []
    for stretch in stretches:
        (elsewhere,) = part.tallies(1)
        elsewhere.add(stretch)
        found.append(part.restored(elsewhere.to_bytes()))
    first, *others = found
    for other in others:
        first.merge(other)
    return first


@pytest.mark.parametrize("measure", PARTS)
def test_a_tally_of_no_rows_travels_too(measure: str) -> None:
    part = PARTS[measure]
    (none,) = part.tallies(1)
    restored = part.restored(none.to_bytes())
    restored.merge(part.tallies(1)[0])
    assert told(restored) == told(part.tallies(1)[0])
