"""Whether a part of a promise went looser or tighter."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cst_contracts.contract.clauses.tolerance import Tolerance
from cst_contracts.drift.tightness import FLAGS, Direction, direction, part_direction

LOOSER, TIGHTER, OTHER = Direction.LOOSENED, Direction.TIGHTENED, Direction.CHANGED


@pytest.mark.parametrize(
    ("name", "loose", "tight"),
    [
        *((name, *values) for name, values in FLAGS.items()),
        ("reads", ("a", "b"), ("a",)),
        ("reads", None, ("a",)),
        ("enum", ("a", "b"), ("b",)),
        ("within", timedelta(days=2), timedelta(days=1)),
        ("maximum", Decimal(2), Decimal(1)),
        ("max_length", 2, 1),
        ("min_length", 1, 2),
        ("exclusive_minimum", 1.5, 2.5),
        ("tolerance", Tolerance(2), Tolerance(1)),
        ("tolerance", Tolerance(percent=Decimal(2)), Tolerance(percent=Decimal(1))),
        ("tolerance", Tolerance(percent=Decimal(2)), Tolerance()),
    ],
)
def test_a_part_goes_tighter_one_way_and_looser_the_other(
    name: str, loose: object, tight: object
) -> None:
    assert part_direction(name, loose, tight) is TIGHTER
    assert part_direction(name, tight, loose) is LOOSER


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_that_is_left_out_goes_by_what_was_written(name: str) -> None:
    loose, tight = FLAGS[name]
    assert part_direction(name, tight, None) is LOOSER
    assert part_direction(name, loose, None) is TIGHTER
    assert part_direction(name, None, tight) is TIGHTER
    assert part_direction(name, None, loose) is LOOSER


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("enum", ("a",), ("b",)),
        ("reads", ("a", "b"), ("b", "c")),
        ("tolerance", Tolerance(2), Tolerance(percent=Decimal(1))),
        ("maximum", Decimal(2), 1.0),
        ("within", "1d", "2d"),
        ("sql", "a > 0", "a > 1"),
        ("rows", 1, 2),
    ],
)
def test_what_nobody_can_compare_has_changed(name: str, before: object, after: object) -> None:
    assert part_direction(name, before, after) is OTHER


def test_a_promise_went_where_all_of_its_parts_went() -> None:
    looser, tighter = {"severity": ("error", "warn")}, {"min_length": (1, 2)}
    for parts, went in (
        (looser, LOOSER),
        (tighter, TIGHTER),
        ({**looser, **tighter}, OTHER),
        ({**looser, "sql": ("a", "a")}, LOOSER),
    ):
        before, after = ({name: each[side] for name, each in parts.items()} for side in (0, 1))
        assert direction(before, after) is went
