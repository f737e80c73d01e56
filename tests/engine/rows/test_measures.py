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

from cst_contracts.contract.model import Matching, OneOf, RuleContract, Within
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.elements import ElementPart, ElementTally
from cst_contracts.engine.rows.key_tally import KeyPart
from cst_contracts.engine.rows.measure import Part, Tally
from cst_contracts.engine.rows.measures import MEASURES
from cst_contracts.engine.rows.newest import NewestPart
from cst_contracts.engine.rows.null_tally import NullPart
from cst_contracts.engine.rows.order_tally import OrderPart
from cst_contracts.engine.rows.rule_tally import RulePart
from cst_contracts.engine.rows.spread import SpreadPart
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.engine.rows.value_tally import ValuePart
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.facts import SortTerm
from cst_contracts.location import Location
from cst_contracts.needs import (
    AnyRowNeed,
    KeyNeed,
    NewestNeed,
    NullsNeed,
    OrderNeed,
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
