"""Spells the values of a contract's clauses as text: what a promise is compared by, and told by."""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import fields

from cst_contracts.contract.clauses.tolerance import Tolerance
from cst_contracts.datatypes import print_type
from cst_contracts.location import Location

#: Parts that are called otherwise than the keys that they are written under.
_KEYS = {"tolerance": "at_most"}


def spelled(value: object) -> str:
    """Nearly as it is written in a contract; two values that promise the same are spelled the same."""
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case Enum():
            return str(value.value)
        case pa.DataType():
            return print_type(value)
        case timedelta():
            return _span(value)
        case Tolerance():
            return str(value)
        case tuple() | list() | frozenset():
            return f"[{', '.join(map(spelled, value))}]"
        case Struct():
            return _record(value)
        case _:
            return str(value)


def parts(value: Struct) -> dict[str, object]:
    """What a clause says by the names of its parts: equal wherever in a file they are written."""
    said = {each.name: getattr(value, each.name) for each in fields(value)}
    return {name: _placeless(part) for name, part in said.items() if not isinstance(part, Location)}


def _placeless(part: object) -> object:
    match part:
        case Tolerance():
            return part
        case Struct():
            return spelled(part)
        case tuple():
            return tuple(map(_placeless, part))
        case _:
            return part


def written_parts(value: Struct) -> dict[str, object]:
    """Those parts that do not have their defaults."""
    defaults = {each.name: _placeless(each.default) for each in fields(value)}
    return {name: part for name, part in parts(value).items() if part != defaults[name]}


def listed_parts(said: Mapping[str, object]) -> str:
    return ", ".join(f"{_KEYS.get(name, name)}: {spelled(part)}" for name, part in said.items())


def without_secrets(location: str) -> str:
    """A location without the user, the password and the query that its URL may have."""
    scheme, found, rest = location.partition("://")
    if not found:
        return location
    authority, slash, path = rest.partition("?")[0].partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def _record(value: Struct) -> str:
    return f"{{{listed_parts(written_parts(value))}}}"


def _span(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    units = (("d", 86_400), ("h", 3_600), ("m", 60))
    return next(
        (f"{seconds // size}{unit}" for unit, size in units if seconds and seconds % size == 0),
        f"{seconds}s",
    )
