"""Finds the fields and the constants that a contract's SQL text mentions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.model import Sql, TableContract
from cst_contracts.datatypes.values import family

_TOKENS = re.compile(
    r"""
      '(?P<text>(?:[^']|'')*)' | "(?P<quoted>(?:[^"]|"")*)"
    | --[^\n]* | /\*.*?\*/
    | (?P<number>-?\b\d+(?:\.\d+)?\b)
    | (?P<word>[^\W\d][\w$]*)
    """,
    re.VERBOSE | re.DOTALL,
)


class Mentioned(Struct, frozen=True):
    """`names` are field names as they are spelled in the schema."""

    names: tuple[str, ...]
    texts: tuple[str, ...]
    numbers: tuple[Decimal, ...]


def mentioned(sql: str, names: Iterable[str]) -> Mentioned:
    known = {name: name for name in names}
    found: dict[str, None] = {}
    texts: dict[str, None] = {}
    numbers: dict[Decimal, None] = {}
    for token in _TOKENS.finditer(sql):
        if token["text"] is not None:
            texts[token["text"].replace("''", "'")] = None
        elif token["number"]:
            numbers[Decimal(token["number"])] = None
        else:
            name = token["quoted"] or (token["word"] or "").lower()
            if name in known:
                found[name] = None
    return Mentioned(tuple(found), tuple(texts), tuple(numbers))


def constants(contract: TableContract) -> Mapping[str, list[object]]:
    """By field, the constants of rules, aggregates, queries and views that mention it, and what lies beside
    them."""
    fields = (field for field in contract.fields if family(field.type) is not None)
    types = {field.name: field.type for field in fields}
    queries = [rule.sql for rule in contract.rules]
    queries += [aggregate.sql for aggregate in contract.aggregates]
    queries += [query.sql for query in contract.queries]
    queries += [
        each.definition.query for each in contract.views if isinstance(each.definition, Sql)
    ]
    found: dict[str, list[object]] = {}
    for sql in queries:
        told = mentioned(sql, types)
        for name in told.names:
            found.setdefault(name, []).extend(_fitting(told, types[name]))
    return found


def _fitting(told: Mentioned, type_: pa.DataType) -> Iterator[object]:
    """The constants that a field can hold: texts in a field of texts, numbers in one of numbers."""
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if (
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
    ):
        yield from told.texts
        return
    for number in told.numbers:
        for near in (number, number + 1, number - 1):
            if pa.types.is_integer(type_):
                yield from _integer(near, type_)
            elif pa.types.is_floating(type_):
                yield float(near)
            elif pa.types.is_decimal(type_):
                yield from _decimal(near, type_)


def _integer(number: Decimal, type_: pa.DataType) -> Iterator[int]:
    whole = int(number)
    signed = pa.types.is_signed_integer(type_)
    low = -(2 ** (type_.bit_width - 1)) if signed else 0
    if low <= whole < 2 ** (type_.bit_width - int(signed)):
        yield whole


def _decimal(number: Decimal, type_: pa.DataType) -> Iterator[Decimal]:
    try:
        scaled = number.quantize(Decimal(1).scaleb(-type_.scale))
    except InvalidOperation:
        return
    if len(scaled.as_tuple().digits) <= type_.precision:
        yield scaled
