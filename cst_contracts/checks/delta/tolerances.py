"""How the schema of a Delta log and a session's schema of the same table may differ, and why.

The one table of it: any other difference is red.
"""

from collections.abc import Callable
from enum import StrEnum

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import is_list

_UTC = frozenset({"UTC", "Etc/UTC", "Z", "+00:00"})


class Aspect(StrEnum):
    TYPE = "type"
    POSITION = "position"
    NULLABILITY = "nullability"


class Sides(Struct, frozen=True):
    """One node of a table: as the log has it, and as the session has it."""

    path: str
    log: pa.Field
    session: pa.Field
    partition: bool


class Tolerance(Struct, frozen=True):
    """A difference that is none, with the reason for it. `holds` tells whether a node's two sides are so."""

    name: str
    aspect: Aspect
    reason: str
    holds: Callable[[Sides], bool]


def _both(test: Callable[[pa.DataType], bool], sides: Sides) -> bool:
    return test(sides.log.type) and test(sides.session.type)


def _is_text(type_: pa.DataType) -> bool:
    return type_ in (pa.string(), pa.large_string(), pa.string_view())


def _is_bytes(type_: pa.DataType) -> bool:
    plain = type_ in (pa.binary(), pa.large_binary(), pa.binary_view())
    return plain or bool(pa.types.is_fixed_size_binary(type_))


def _is_encoding(sides: Sides) -> bool:
    session = sides.session.type
    if not pa.types.is_dictionary(session):
        return False
    values = session.value_type
    return bool(values == sides.log.type) or (_is_text(values) and _is_text(sides.log.type))


def _is_other_unit(sides: Sides) -> bool:
    log, session = sides.log.type, sides.session.type
    return _both(pa.types.is_timestamp, sides) and _zone(log) == _zone(session)


def _zone(type_: pa.TimestampType) -> str | None:
    return "UTC" if type_.tz in _UTC else type_.tz


TOLERANCES: tuple[Tolerance, ...] = (
    Tolerance(
        "string layouts",
        Aspect.TYPE,
        "the log has one string; engines read it as string, large_string or string_view",
        lambda sides: _both(_is_text, sides),
    ),
    Tolerance(
        "binary layouts",
        Aspect.TYPE,
        "the log has one binary; engines read it as binary, large_binary, binary_view or of a fixed size",
        lambda sides: _both(_is_bytes, sides),
    ),
    Tolerance(
        "dictionary encoding",
        Aspect.TYPE,
        "an encoding of the values, which engines choose for partition fields and repeated text",
        _is_encoding,
    ),
    Tolerance(
        "list layouts and element names",
        Aspect.TYPE,
        "the log has one array whose element has no name; files say item or element",
        lambda sides: _both(is_list, sides),
    ),
    Tolerance(
        "names of a map's entries",
        Aspect.TYPE,
        "the log names neither entries nor sides; files say entries or key_value",
        lambda sides: _both(pa.types.is_map, sides),
    ),
    Tolerance(
        "timestamp units, and the names of UTC",
        Aspect.TYPE,
        "the log has microseconds; a session that reads the files keeps what the writer chose",
        _is_other_unit,
    ),
    Tolerance(
        "nullability of partition fields",
        Aspect.NULLABILITY,
        "no file holds them: sessions that take them from folder names declare them not null",
        lambda sides: sides.partition and not sides.session.nullable,
    ),
    Tolerance(
        "nullability of map keys",
        Aspect.NULLABILITY,
        "a map's key is never null, whatever a schema says of it",
        lambda sides: sides.path.endswith("{}.key"),
    ),
    Tolerance(
        "position of partition fields",
        Aspect.POSITION,
        "sessions that take them from folder names put them last",
        lambda sides: sides.partition,
    ),
)


def is_tolerated(aspect: Aspect, sides: Sides) -> bool:
    return any(row.aspect is aspect and row.holds(sides) for row in TOLERANCES)
