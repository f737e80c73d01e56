"""Text of a contract as a value of a field's type, exactly; what the type does not have is refused."""

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from cst_contracts.datatypes import parse_type
from cst_contracts.datatypes.values import Family, family, value_of, values_wanted, written_value


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("string", "no", "no"),
        ("string_view", "", ""),
        ("dictionary<values=string, indices=int32>", "a", "a"),
        ("binary", "0x00fF", b"\x00\xff"),
        ("binary_view", "0x", b""),
        ("fixed_size_binary[2]", "0x0001", b"\x00\x01"),
        ("int8", "-128", -128),
        ("uint64", "18446744073709551615", 2**64 - 1),
        ("double", "1e-3", 0.001),
        ("double", "-.inf", -math.inf),
        ("halffloat", "0.1", 0.0999755859375),
        ("float", "0.1", 0.10000000149011612),
        ("decimal128(5, 2)", "0.5", Decimal("0.50")),
        ("decimal32(5, 2)", "1e2", Decimal("100.00")),
        ("bool", "true", True),
        ("date32[day]", "2026-01-31", date(2026, 1, 31)),
        ("date64[ms]", "2026-01-31", date(2026, 1, 31)),
        ("time32[s]", "12:30:00", time(12, 30)),
        ("timestamp[s]", "2026-01-31", datetime(2026, 1, 31)),
        ("timestamp[us, tz=UTC]", "2026-01-31T01:00:00+01:00", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_a_text_is_the_value_that_the_type_has(type_: str, text: str, value: Any) -> None:
    assert value_of(text, parse_type(type_)).as_py() == value


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("string", "no"),
        ("large_string", ""),
        ("binary", "0x00ff"),
        ("fixed_size_binary[2]", "0x0001"),
        ("int8", "-128"),
        ("uint64", "18446744073709551615"),
        ("double", "0.001"),
        ("decimal128(5, 2)", "0.50"),
        ("bool", "true"),
        ("date32[day]", "2026-01-31"),
        ("time32[s]", "12:30:00"),
        ("timestamp[s]", "2026-01-31 12:30:00"),
        ("timestamp[us, tz=UTC]", "2026-01-31 00:00:00.000000Z"),
    ],
)
def test_a_value_is_written_as_it_is_read(type_: str, text: str) -> None:
    value = value_of(text, parse_type(type_))
    assert written_value(value) == text


def test_nan_is_a_value_of_floats() -> None:
    assert math.isnan(value_of("NaN", pa.float64()).as_py())


@pytest.mark.parametrize(
    ("type_", "text", "wanted"),
    [
        ("binary", "abc", "bytes as `0x` and hexadecimal digits, such as `0x00ff`"),
        ("fixed_size_binary[2]", "0x00", "bytes as `0x` and hexadecimal digits, such as `0x00ff`"),
        ("int8", "128", "a whole number from -128 to 127"),
        ("int64", "1.0", "a whole number from -9223372036854775808 to 9223372036854775807"),
        ("uint8", "-1", "a whole number from 0 to 255"),
        ("double", "1_000", "a number"),
        ("float", "1e300", "a number"),
        (
            "decimal128(5, 2)",
            "0.125",
            "a number of at most 5 digits, 2 of them after the point",
        ),
        (
            "decimal128(5, 2)",
            "1e400",
            "a number of at most 5 digits, 2 of them after the point",
        ),
        ("bool", "yes", "`true` or `false`"),
        ("date32[day]", "2026-02-30", "a value such as `2026-01-31`"),
        ("time32[s]", "12:30:00.5", "a value such as `12:30:00`"),
        ("time64[us]", "12:30:00+01:00", "a value such as `12:30:00`"),
        ("timestamp[us]", "2026-01-31T00:00:00Z", "a value such as `2026-01-31T12:30:00`"),
        ("timestamp[us, tz=UTC]", "2026-01-31", "a value such as `2026-01-31T12:30:00Z`"),
        ("duration[s]", "5", "nothing"),
        ("list<string>", "a", "nothing"),
    ],
)
def test_what_the_type_does_not_have_is_refused(type_: str, text: str, wanted: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        value_of(text, parse_type(type_))
    assert values_wanted(parse_type(type_)) == wanted


@pytest.mark.parametrize(
    ("type_", "found"),
    [
        ("large_string", Family.TEXT),
        ("large_binary", Family.BYTES),
        ("decimal256(40, 2)", Family.NUMBER),
        ("bool", Family.FLAG),
        ("time64[ns]", Family.TIME),
        ("duration[s]", None),
        ("null", None),
        ("struct<a: int64>", None),
    ],
)
def test_types_compare_within_their_family(type_: str, found: Family | None) -> None:
    assert family(parse_type(type_)) is found


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("true", pa.bool_(), True),
        ("false", pa.bool_(), False),
        ("x", pa.large_string(), "x"),
        ("inf", pa.float32(), float("inf")),
        ("-inf", pa.float64(), float("-inf")),
    ],
)
def test_a_value_is_of_the_type_that_is_wanted(
    text: str, type_: pa.DataType, value: object
) -> None:
    found = value_of(text, type_)
    assert (found.type, found.as_py()) == (type_, value)
