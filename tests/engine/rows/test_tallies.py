"""Batches of a scan to stretches, and what is tallied of them, whichever thread meets which."""

from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cst_contracts.engine.rows.hashes
from cst_contracts.contract.model import RuleContract
from cst_contracts.engine.rows.hashes import Equal, Hashes, Room
from cst_contracts.engine.rows.null_tally import NullPart
from cst_contracts.engine.rows.order_tally import OrderPart, OrderTally
from cst_contracts.engine.rows.places import Places
from cst_contracts.engine.rows.rule_tally import RuleTally
from cst_contracts.engine.rows.stretches import FILE, ROW, Stretch, stretches
from cst_contracts.facts import (
    Misplaced,
    NullCount,
    RowOrder,
    RowPlace,
    RuleCount,
    Sample,
    SortTerm,
)
from cst_contracts.location import Location
from cst_contracts.needs import KeyNeed, NullsNeed, OrderNeed, RuleNeed

X = (SortTerm("x"),)
RULE = RuleNeed("t", RuleContract("r", "x > 0", Location("contracts/t.yaml", 1, 1)))
BY_X, KEY = OrderNeed("t", X), KeyNeed("t", ("x",))


def stretch(values: Sequence[Any], file: str = "f", start: int = 0) -> Stretch:
    return Stretch(pa.record_batch({"x": pa.array(values, pa.int64())}), file, start)


@pytest.mark.parametrize(
    ("files", "rows", "found"),
    [
        ("", [], []),
        ("aaa", [5, 6, 7], [("a", 5, 3)]),
        ("aab", [8, 9, 0], [("a", 8, 2), ("b", 0, 1)]),
        ("aabb", [0, 1, 2, 3], [("a", 0, 2), ("b", 2, 2)]),  # numbered on by chance
        ("aaa", [0, 1, 5], [("a", 0, 2), ("a", 5, 1)]),
        ("abc", [0, 0, 0], [("a", 0, 1), ("b", 0, 1), ("c", 0, 1)]),
        ("aba", [0, 1, 2], [("a", 0, 1), ("b", 1, 1), ("a", 2, 1)]),
    ],
)
def test_a_batch_is_as_many_stretches_as_it_has_runs_of_a_file(
    files: str, rows: list[int], found: list[tuple[str, int, int]]
) -> None:
    columns = {FILE: pa.array(list(files), pa.string()), ROW: pa.array(rows, pa.int64())}
    batch = pa.record_batch(columns)
    seen = [(each.file, each.start, each.batch.num_rows) for each in stretches(batch)]
    if files == "aba":  # no scan mixes files so; the ends would be taken for one run
        assert seen == [("a", 0, 3)]
    else:
        assert seen == found


def tally(
    parts: Sequence[Stretch], terms: Sequence[SortTerm] = X, key: KeyNeed | None = KEY
) -> OrderTally:
    """Each part as another thread's."""
    tallies = OrderPart(BY_X, tuple(terms), 5, key).tallies(len(parts))
    for one, stretch_ in zip(tallies, parts, strict=True):
        one.add(stretch_)
    for other in tallies[1:]:
        tallies[0].merge(other)
    return tallies[0]


def order_of(whole: OrderTally) -> RowOrder:
    found = whole.answers()[BY_X]
    assert isinstance(found, RowOrder)
    return found


def places_of(order: RowOrder) -> list[object]:
    return [each.place for each in order.samples]


def test_a_violation_between_two_stretches_is_found_whoever_met_them() -> None:
    parts = [stretch([1, 2]), stretch([1, 5], start=2), stretch([4], start=4)]
    for order in permutations(parts):
        found = order_of(tally(order))
        assert found.violations == 2
        assert places_of(found) == [RowPlace("f", 2), RowPlace("f", 4)]
        assert found.examples == (
            Misplaced("f", 2, "(2)", "(1)"),
            Misplaced("f", 4, "(5)", "(4)"),
        )


def test_what_travels_has_one_pair_of_ends_of_rows_that_follow_each_other() -> None:
    ones = tally([stretch([1, 2]), stretch([6], start=6)])
    shares = tally([stretch([1, 5], start=2), stretch([4, 4], start=4)])

    restored = shares.part.restored(shares.to_bytes())
    assert [(each.start, each.end) for each in restored.edges] == [(2, 6)]
    restored.merge(ones.part.restored(ones.to_bytes()))
    found = order_of(restored)
    assert (found.rows, found.violations) == (7, 2)
    assert places_of(found) == [RowPlace("f", 2), RowPlace("f", 4)]
    assert found == order_of(tally([stretch([1, 2, 1, 5, 4, 4, 6])]))


