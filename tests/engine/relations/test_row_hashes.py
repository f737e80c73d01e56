"""Equal rows have equal hashes, whatever their sequence and the layout of their values."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cst_contracts.engine.relations.row_hashes import RowHashes, differing, hashes_of
from cst_contracts.facts import RowDifference

PAIR = pa.struct([("x", pa.int64()), ("y", pa.map_(pa.string(), pa.string()))])
NONE = RowDifference(0, 0)


@pytest.mark.parametrize(("views", "plain"), [("string_view", "string"), ("binary_view", "binary")])
def test_a_dictionary_of_views_has_the_values_of_any_other(views: str, plain: str) -> None:
    """pyarrow 26 decodes none; Polars gives its categories so."""
    texts = pa.array(["a", "a longer text than a view holds"]).cast(plain)
    found = pa.DictionaryArray.from_arrays(pa.array([0, None, 1, 1]), texts.cast(views))
    column = pa.chunked_array([texts.take(pa.array([0, None, 1, 0]))])
    assert differing(pa.chunked_array([found]), column) == 1


def hashes(values: Sequence[Any], type_: pa.DataType, room: int = 100) -> RowHashes:
    return hashes_of([pa.record_batch([pa.array(values, type_)], ["a"])], room)


@pytest.mark.parametrize(
    ("values", "one", "other"),
    [
        (["a", "", None, "a longer text than a view holds"], pa.string(), pa.string_view()),
        (["a", "", None], pa.large_string(), pa.dictionary(pa.int8(), pa.string())),
        ([b"a", b"", None], pa.binary(), pa.large_binary()),
        ([b"ab", None], pa.binary(2), pa.binary()),
        ([1, None, -1], pa.int8(), pa.int64()),
        ([1, None], pa.uint64(), pa.int64()),
        ([0.5, None], pa.float32(), pa.float64()),
        ([[1, None], [], None], pa.list_(pa.int32()), pa.large_list(pa.int64())),
        ([[1, None], [2, 3], None], pa.list_(pa.int32(), 2), pa.list_(pa.int64())),
        (
            [[("k", "v"), ("l", None)], [], None],
            pa.map_(pa.string(), pa.string()),
            pa.map_(pa.string_view(), pa.large_string()),
        ),
    ],
)
def test_what_engines_change_in_passing_makes_no_difference(
    values: list[Any], one: pa.DataType, other: pa.DataType
) -> None:
    assert hashes(values, one).difference(hashes(values[::-1], other)) == NONE


def test_zeros_and_nans_are_one_each() -> None:
    one = hashes([0.0, float("nan")], pa.float64())
    assert one.difference(hashes([-0.0, -float("nan")], pa.float64())) == NONE


@pytest.mark.parametrize(
    ("one", "other", "type_"),
    [
        ("a", "b", pa.string()),
        ("", None, pa.string()),
        ("ab", "ba", pa.string()),
        (0, None, pa.int64()),
        (False, None, pa.bool_()),
        ([1, 2], [2, 1], pa.list_(pa.int64())),
        ([None], [], pa.list_(pa.int64())),
        ([], None, pa.list_(pa.int64())),
        ({"x": 1, "y": None}, {"x": 1, "y": []}, PAIR),
        ({"x": None, "y": None}, None, PAIR),
        ({"x": 1, "y": [("k", "v")]}, {"x": 1, "y": [("v", "k")]}, PAIR),
        ([["a"], ["b"]], [["a", "b"], []], pa.list_(pa.list_(pa.string()))),
        ("0.10", "0.20", pa.string()),
    ],
)
def test_other_values_make_a_difference(one: Any, other: Any, type_: pa.DataType) -> None:
    assert hashes([one], type_).difference(hashes([other], type_)) == RowDifference(1, 1)


def test_fields_that_change_places_make_a_difference() -> None:
    one, other = (hashes_of([pa.record_batch([[x], [y]], ["x", "y"])]) for x, y in ((1, 2), (2, 1)))
    assert one.difference(other) == RowDifference(1, 1)


def test_each_row_counts_as_often_as_it_is_there() -> None:
    here = hashes([1, 1, 1, 2], pa.int64())
    assert here.difference(hashes([1, 2, 2, 3], pa.int64())) == RowDifference(2, 2)


def test_of_more_rows_than_are_kept_it_is_told_that_they_differ() -> None:
    here, there = (hashes(values, pa.int64(), room=2) for values in ([1, 2, 3], [1, 2, 3, 4]))
    assert here.each is None
    assert here.difference(here) == NONE
    assert here.difference(there) == RowDifference(1, 0)
    assert there.difference(here) == RowDifference(1, 1)
    same_count = hashes([1, 2, 4], pa.int64(), room=2)
    assert here.difference(same_count) == RowDifference(1, 0)


ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-3, 3),
        st.none() | st.text("ab\0é", max_size=4),
        st.none() | st.lists(st.none() | st.text("ab", max_size=2), max_size=3),
    ),
    max_size=8,
)


@given(ROWS, ROWS)
def test_a_difference_is_that_of_the_rows_as_bags(one: list[Any], other: list[Any]) -> None:
    types = pa.int64(), pa.string(), pa.list_(pa.string())

    def batches(rows: list[Any]) -> list[pa.RecordBatch]:
        columns = [pa.array([row[n] for row in rows], types[n]) for n in range(3)]
        batch = pa.record_batch(columns, ["i", "t", "l"])
        return [batch.slice(0, 3), batch.slice(3)]

    left, right = map(repr, one), list(map(repr, other))
    extra = 0
    for row in left:
        if row in right:
            right.remove(row)
        else:
            extra += 1
    found = hashes_of(batches(one)).difference(hashes_of(batches(other)))
    assert found == RowDifference(len(right), extra)
