"""A field, with all that is below it, as the Python of a dataframely column."""

from collections.abc import Iterator, Mapping

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.model import (
    NOTHING_TOLERATED,
    FieldContract,
    Limit,
    Matching,
    OfLength,
    OneOf,
    Severity,
    ValueConstraint,
    Within,
)
from cst_contracts.datatypes import is_list
from cst_contracts.datatypes.values import Family, family
from cst_contracts.neighbours.pandera import polars_type, python_value

_ORDINAL: Mapping[str, str] = {
    "minimum": "min",
    "exclusive_minimum": "min_exclusive",
    "maximum": "max",
    "exclusive_maximum": "max_exclusive",
}
_COMPARED: Mapping[str, str] = {
    "minimum": ">=",
    "exclusive_minimum": ">",
    "maximum": "<=",
    "exclusive_maximum": "<",
}
_LENGTHS: Mapping[Family, str] = {Family.TEXT: "str.len_chars()", Family.BYTES: "bin.size()"}


class _Word(Struct, frozen=True):
    """How a limit is said: as an argument of the column's class, or as a check of `value`."""

    name: str
    text: str
    is_check: bool = False


def column_text(field: FieldContract, *more: str) -> str:
    """`more` is what the table's clauses say of the column."""
    name, *first = _class_of(field)
    words = [*_words(field)]
    if name == "Any" and holds_null(field):
        words.append(_Word("nullability", "value.is_not_null()", is_check=True))
    said = [
        *first,
        *([] if name == "Any" else [f"nullable={not holds_null(field)}"]),
        *_floats(field, words),
        *(f"{each.name}={each.text}" for each in words if not each.is_check),
        *_checks(words),
        *([f"metadata={dict(field.metadata)!r}"] if field.metadata else []),
        *([f"description={field.description!r}"] if field.description else []),
        *more,
    ]
    return f"dy.{name}({', '.join(said)})"


def holds_null(field: FieldContract) -> bool:
    """Whether a null is refused: dataframely knows no warnings."""
    return not field.nullable and field.severity is Severity.ERROR


def holds_limit(field: FieldContract, constraint: ValueConstraint) -> bool:
    """Whether values beyond a limit are refused; dataframely tolerates none."""
    return (
        constraint.tolerance == NOTHING_TOLERATED
        and field.severity is Severity.ERROR
        and polars_type(field.type) is not None
        and _limit(field.type, constraint.limit) is not None
    )


def _class_of(field: FieldContract) -> Iterator[str]:
    """The name of the column's class, and the arguments that its type needs."""
    type_ = field.type
    if pa.types.is_struct(type_):
        children = ", ".join(f"{each.name!r}: {column_text(each)}" for each in field.children)
        yield from ("Struct", f"{{{children}}}")
    elif pa.types.is_fixed_size_list(type_):
        yield from ("Array", column_text(field.children[0]), f"{type_.list_size}")
    elif is_list(type_):
        yield from ("List", column_text(field.children[0]))
    else:
        yield from _plain_class(type_)


def _plain_class(type_: pa.DataType) -> Iterator[str]:
    """A column of any type is always nullable, and is what stands for the types that polars lacks."""
    told = polars_type(type_)
    if told is None or pa.types.is_null(type_):
        yield "Any"
    elif pa.types.is_timestamp(type_):
        yield from ("Datetime", f"time_unit={type_.unit!r}", f"time_zone={type_.tz!r}")
    elif pa.types.is_duration(type_):
        yield from ("Duration", f"time_unit={type_.unit!r}")
    elif pa.types.is_decimal(type_):
        yield from ("Decimal", f"{type_.precision}", f"{type_.scale}")
    else:
        yield {"pl.Boolean": "Bool"}.get(told, told.removeprefix("pl."))


def _floats(field: FieldContract, words: list[_Word]) -> Iterator[str]:
    """dataframely refuses NaN and infinities where nothing is said; a contract's range has no NaN in it."""
    if pa.types.is_floating(field.type) and polars_type(field.type):
        ranged = any(each.name in _ORDINAL.values() for each in words)
        yield "allow_inf=True"
        yield f"allow_nan={not ranged}"


def _checks(words: list[_Word]) -> Iterator[str]:
    told = [f"{each.name!r}: lambda value: {each.text}" for each in words if each.is_check]
    if told:
        yield f"check={{{', '.join(told)}}}"


def _words(field: FieldContract) -> Iterator[_Word]:
    for each in field.constraints:
        if holds_limit(field, each):
            yield from _limit(field.type, each.limit) or ()


def _limit(type_: pa.DataType, limit: Limit) -> list[_Word] | None:
    """None for what Python, or polars, cannot say."""
    match limit:
        case OneOf(values=values):
            told = [text for each in values if (text := python_value(each, type_)) is not None]
            check = _Word("enum", f"value.is_in([{', '.join(told)}])", is_check=True)
            return [check] if len(told) == len(values) else None
        case Within():
            return _range(type_, limit)
        case Matching(pattern=pattern):
            return [_Word("regex", repr(pattern))] if family(type_) is Family.TEXT else None
        case OfLength(least=least, most=most):
            return _length(type_, least, most)


def _range(type_: pa.DataType, limit: Within) -> list[_Word] | None:
    told: list[_Word] = []
    for key, bound in limit.bounds:
        text = python_value(bound, type_)
        if text is None:
            return None
        if family(type_) is Family.TEXT:
            told.append(_Word(key, f"value {_COMPARED[key]} {text}", is_check=True))
        else:
            told.append(_Word(_ORDINAL[key], text))
    return told


def _length(type_: pa.DataType, least: int | None, most: int | None) -> list[_Word] | None:
    """dataframely's own words count bytes, where a contract counts characters."""
    kind = family(type_)
    if kind is None or kind not in _LENGTHS:
        return None
    bounds = (("min_length", ">=", least), ("max_length", "<=", most))
    return [
        _Word(key, f"value.{_LENGTHS[kind]} {sign} {bound}", is_check=True)
        for key, sign, bound in bounds
        if bound is not None
    ]
