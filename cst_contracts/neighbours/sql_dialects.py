"""The words of three SQL dialects for Arrow types, and for values of them."""

from collections.abc import Callable, Mapping

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


_DUCKDB: Mapping[pa.DataType, str] = {
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
}


def _duckdb(type_: pa.DataType) -> str | None:
    plain = value_type(type_)
    if plain in _DUCKDB:
        return _DUCKDB[plain]
    match family(plain):
        case Family.TEXT:
            return "VARCHAR"
        case Family.BYTES:
            return "BLOB"
        case Family.TIME if pa.types.is_timestamp(plain) and plain.unit == "us":
            return "TIMESTAMP WITH TIME ZONE"
        case _:
            return _decimal(plain) or _duckdb_nested(plain)


def _duckdb_nested(type_: pa.DataType) -> str | None:
    if pa.types.is_map(type_):
        key, value = _duckdb(type_.key_type), _duckdb(type_.item_type)
        return f"MAP({key}, {value})" if key and value else None
    if is_list(type_):
        size = type_.list_size if pa.types.is_fixed_size_list(type_) else ""
        element = _duckdb(type_.value_type)
        return element and f"{element}[{size}]"
    if pa.types.is_struct(type_) and type_.num_fields:
        children = [(child.name, _duckdb(child.type)) for child in type_]
        if all(text for _, text in children):
            return f"STRUCT({', '.join(f'{identifier(name)} {text}' for name, text in children)})"
    return None


_SPARK: Mapping[pa.DataType, str] = {
    pa.bool_(): "BOOLEAN",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INT",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.timestamp("us"): "TIMESTAMP_NTZ",
}


def spark_name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _spark(type_: pa.DataType) -> str | None:
    """Spark has no unsigned integers, and times of microseconds only."""
    plain = value_type(type_)
    if plain in _SPARK:
        return _SPARK[plain]
    match family(plain):
        case Family.TEXT:
            return "STRING"
        case Family.BYTES:
            return "BINARY"
        case Family.TIME if pa.types.is_timestamp(plain) and plain.unit == "us":
            return "TIMESTAMP"
        case _:
            return _decimal(plain) or _spark_nested(plain)


def _spark_nested(type_: pa.DataType) -> str | None:
    if pa.types.is_map(type_):
        key, value = _spark(type_.key_type), _spark(type_.item_type)
        return f"MAP<{key}, {value}>" if key and value else None
    if is_list(type_):
        element = _spark(type_.value_type)
        return element and f"ARRAY<{element}>"
    if pa.types.is_struct(type_) and type_.num_fields:
        children = [(child, _spark(child.type)) for child in type_]
        if all(text for _, text in children):
            told = (
                f"{spark_name(child.name)}: {text}{'' if child.nullable else ' NOT NULL'}"
                for child, text in children
            )
            return f"STRUCT<{', '.join(told)}>"
    return None


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
DUCKDB = Dialect("DuckDB", identifier, _duckdb)
SPARK = Dialect("Spark", spark_name, _spark)
