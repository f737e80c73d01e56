"""The words of three SQL dialects for Arrow types, and for values of them."""

from collections.abc import Callable, Mapping
from functools import partial

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import is_list
from cst_contracts.datatypes.values import Family, family, value_of, value_type
from cst_contracts.sql.names import identifier, literal
from cst_contracts.sql.types import sql_type


class Dialect(Struct, frozen=True):
    """`type_text` is None for a type that the dialect has no word for."""

    name: str
    quoted: Callable[[str], str]
    type_text: Callable[[pa.DataType], str | None]


def _datafusion(type_: pa.DataType) -> str | None:
    found = sql_type(type_)
    return None if found is None else found.text


class Words(Struct, frozen=True):
    """How a dialect spells types. `zoned` is a time of microseconds with a zone; the others put together what
    is spelt of a nested type's parts."""

    plain: Mapping[pa.DataType, str]
    text: str
    bytes: str
    zoned: str
    map_of: Callable[[str, str], str]
    list_of: Callable[[pa.DataType, str], str]
    child: Callable[[pa.Field, str], str]
    struct_of: Callable[[str], str]


def _spelt(words: Words, type_: pa.DataType) -> str | None:
    plain = value_type(type_)
    if plain in words.plain:
        return words.plain[plain]
    match family(plain):
        case Family.TEXT:
            return words.text
        case Family.BYTES:
            return words.bytes
        case Family.TIME if pa.types.is_timestamp(plain) and plain.unit == "us":
            return words.zoned
        case _:
            return _decimal(plain) or _nested(words, plain)


def _nested(words: Words, type_: pa.DataType) -> str | None:
    if pa.types.is_map(type_):
        key, value = _spelt(words, type_.key_type), _spelt(words, type_.item_type)
        return words.map_of(key, value) if key and value else None
    if is_list(type_):
        element = _spelt(words, type_.value_type)
        return words.list_of(type_, element) if element else None
    if pa.types.is_struct(type_) and type_.num_fields:
        children = [(child, _spelt(words, child.type)) for child in type_]
        told = [words.child(child, text) for child, text in children if text]
        return words.struct_of(", ".join(told)) if len(told) == len(children) else None
    return None


def _duckdb_list(type_: pa.DataType, element: str) -> str:
    return f"{element}[{type_.list_size if pa.types.is_fixed_size_list(type_) else ''}]"


_DUCKDB = Words(
    plain={
        pa.bool_(): "BOOLEAN",
        pa.int8(): "TINYINT",
        pa.int16(): "SMALLINT",
        pa.int32(): "INTEGER",
        pa.int64(): "BIGINT",
        pa.uint8(): "UTINYINT",
        pa.uint16(): "USMALLINT",
        pa.uint32(): "UINTEGER",
        pa.uint64(): "UBIGINT",
        pa.float32(): "FLOAT",
        pa.float64(): "DOUBLE",
        pa.date32(): "DATE",
        pa.time64("us"): "TIME",
        pa.timestamp("s"): "TIMESTAMP_S",
        pa.timestamp("ms"): "TIMESTAMP_MS",
        pa.timestamp("us"): "TIMESTAMP",
        pa.timestamp("ns"): "TIMESTAMP_NS",
        pa.month_day_nano_interval(): "INTERVAL",
    },
    text="VARCHAR",
    bytes="BLOB",
    zoned="TIMESTAMP WITH TIME ZONE",
    map_of="MAP({}, {})".format,
    list_of=_duckdb_list,
    child=lambda child, text: f"{identifier(child.name)} {text}",
    struct_of="STRUCT({})".format,
)


def spark_name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _spark_child(child: pa.Field, text: str) -> str:
    return f"{spark_name(child.name)}: {text}{'' if child.nullable else ' NOT NULL'}"


#: Spark has no unsigned integers, and times of microseconds only.
_SPARK = Words(
    plain={
        pa.bool_(): "BOOLEAN",
        pa.int8(): "TINYINT",
        pa.int16(): "SMALLINT",
        pa.int32(): "INT",
        pa.int64(): "BIGINT",
        pa.float32(): "FLOAT",
        pa.float64(): "DOUBLE",
        pa.date32(): "DATE",
        pa.timestamp("us"): "TIMESTAMP_NTZ",
    },
    text="STRING",
    bytes="BINARY",
    zoned="TIMESTAMP",
    map_of="MAP<{}, {}>".format,
    list_of=lambda _, element: f"ARRAY<{element}>",
    child=_spark_child,
    struct_of="STRUCT<{}>".format,
)


def _decimal(type_: pa.DataType) -> str | None:
    fits = pa.types.is_decimal(type_) and type_.precision <= 38 and type_.scale >= 0
    return f"DECIMAL({type_.precision}, {type_.scale})" if fits else None


def value_text(text: str, type_: pa.DataType) -> str | None:
    """A value of a contract as a literal of SQL; None for what dialects write each in another way."""
    plain = value_type(type_)
    match family(plain):
        case Family.TEXT:
            return literal(text)
        case Family.NUMBER:
            value = str(value_of(text, plain).as_py())
            return value if value.strip("-+.0123456789") in {"", "e", "E"} else None
        case Family.FLAG:
            return text.upper()
        case Family.TIME if pa.types.is_date(plain):
            return f"DATE {literal(text)}"
        case Family.BYTES | Family.TIME | None:
            return None


DATAFUSION = Dialect("DataFusion", identifier, _datafusion)
DUCKDB = Dialect("DuckDB", identifier, partial(_spelt, _DUCKDB))
SPARK = Dialect("Spark", spark_name, partial(_spelt, _SPARK))
