"""A field with nothing declared NOT NULL, at any depth."""

import pyarrow as pa
import pytest

from cst_contracts.datatypes import parse_type
from cst_contracts.datatypes.nullable import relaxed


@pytest.mark.parametrize(
    ("strict", "loose"),
    [
        ("int8", "int8"),
        ("struct<a: int8 not null, b: string>", "struct<a: int8, b: string>"),
        ("list<element: int8 not null>", "list<element: int8>"),
        (
            "large_list<item: struct<a: int8 not null> not null>",
            "large_list<item: struct<a: int8>>",
        ),
        (
            "map<string, struct<a: int8 not null> not null>",
            "map<string, struct<a: int8>>",
        ),
        ("struct<s: struct<l: list<int8 not null>> not null>", "struct<s: struct<l: list<int8>>>"),
    ],
)
def test_nothing_is_declared_not_null_any_more(strict: str, loose: str) -> None:
    field = pa.field("f", parse_type(strict), nullable=False, metadata={"k": "v"})
    expected = pa.field("f", parse_type(loose), metadata={"k": "v"})
    assert relaxed(field).equals(expected, check_metadata=True)
