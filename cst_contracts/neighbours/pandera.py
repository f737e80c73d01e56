"""Contracts as the Python of pandera schemas, with which producers check frames before they write them."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

import pyarrow as pa

from cst_contracts.contract.model import (
    NOTHING_TOLERATED,
    ExtraFields,
    FieldContract,
    FieldOrder,
    KeyContract,
    Limit,
    Matching,
    OfLength,
    OneOf,
    Severity,
    TableContract,
    ValueConstraint,
    Within,
)
from cst_contracts.datatypes import is_list, print_type
from cst_contracts.datatypes.values import Family, family, value_of, value_type
from cst_contracts.neighbours.arrow_text import NoPython, type_text
from cst_contracts.neighbours.exported import Exported, left, remarks
from cst_contracts.neighbours.parts import Part, Said, columns

_POLARS = ("import datetime", "", "import pandera.polars as pandera", "import polars as pl")
_PANDAS = (
    "import datetime",
    "",
    "import pandas as pd",
    "import pandera.pandas as pandera",
    "import pyarrow as pa",
)
_CHECKS = {"minimum": "ge", "exclusive_minimum": "gt", "maximum": "le", "exclusive_maximum": "lt"}
_PLAIN: Mapping[pa.DataType, str] = {
    pa.null(): "pl.Null",
    pa.bool_(): "pl.Boolean",
    **{getattr(pa, name.lower())(): f"pl.{name}" for name in ("Int8", "Int16", "Int32", "Int64")},
    pa.uint8(): "pl.UInt8",
    pa.uint16(): "pl.UInt16",
    pa.uint32(): "pl.UInt32",
    pa.uint64(): "pl.UInt64",
    pa.float32(): "pl.Float32",
    pa.float64(): "pl.Float64",
    pa.date32(): "pl.Date",
    pa.time64("ns"): "pl.Time",
}

_OTHERS = re.compile(r"fixed_size_binary|tz=[+-]")
_TAKEN_FOR_BYTES = frozenset(
    {
        "binary_view", "day_time_interval", "decimal256", "dense_union", "large_list", "large_list_view",
        "list_view", "month_day_nano_interval", "month_interval", "run_end_encoded", "sparse_union",
        "string_view",
    }
)  # fmt: skip


def pandera_polars(contract: TableContract) -> Exported:
    return _module(contract, _POLARS, polars_type)


def pandera_pandas(contract: TableContract) -> Exported:
    """Of a frame whose columns are Arrow's, as `pandas.read_parquet(…, dtype_backend="pyarrow")` makes it."""
    return _module(contract, _PANDAS, _pandas_type)


def polars_type(type_: pa.DataType) -> str | None:
    """What polars makes of an Arrow type; None for what it makes another one of, and for maps, which only its
    newer versions have."""
    if type_ in _PLAIN:
        return _PLAIN[type_]
    if pa.types.is_timestamp(type_) and type_.unit != "s":
        return f"pl.Datetime({type_.unit!r}, {type_.tz!r})"
    if pa.types.is_duration(type_) and type_.unit != "s":
        return f"pl.Duration({type_.unit!r})"
    if pa.types.is_decimal128(type_) and type_.scale >= 0:
        return f"pl.Decimal({type_.precision}, {type_.scale})"
    match family(type_):
        case Family.TEXT if not pa.types.is_dictionary(type_):
            return "pl.String"
        case Family.BYTES if not pa.types.is_dictionary(type_):
            return "pl.Binary"
        case _:
            return _polars_nested(type_)


def _polars_nested(type_: pa.DataType) -> str | None:
    if pa.types.is_fixed_size_list(type_):
        element = polars_type(type_.value_type)
        return element and f"pl.Array({element}, {type_.list_size})"
    if is_list(type_):
        element = polars_type(type_.value_type)
        return element and f"pl.List({element})"
    if not pa.types.is_struct(type_):
        return None
    children = {child.name: polars_type(child.type) for child in type_}
    told = ", ".join(f"{name!r}: {text}" for name, text in children.items())
    return f"pl.Struct({{{told}}})" if all(children.values()) else None


def _pandas_type(type_: pa.DataType) -> str | None:
    """pandera 0.35 takes some types of columns for bytes, therefore these columns get no type."""
    if print_type(type_).partition("<")[0].partition("(")[0] in _TAKEN_FOR_BYTES:
        return None
    try:
        return f"pd.ArrowDtype({type_text(type_)})"
    except NoPython:
        return None


def _module(
    contract: TableContract, imports: tuple[str, ...], type_of: Callable[[pa.DataType], str | None]
) -> Exported:
    keys = _keys(contract)
    lines = [
        *(f"# {each}" for each in remarks(contract)),
        *imports,
        "",
        "schema = pandera.DataFrameSchema(",
        "    {",
        *(f"        {_column(each, type_of(each.type), keys)}," for each in columns(contract)),
        "    },",
        *(f"    {each}," for each in _settings(contract, keys)),
        ")",
    ]
    text = "\n".join(lines) + "\n"
    return Exported(text.encode(), left(contract, _holds(contract, keys, type_of)))


