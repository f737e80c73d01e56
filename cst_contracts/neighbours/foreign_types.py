"""The words of SQL, of warehouses and of JSON for types, as Arrow types."""

import re
from collections.abc import Mapping

import pyarrow as pa

from cst_contracts.datatypes import parse_type
from cst_contracts.errors import InvalidType

_NUMERIC = re.compile(r"(?:decimal|numeric|number)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
_SIZED = re.compile(r"\s*\(\s*\d+\s*\)$")
_UTC = pa.timestamp("us", "UTC")
_WORDS: Mapping[str, pa.DataType] = {
    **dict.fromkeys(
        ("varchar", "char", "text", "character varying", "str", "nvarchar", "uuid"), pa.string()
    ),
    **dict.fromkeys(("tinyint", "byte"), pa.int8()),
    **dict.fromkeys(("smallint", "short", "int2"), pa.int16()),
    **dict.fromkeys(("int", "integer", "int4"), pa.int32()),
    **dict.fromkeys(("bigint", "long", "hugeint"), pa.int64()),
    "utinyint": pa.uint8(),
    "usmallint": pa.uint16(),
    "uinteger": pa.uint32(),
    "ubigint": pa.uint64(),
    **dict.fromkeys(("real", "float4"), pa.float32()),
    **dict.fromkeys(("float8", "double precision"), pa.float64()),
    **dict.fromkeys(("bool", "boolean"), pa.bool_()),
    **dict.fromkeys(("bytes", "blob", "bytea", "varbinary"), pa.binary()),
    "date": pa.date32(),
    "time": pa.time64("us"),
    **dict.fromkeys(("timestamp", "datetime", "timestamp_ntz"), pa.timestamp("us")),
    **dict.fromkeys(("timestamptz", "timestamp_tz", "timestamp with time zone"), _UTC),
    "timestamp_s": pa.timestamp("s"),
    "timestamp_ms": pa.timestamp("ms"),
    "timestamp_ns": pa.timestamp("ns"),
}


def foreign_type(text: str) -> pa.DataType | None:
    """None where nobody knows the word."""
    lowered = " ".join(text.lower().split())
    numeric = _NUMERIC.fullmatch(lowered)
    if numeric is not None and int(numeric[1]) <= 38:
        return pa.decimal128(int(numeric[1]), int(numeric[2] or 0))
    known = _WORDS.get(_SIZED.sub("", lowered))
    return _arrow(text) if known is None else known


def _arrow(text: str) -> pa.DataType | None:
    try:
        return parse_type(text)
    except InvalidType:
        return None
