"""The version, or the point in time, of a Delta table that a contract is about."""

from datetime import datetime

from msgspec import Struct

from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    Key,
    MomentKind,
    NumberKind,
    Record,
    RecordKind,
    keys_by_name,
)
from cst_contracts.location import Location


class AsOfVersion(Struct, frozen=True):
    version: int
    place: Location


class AsOfTimestamp(Struct, frozen=True):
    """A point in time, with its time zone."""

    timestamp: datetime
    place: Location


AS_OF_RECORD = Record(
    "as_of",
    "A version of a Delta table, or a point in time.",
    keys_by_name(
        Key("version", NumberKind(), "The version, counted from 0.", "12"),
        Key(
            "timestamp",
            MomentKind(),
            "A time with its zone; the version that was the latest then is read.",
            "2026-01-31T00:00:00Z",
        ),
    ),
    exactly_one=("version", "timestamp"),
)

AS_OF = Key(
    "as_of",
    RecordKind("as_of"),
    "The version of a Delta table to read, or the time whose version to read; the latest by default.",
    "{version: 12}",
)


def build_as_of(source: Form) -> AsOfVersion | AsOfTimestamp | None:
    as_of = source.value("as_of", Form)
    if as_of is None:
        return None
    place = source.key_places["as_of"]
    if (version := as_of.value("version", int)) is not None:
        return AsOfVersion(version, place)
    moment = as_of.value("timestamp", datetime)
    return AsOfTimestamp(moment, place) if moment else None