@pytest.mark.parametrize(("key", "ends"), [(None, 0), (KEY, 2)])
def test_of_whole_files_only_the_ends_are_kept_that_tell_of_a_key(
    key: KeyNeed | None, ends: int
) -> None:
    whole = tally([stretch([1, 3], "a"), stretch([2], "a", 2), stretch([4], "b")], key=key)
    before = order_of(whole)

    whole.end_files()

    assert len(whole.edges) == ends
    assert order_of(whole) == before
    assert before.violations == 1


@pytest.mark.parametrize(
    ("parts", "unique"),
    [
        ([stretch([1, 2, 3])], True),
        ([stretch([1, 2, 2])], False),
        ([stretch([1, 2]), stretch([2, 3], start=2)], False),  # the tie lies between stretches
        ([stretch([1, 2]), stretch([3, 4], start=2)], True),
        ([stretch([1, 3, 2])], False),
        ([stretch([1, None])], False),
        ([stretch([1, 2], "a"), stretch([3, 4], "b")], True),
        ([stretch([3, 4], "a"), stretch([1, 2], "b")], True),
        (
            [stretch([1, 3], "a"), stretch([2, 4], "b")],
            False,
        ),  # files overlap: neighbours cannot tell
        ([stretch([1, 4], "a"), stretch([2, 3], "b")], False),
        ([stretch([1, 2], "a"), stretch([2, 3], "b")], False),
        ([stretch([1], "a"), stretch([1], "b")], False),
        ([stretch([1], "a"), stretch([2], "b"), stretch([3], "c")], True),
    ],
)
def test_neighbours_tell_a_key_where_no_two_files_overlap(
    parts: list[Stretch], *, unique: bool
) -> None:
    for order in permutations(parts):
        assert (KEY in tally(order).answers()) == unique


def test_files_in_descending_order_are_apart_too() -> None:
    terms = (SortTerm("x", descending=True),)
    assert KEY in tally([stretch([4, 3], "a"), stretch([2, 1], "b")], terms).answers()
    assert KEY not in tally([stretch([4, 2], "a"), stretch([3, 1], "b")], terms).answers()


@pytest.mark.parametrize(
    ("parts", "unique"),
    [
        ([[(1, 5), (2, 4)]], True),
        ([[(1, 4), (1, 5)]], False),
        ([[(1, 4)], [(1, 5)]], False),
        ([[(1, 5)], [(2, 4)]], True),
    ],
)
def test_a_key_that_an_order_only_begins_with_is_told_by_its_own_fields(
    parts: list[list[tuple[int, int]]], *, unique: bool
) -> None:
    terms = (*X, SortTerm("y"))
    tallies = OrderPart(BY_X, terms, 5, KEY).tallies(len(parts))
    start = 0
    for one, rows in zip(tallies, parts, strict=True):
        columns = {"x": [x for x, _ in rows], "y": [y for _, y in rows]}
        one.add(Stretch(pa.record_batch(columns), "f", start))
        start += len(rows)
    for other in tallies[1:]:
        tallies[0].merge(other)
    assert (KEY in tallies[0].answers()) == unique
    assert order_of(tallies[0]).violations == 0


def test_an_order_without_a_key_tells_none() -> None:
    assert list(tally([stretch([1, 2])], key=None).answers()) == [BY_X]


@given(
    values=st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=1, max_size=12),
    cuts=st.sets(st.integers(1, 11), max_size=4),
    shuffled=st.randoms(use_true_random=False),
)
def test_however_rows_are_cut_the_tally_is_that_of_the_whole(
    values: list[int | None], cuts: set[int], shuffled: Any
) -> None:
    bounds = [0, *sorted(cut for cut in cuts if cut < len(values)), len(values)]
    parts = [stretch(values[a:b], start=a) for a, b in pairwise(bounds)]
    shuffled.shuffle(parts)
    ranked = [(value is None, value or 0) for value in values]
    behind = [at + 1 for at, (one, other) in enumerate(pairwise(ranked)) if other < one]
    answers = tally(parts).answers()
    found = answers[BY_X]
    assert isinstance(found, RowOrder)
    assert (found.rows, found.violations) == (len(values), len(behind))
    assert places_of(found) == [RowPlace("f", row) for row in behind[:5]]
    unique = not behind and len(set(values)) == len(values) and None not in values
    assert (KEY in answers) == unique


