"""Of the values at a path the ends and the different ones are told, as a contract writes them."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from cst_contracts.engine.rows.spread import SpreadPart
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.facts import ValueSpread
from cst_contracts.needs import SpreadNeed

NAN, NEED = math.nan, SpreadNeed("t", "x", most=3)


def spread(*stretches: pa.Array) -> ValueSpread:
    """Each is met by a thread of its own."""
    part = SpreadPart(pa.schema([("x", stretches[0].type)]), (NEED,))
    first, *others = part.tallies(len(stretches))
    for tally, array in zip((first, *others), stretches, strict=True):
        tally.add(Stretch(pa.record_batch({"x": array}), "f", 0))
    for other in others:
        first.merge(other)
    found = first.answers()[NEED]
    assert isinstance(found, ValueSpread)
    return found


@pytest.mark.parametrize(
    ("values", "type_", "told"),
    [
        ([10, 9, None, 9], pa.int64(), ValueSpread(3, 0, "9", "10", ("9", "10"), rows=4)),
        (
            [2.5, NAN, -1.0, NAN],
            pa.float64(),
            ValueSpread(4, 2, "-1.0", "2.5", ("-1.0", "2.5"), rows=4),
        ),
        ([NAN, None], pa.float32(), ValueSpread(1, 1, rows=2)),
        ([None], pa.string(), ValueSpread(0, rows=1)),
        (["b", "ä", "a"], pa.string_view(), ValueSpread(3, 0, "a", "ä", ("a", "b", "ä"), rows=3)),
        ([*"abcd"], pa.string(), ValueSpread(4, 0, "a", "d", None, rows=4)),
        (
            [Decimal("10.00"), Decimal("9.50")],
            pa.decimal128(6, 2),
            ValueSpread(2, 0, "9.50", "10.00", ("9.50", "10.00"), rows=2),
        ),
        (
            [datetime(2020, 1, 1, tzinfo=UTC), datetime(999, 1, 1, tzinfo=UTC)],
            pa.timestamp("us", "UTC"),
            ValueSpread(
                2,
                0,
                "0999-01-01 00:00:00.000000Z",
                "2020-01-01 00:00:00.000000Z",
                ("0999-01-01 00:00:00.000000Z", "2020-01-01 00:00:00.000000Z"),
                rows=2,
            ),
        ),
        ([True, False], pa.bool_(), ValueSpread(2, 0, "false", "true", ("false", "true"), rows=2)),
    ],
)
def test_values_are_told_in_their_order(
    values: Sequence[Any], type_: pa.DataType, told: ValueSpread
) -> None:
    assert spread(pa.array(values, type_)) == told


@pytest.mark.parametrize(
    ("stretches", "told"),
    [
        ([[1, 2], [3, 2]], ValueSpread(4, 0, "1", "3", ("1", "2", "3"), rows=4)),
        ([[1, 2], [3, 10]], ValueSpread(4, 0, "1", "10", None, rows=4)),
        ([[1, 2, 3, 4], [1]], ValueSpread(5, 0, "1", "4", None, rows=5)),
        ([[1], [1, 2, 3, 4]], ValueSpread(5, 0, "1", "4", None, rows=5)),
        ([[None], [7]], ValueSpread(1, 0, "7", "7", ("7",), rows=2)),
    ],
)
def test_what_several_have_met_adds_up(stretches: Sequence[list[Any]], told: ValueSpread) -> None:
    assert spread(*(pa.array(each, pa.int64()) for each in stretches)) == told
    assert spread(*(pa.array(each, pa.int64()) for each in reversed(stretches))) == told
