"""A blank value of every type."""

import pyarrow as pa
import pytest

from cst_contracts.datatypes import parse_type
from cst_contracts.datatypes.blanks import blank

TYPES = (
    "int8",
    "uint64",
    "halffloat",
    "double",
    "bool",
    "string",
    "large_string",
    "string_view",
    "binary",
    "large_binary",
    "binary_view",
    "fixed_size_binary[3]",
    "date32[day]",
    "date64[ms]",
    "time32[s]",
    "time64[us]",
    "timestamp[us]",
    "duration[ms]",
    "month_day_nano_interval",
    "large_list<int8>",
    "list<string>",
    "fixed_size_list<int8>[2]",
    "decimal128(10, 2)",
)
NESTED = (
    "timestamp[us, tz=UTC]",
    "struct<a: int64 not null, b: list<string>>",
    "map<string, int64>",
    "dictionary<values=string, indices=int32>",
)


@pytest.mark.parametrize("text", [*TYPES, *NESTED])
def test_a_blank_value_is_there_and_of_its_type(text: str) -> None:
    type_ = parse_type(text)
    assert blank(type_).type == type_
    assert blank(type_).is_valid


def test_a_type_of_nulls_has_null_alone() -> None:
    assert not blank(pa.null()).is_valid


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("int8", 0),
        ("double", 0.0),
        ("bool", False),
        ("string", ""),
        ("large_string", ""),
        ("string_view", ""),
        ("binary", b""),
        ("large_binary", b""),
        ("binary_view", b""),
        ("fixed_size_binary[3]", b"\0\0\0"),
        ("month_day_nano_interval", pa.MonthDayNano([0, 0, 0])),
        ("list<string>", []),
        ("map<string, int64>", []),
        ("fixed_size_list<int8>[2]", [0, 0]),
        ("dictionary<values=string, indices=int32>", ""),
        ("struct<a: int64 not null, b: bool, c: list<string>>", {"a": 0, "b": False, "c": []}),
    ],
)
def test_a_blank_value_is_nothing_of_its_kind(text: str, value: object) -> None:
    assert blank(parse_type(text)).as_py() == value