def test_the_first_places_are_kept_whatever_comes_later() -> None:
    places = Places(2)
    for start in range(90, -1, -10):
        places.add(stretch(range(10), start=start), [3, 5, 9])
    assert places.first() == [RowPlace("f", 3), RowPlace("f", 5)]


def test_nobody_who_wants_no_place_gets_one() -> None:
    places = Places(0)
    places.add(stretch([1]), [0])
    assert places.first() == []


def test_nulls_are_counted_and_placed_at_any_depth() -> None:
    lists = pa.array([[{"i": 1}], None, [{"i": None}, {"i": None}], [None], [{"i": None}]])
    batch = pa.record_batch({"l": lists})
    lists_need, inside = NullsNeed("t", "l"), NullsNeed("t", "l[].i")
    (found,) = NullPart(batch.schema, (lists_need, inside), 1).tallies(1)
    found.add(Stretch(batch, "f", 100))
    assert found.answers() == {
        lists_need: NullCount(5, 1, samples=(Sample(RowPlace("f", 101), ()),), rows=5),
        inside: NullCount(4, 3, samples=(Sample(RowPlace("f", 102), ()),), rows=5),
    }


def test_of_a_rule_only_false_is_a_violation() -> None:
    rule = RuleTally(RULE, "x", Places(5))
    rule.add(Stretch(pa.record_batch({"x": pa.array([True, None, False])}), "f", 7))
    assert rule.answers() == {RULE: RuleCount(3, 1, (Sample(RowPlace("f", 9), ()),))}


def test_equal_hashes_are_told_once_with_their_rows() -> None:
    hashes = Hashes(Room(6))
    hashes.add(pa.array([5, 3, 5], pa.int64()), None)
    hashes.add(pa.array([3, -1, 3, 8], pa.int64()), pa.array([False, False, False, True]))
    assert (hashes.complete, hashes.incomplete) == (6, 1)
    assert hashes.repeated(5) == Equal((3, 5), 5)


def test_no_equal_hashes_are_none() -> None:
    hashes = Hashes(Room(2))
    assert hashes.repeated(9) == Equal()
    hashes.add(pa.array([1, 2], pa.int64()), pa.array([False, False]))
    assert hashes.repeated(9) == Equal()


@pytest.mark.parametrize("room", [0, 1, 2, 3, 6, 100])
def test_hashes_that_do_not_fit_are_compared_all_the_same(room: int) -> None:
    least, most = -(2**63), 2**63 - 1
    hashes = Hashes(Room(room))
    hashes.add(pa.array([least, 7, most], pa.int64()), None)
    hashes.add(pa.array([most, 1], pa.int64()), None)
    hashes.add(pa.array([7, least, 0, least], pa.int64()), None)
    assert (hashes.complete, hashes.incomplete) == (9, 0)
    assert hashes.repeated(7) == Equal((least, 7, most), 7)


def test_what_does_not_fit_is_not_held_and_all_room_is_given_back() -> None:
    room = Room(3)
    hashes = Hashes(room)
    for number in (5, 3, 1):
        hashes.add(pa.array(range(number), pa.int64()), None)
    assert hashes.repeated(99) == Equal((0, 1, 2), 7)
    assert room.take(3)
    assert not room.take(1), "no more was given back than was taken"


@pytest.mark.parametrize("room", [10, 100, 1_000_000])
def test_runs_are_merged_part_by_part(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cst_contracts.engine.rows.hashes, "_LEAST_PART", 64)
    monkeypatch.setattr(cst_contracts.engine.rows.hashes, "_PIECE", 50)
    found = np.random.default_rng(5).integers(-(2**63), 2**63 - 1, 5_000, np.int64)
    found[3_000] = found[4_999] = found[17]
    found[2] = found[4_000]
    hashes = Hashes(Room(room))
    for start in range(0, len(found), 37):
        hashes.add(pa.array(found[start : start + 37]), None)
    assert hashes.repeated(5) == Equal(tuple(sorted(map(int, (found[17], found[2])))), 5)


@pytest.mark.parametrize("room", [2, 100])
def test_more_rows_than_can_be_looked_up_are_too_many(room: int) -> None:
    hashes = Hashes(Room(room))
    hashes.add(pa.array([1, 1, 2, 2], pa.int64()), None)
    assert hashes.repeated(3) is None
