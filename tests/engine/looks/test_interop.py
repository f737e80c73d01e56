"""Rows that a library changes, loses or refuses, in ways in which none of today's does."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cst_contracts.engine.looks.interop import exchanged
from cst_contracts.engine.looks.libraries import ArrowStream, Loaded

ROWS = pa.table(
    {
        "a": [1, 2, 3],
        "x": [0.5, float("nan"), None],
        "m": pa.array([[("k", None)], [], None], pa.map_(pa.string(), pa.int64())),
    }
)


def library(change: Callable[[pa.Table], pa.Table]) -> Loaded:
    return Loaded("1.0", lambda stream: change(pa.table(stream)))


def only(most: int) -> Callable[[pa.Table], pa.Table]:
    """A library that takes so many fields at once."""

    def taken(rows: pa.Table) -> pa.Table:
        if rows.num_columns > most:
            raise ValueError("too wide")
        return rows

    return taken


def test_what_is_handed_over_is_a_stream_and_nothing_else() -> None:
    assert [name for name in dir(ArrowStream(ROWS)) if name.startswith("__arrow")] == [
        "__arrow_c_stream__"
    ]


def test_equal_values_of_other_layouts_are_no_difference() -> None:
    found = exchanged(ROWS, library(lambda rows: rows.set_column(0, "a", rows["a"].cast("int32"))))
    assert (found.differing, found.refused, found.rows_returned) == ((), (), 3)


def test_rows_with_another_value_are_counted_by_field() -> None:
    def other(rows: pa.Table) -> pa.Table:
        return rows.set_column(1, "x", pc.fill_null(rows["x"], 0.0)).set_column(
            0, "a", rows["a"].take([0, 2, 1])
        )

    assert exchanged(ROWS, library(other)).differing == (("a", 2), ("x", 1))


def test_of_other_numbers_of_rows_no_value_is_compared() -> None:
    found = exchanged(ROWS, library(lambda rows: rows.slice(1)))
    assert (found.rows, found.rows_returned, found.differing) == (3, 2, ())


@pytest.mark.parametrize(("most", "refused"), [(2, [""]), (0, ["a", "x", "m"])])
def test_what_is_refused_is_handed_over_no_more(most: int, refused: list[str]) -> None:
    found = exchanged(ROWS, library(only(most)))
    assert [each.path for each in found.refused] == refused
    assert all(each.reason == "too wide" for each in found.refused)
    assert found.handed.names == found.returned.names == []