def polars_holds(type_: pa.DataType) -> bool:
    """Whether polars has the very type: bytes of a fixed length are bytes of any length to it, and it calls
    an offset by the name of a zone."""
    return polars_type(type_) is not None and _OTHERS.search(print_type(type_)) is None


def _holds(
    contract: TableContract,
    keys: tuple[KeyContract, ...],
    type_of: Callable[[pa.DataType], str | None],
) -> Callable[[Said], bool]:
    typed = {
        each.path
        for each in columns(contract)
        if (polars_holds(each.type) if type_of is polars_type else type_of(each.type))
    }
    limits = {
        (each.path, limit)
        for each in columns(contract)
        for limit in each.constraints
        if _check(each, limit) is not None
    }

    def holds(each: Said) -> bool:
        match each.part:
            case Part.TYPE:
                return each.at in typed
            case Part.LIMIT:
                return (each.at, each.value) in limits
            case Part.KEY:
                return each.value in keys
            case _:
                return each.part in _HELD

    return holds


_HELD = frozenset({Part.ABOUT, Part.NULLABLE, Part.DESCRIPTION, Part.FIELD_SET})


def plain_keys(contract: TableContract) -> Iterator[KeyContract]:
    """Of fields that are never null, as frames take null for a value like any other."""
    never_null = {field.path for field in contract.fields if not field.nullable}
    for key in contract.keys:
        is_plain = key.severity is Severity.ERROR and key.tolerance == NOTHING_TOLERATED
        if is_plain and never_null.issuperset(key.fields):
            yield key


def _keys(contract: TableContract) -> tuple[KeyContract, ...]:
    """Keys of single fields, and one of several: pandera has a word for no more."""
    plain = [*plain_keys(contract)]
    single = [key for key in plain if len(key.fields) == 1]
    return (*single, *[key for key in plain if len(key.fields) > 1][:1])


def _column(field: FieldContract, type_: str | None, keys: tuple[KeyContract, ...]) -> str:
    unique = any(key.fields == (field.path,) for key in keys)
    checks = [text for each in field.constraints if (text := _check(field, each)) is not None]
    said = (
        type_ or "None",
        f"nullable={field.nullable}",
        *(["unique=True"] if unique else []),
        *([f"checks=[{', '.join(checks)}]"] if checks else []),
        *([f"description={field.description!r}"] if field.description else []),
    )
    return f"{field.name!r}: pandera.Column({', '.join(said)})"


def _settings(contract: TableContract, keys: tuple[KeyContract, ...]) -> Iterator[str]:
    yield f"strict={contract.extra_fields is ExtraFields.FORBID}"
    yield f"ordered={contract.field_order is FieldOrder.STRICT}"
    names = {field.path: field.name for field in contract.fields}
    for key in keys:
        if len(key.fields) > 1:
            yield f"unique={[names[path] for path in key.fields]!r}"
    yield f"name={contract.name!r}"


def _check(field: FieldContract, constraint: ValueConstraint) -> str | None:
    """None where some values are tolerated, or cannot be written."""
    if constraint.tolerance != NOTHING_TOLERATED:
        return None
    calls = _calls(field.type, constraint.limit)
    if calls is None:
        return None
    warns = ", raise_warning=True" if field.severity is Severity.WARN else ""
    return ", ".join(f"pandera.Check.{call}{warns})" for call in calls)


def _calls(type_: pa.DataType, limit: Limit) -> list[str] | None:
    """Calls without their closing bracket."""
    match limit:
        case OneOf(values=values):
            told = [python_value(each, type_) for each in values]
            return None if None in told else [f"isin([{', '.join(filter(None, told))}]"]
        case Within():
            return _bounds(type_, limit)
        case Matching(pattern=pattern):
            return [f"str_contains({pattern!r}"]
        case OfLength(least=least, most=most):
            is_text = family(type_) is Family.TEXT
            return [f"str_length({least}, {most}"] if is_text else None


def _bounds(type_: pa.DataType, limit: Within) -> list[str] | None:
    calls: list[str] = []
    for key, bound in limit.bounds:
        told = python_value(bound, type_)
        if told is None:
            return None
        calls.append(f"{_CHECKS[key]}({told}")
    return calls


def python_value(text: str, type_: pa.DataType) -> str | None:
    """A value as Python; None for what Python and the frames hold in different ways."""
    plain = value_type(type_)
    if pa.types.is_decimal(plain) or family(plain) is Family.BYTES:
        return None
    value = value_of(text, plain).as_py()
    match value:
        case float() if not math.isfinite(value):
            return None
        case datetime() if value.tzinfo is not None:
            return None
        case bool() | int() | float() | str() | date():
            return repr(value)
        case _:
            return None
