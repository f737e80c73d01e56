"""Arrow types to the types of the engine's SQL, as far as its DDL has words for them (datafusion 55)."""

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import same_type
from cst_contracts.sql.names import identifier

_PLAIN: dict[pa.DataType, str] = {
    pa.bool_(): "BOOLEAN",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INT",
    pa.int64(): "BIGINT",
    pa.uint8(): "TINYINT UNSIGNED",
    pa.uint16(): "SMALLINT UNSIGNED",
    pa.uint32(): "INT UNSIGNED",
    pa.uint64(): "BIGINT UNSIGNED",
    pa.float32(): "REAL",
    pa.float64(): "DOUBLE",
    pa.string_view(): "VARCHAR",
    pa.binary(): "BYTEA",
    pa.date32(): "DATE",
    pa.time64("ns"): "TIME",
    pa.timestamp("s"): "TIMESTAMP(0)",
    pa.timestamp("ms"): "TIMESTAMP(3)",
    pa.timestamp("us"): "TIMESTAMP(6)",
    pa.timestamp("ns"): "TIMESTAMP(9)",
}


class SqlType(Struct, frozen=True):
    """What to write, and the type that the engine reads it as."""

    text: str
    type: pa.DataType


def sql_type(promised: pa.DataType) -> SqlType | None:
    """A type that counts as the same, with all below it nullable; None where SQL has no word for it."""
    for type_, text in _PLAIN.items():
        if same_type(promised, type_):
            return SqlType(text, type_)
    if pa.types.is_decimal128(promised) or pa.types.is_decimal256(promised):
        return _decimal(promised)
    if pa.types.is_struct(promised):
        return _struct(promised)
    if pa.types.is_fixed_size_list(promised):
        element = sql_type(promised.value_type)
        size = promised.list_size
        return element and SqlType(f"{element.text}[{size}]", pa.list_(element.type, size))
    if pa.types.is_list(promised) or pa.types.is_large_list(promised):
        element = sql_type(promised.value_type)
        return element and SqlType(f"ARRAY<{element.text}>", pa.list_(element.type))
    return None


def _decimal(promised: pa.DataType) -> SqlType | None:
    """The engine makes a decimal128 of what fits into one."""
    wide, precision = pa.types.is_decimal256(promised), promised.precision
    if promised.scale < 0 or wide != (precision > 38):
        return None
    return SqlType(f"DECIMAL({precision}, {promised.scale})", promised)


def _struct(promised: pa.StructType) -> SqlType | None:
    words: list[str] = []
    fields: list[pa.Field] = []
    for child in promised:
        found = sql_type(child.type)
        if found is None:
            return None
        words.append(f"{identifier(child.name)} {found.text}")
        fields.append(pa.field(child.name, found.type))
    return SqlType(f"STRUCT<{', '.join(words)}>", pa.struct(fields)) if words else None
