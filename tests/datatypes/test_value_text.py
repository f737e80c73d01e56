"""Values as short text, also those that Python cannot hold."""

import pyarrow as pa
import pytest

from cst_contracts.datatypes.value_text import quoted_value, told_value

LONG = "x" * 61
NANOSECOND = "1970-01-01 00:00:00.000000001"
FAR = "<value out of range: 4611686018427387904>"


@pytest.mark.parametrize(
    ("value", "told", "quoted"),
    [
        (pa.scalar("a"), "a", "'a'"),
        (pa.scalar("it's", pa.large_string()), "it's", '"it\'s"'),
        (pa.scalar("x" * 60), "x" * 60, f"'{'x' * 59}…"),
        (pa.scalar(LONG), f"{'x' * 60}…", f"'{'x' * 59}…"),
        (pa.scalar(3), "3", "3"),
        (pa.scalar(b"a"), "b'a'", "b'a'"),
        (pa.scalar([1, None]), "[1, None]", "[1, None]"),
        (pa.scalar(1, pa.timestamp("ns")), NANOSECOND, NANOSECOND),
        (pa.scalar(2**62, pa.timestamp("s")), FAR, FAR),
    ],
)
def test_a_value_is_told_in_short(value: pa.Scalar, told: str, quoted: str) -> None:
    assert told_value(value) == told
    assert quoted_value(value) == quoted


def test_what_is_not_there_is_null() -> None:
    assert quoted_value(None) == "NULL"
    assert quoted_value(pa.scalar(None, pa.string())) == "NULL"
