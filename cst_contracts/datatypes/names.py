"""Type names: one word of type text to the Arrow type it names, or to the name that was meant."""

import base64
import difflib

import pyarrow as pa


def _interval(unit: int) -> pa.DataType:
    """The interval of Arrow's unit 0 (year-month) or 1 (day-time).

    pyarrow holds both and can build neither, so they are read from a schema message; its last but
    one byte is the unit.
    """
    message = bytearray(base64.b64decode(_INTERVAL_SCHEMA))
    message[_INTERVAL_UNIT] = unit
    return pa.ipc.read_schema(pa.py_buffer(bytes(message))).field(0).type


_INTERVAL_SCHEMA = (
    "/////3AAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAEAAAAUAAAA"
    "EAAUAAgABgAHAAwAAAAQABAAAAAAAAELEAAAABgAAAAEAAAAAAAAAAEAAAB4AAYACAAGAAYAAAAAAAIA"
)
_INTERVAL_UNIT = 118

PLAIN_TYPES: dict[str, pa.DataType] = {
    **{
        str(plain): plain
        for plain in (
            pa.null(),
            pa.bool_(),
            pa.int8(),
            pa.int16(),
            pa.int32(),
            pa.int64(),
            pa.uint8(),
            pa.uint16(),
            pa.uint32(),
            pa.uint64(),
            pa.float16(),
            pa.float32(),
            pa.float64(),
            pa.string(),
            pa.large_string(),
            pa.string_view(),
            pa.binary(),
            pa.large_binary(),
            pa.binary_view(),
            pa.month_day_nano_interval(),
            _interval(0),
            _interval(1),
        )
    },
    "boolean": pa.bool_(),
    "float16": pa.float16(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "utf8": pa.string(),
    "large_utf8": pa.large_string(),
    "utf8_view": pa.string_view(),
}

TEMPORAL_UNITS: dict[str, tuple[str, ...]] = {
    "time32": ("s", "ms"),
    "time64": ("us", "ns"),
    "timestamp": ("s", "ms", "us", "ns"),
    "duration": ("s", "ms", "us", "ns"),
}

DECIMAL_PRECISION: dict[str, int] = {
    "decimal": 38,
    "decimal32": 9,
    "decimal64": 18,
    "decimal128": 38,
    "decimal256": 76,
}

NESTED_NAMES = (
    "list",
    "large_list",
    "list_view",
    "large_list_view",
    "fixed_size_list",
    "struct",
    "map",
    "dictionary",
    "run_end_encoded",
    "dense_union",
    "sparse_union",
)

# Words of other type systems whose Arrow name no spelling distance would find.
_FOREIGN: dict[str, str] = {
    "int": "`int32` or `int64`",
    "integer": "`int32` or `int64`",
    "tinyint": "`int8`",
    "smallint": "`int16`",
    "bigint": "`int64`",
    "short": "`int16`",
    "long": "`int64`",
    "real": "`float`",
    "str": "`string`",
    "text": "`string`",
    "char": "`string`",
    "varchar": "`string`",
    "bytes": "`binary`",
    "blob": "`binary`",
    "object": "`struct<name: type>`",
    "record": "`struct<name: type>`",
    "array": "`list<type>`",
    "date": "`date32`",
    "time": "`time64[us]`",
    "datetime": "`timestamp[us]`",
    "timestamptz": "`timestamp[us, tz=UTC]`",
    "interval": "`month_day_nano_interval`",
    "union": "`dense_union` or `sparse_union`",
    "extension": "the type it is stored as",
}

_KNOWN = (
    *PLAIN_TYPES,
    "date32",
    "date64",
    "fixed_size_binary",
    *TEMPORAL_UNITS,
    *DECIMAL_PRECISION,
    *NESTED_NAMES,
)


def nearest_name(word: str) -> str:
    """What to write instead of a word that names no type."""
    lowered = word.lower()
    if lowered in _FOREIGN:
        return f"write {_FOREIGN[lowered]}"
    # Longer words are near nothing, and comparing them is slow.
    nearest = difflib.get_close_matches(lowered[:64], _KNOWN, n=1)
    if nearest:
        return f"write `{nearest[0]}`"
    return "write a type as Arrow prints it, such as `int64` or `list<string>`"
