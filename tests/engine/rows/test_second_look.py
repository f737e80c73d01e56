"""Rows are looked for where more break a promise than are tolerated, and nowhere else."""

import pytest

from cst_contracts.contract.model import ReferenceContract, RuleContract, Tolerance
from cst_contracts.engine.rows.results import RowFact
from cst_contracts.engine.rows.second_look import SecondLook
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import (
    KeyCount,
    NewestValue,
    NullCount,
    ReferenceCount,
    RowOrder,
    RuleCount,
    Sample,
    SortTerm,
    ValueSpread,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    AnyRowNeed,
    KeyNeed,
    NewestNeed,
    NullsNeed,
    OrderNeed,
    ReferenceNeed,
    RuleNeed,
    SpreadNeed,
)

AT = Location("contracts/t.yaml", 1, 1)
ROW = Sample("a.parquet", ())
TWO = Tolerance(2)
NEEDS: list[tuple[AnyRowNeed, RowFact, RowFact]] = [
    (NullsNeed("t", "a", TWO), NullCount(9, 2), NullCount(9, 3)),
    (KeyNeed("t", ("a",), TWO), KeyCount(9, 2, 0), KeyCount(9, 3, 0)),
    (RuleNeed("t", RuleContract("r", "a", AT, tolerance=TWO)), RuleCount(9, 2), RuleCount(9, 3)),
    (
        ReferenceNeed("t", ReferenceContract(("a",), "u", ("b",), AT, tolerance=TWO)),
        ReferenceCount(9, 2),
        ReferenceCount(9, 3),
    ),
]


@pytest.mark.parametrize(("need", "few", "many"), NEEDS, ids=[str(need) for need, *_ in NEEDS])
def test_rows_are_looked_for_where_they_are_too_many(
    need: AnyRowNeed, few: RowFact, many: RowFact
) -> None:
    asked: list[AnyRowNeed] = []

    def find(wanted: AnyRowNeed) -> RowFact:
        asked.append(wanted)
        return NullCount(9, 3, samples=(ROW,))

    def look(counted: RowFact) -> RowFact:
        return SecondLook(lambda _: counted, lambda _: None, find).with_rows(need, counted, ())

    assert look(few) == few
    assert asked == []
    assert look(many).samples == (ROW,)
    assert asked == [need]


NULLS, KEY, ORDER = NullsNeed("t", "a"), KeyNeed("t", ("a",)), OrderNeed("t", (SortTerm("a"),))
BROKEN = NullCount(9, 3)


def test_broken_siblings_are_looked_into_together_and_once() -> None:
    facts: dict[AnyRowNeed, RowFact] = {
        NULLS: BROKEN,
        KEY: KeyCount(9, 3, 0),
        ORDER: RowOrder(9, 0),
    }
    prepared: list[AnyRowNeed] = []

    def count(need: AnyRowNeed) -> RowFact:
        if need not in facts:
            raise IntrospectionError("gone", relation="t")
        return facts[need]

    look = SecondLook(count, prepared.append, lambda _: NullCount(9, 3, samples=(ROW,)))
    unread = NullsNeed("t", "z")
    for _ in range(2):
        assert look.with_rows(NULLS, BROKEN, (unread, ORDER, KEY)).samples == (ROW,)
    assert prepared == [NULLS, KEY]


def told(need: AnyRowNeed, counted: RowFact, found: RowFact | IntrospectionError) -> object:
    def find(_: AnyRowNeed) -> RowFact:
        if isinstance(found, IntrospectionError):
            raise found
        return found

    return SecondLook(lambda _: counted, lambda _: None, find).with_rows(need, counted, ()).samples


def test_a_row_that_tells_nothing_is_left_out() -> None:
    valued, bare = Sample(None, (("a", "1"),)), Sample(None, ())
    assert told(NULLS, BROKEN, NullCount(9, 3, samples=(bare, ROW, valued))) == (ROW, valued)


def test_what_is_not_found_again_is_told() -> None:
    gone = Sample(None, (("not found again", "it is gone"),))
    assert told(NULLS, BROKEN, IntrospectionError("it is gone", relation="t")) == (gone,)


def test_rows_that_are_known_or_of_which_there_are_none_are_not_looked_for() -> None:
    known = NullCount(9, 3, samples=(ROW,))
    assert told(NULLS, known, IntrospectionError("asked", relation="t")) == (ROW,)
    newest, spread = NewestNeed("t", "a"), SpreadNeed("t", "a")
    assert told(newest, NewestValue(9), BROKEN) == told(spread, ValueSpread(9), BROKEN) == ()
    assert told(NULLS, BROKEN, NewestValue(9)) == told(NULLS, BROKEN, ValueSpread(9)) == ()


def test_of_an_order_one_row_is_enough() -> None:
    order = RowOrder(9, 1, samples=(ROW,))
    assert told(ORDER, RowOrder(9, 1), order) == (ROW,)
    assert told(ORDER, RowOrder(9, 0), order) == ()
