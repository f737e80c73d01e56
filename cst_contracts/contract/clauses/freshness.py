"""The clause that says how old the newest row of a table may be."""

from datetime import timedelta
from zoneinfo import ZoneInfo, available_timezones

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    FIELD_NAME,
    TIME_SPAN,
    ZONE,
    Foreign,
    Key,
    Record,
    RecordKind,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.wording import shown
from cst_contracts.datatypes import print_type
from cst_contracts.errors import Problem
from cst_contracts.location import Location

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class FreshnessContract(Struct, frozen=True):
    """`zone` is that of times which are stored without one; None where they have one."""

    field: str
    within: timedelta
    place: Location
    zone: str | None = None

    @property
    def span(self) -> str:
        """The longest age, as people write it."""
        seconds = int(self.within.total_seconds())
        for unit, length in (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60)):
            if seconds % length == 0:
                return f"{seconds // length}{unit}"
        return f"{seconds}s"


_RECORD = Record(
    "freshness",
    "How old the newest row may be.",
    keys_by_name(
        required_key(
            "field",
            FIELD_NAME,
            "The field of times or dates that tells a row's age.",
            "seen_at",
            "…",
        ),
        required_key("within", TIME_SPAN, "The longest age of the newest row.", "24h", "24h"),
        Key(
            "zone",
            ZONE,
            "The time zone of times that are stored without one, and of dates.",
            "UTC",
        ),
    ),
    foreign=(
        Foreign(("column", "name", "loaded_at_field"), "write `field: $value`", means="field"),
        Foreign(
            ("max_age", "threshold", "error_after", "warn_after"),
            "write `within: $value`",
            means="within",
        ),
        Foreign(("timezone", "tz"), "write `zone: $value`", means="zone"),
    ),
)


def _build(scope: Scope) -> FreshnessContract | None:
    form = scope.form.value("freshness", Form)
    if form is None:
        return None
    field, zone = form.text("field"), form.optional("zone")
    if field is not None:
        scope.promised.refuse_unknown_paths([field], scope.problems)
        _refuse_type(scope, field.text, field.place, zone)
    if zone is not None and zone not in available_timezones():
        what, instead = (
            f"{shown(zone)} is no time zone",
            "write one such as `UTC` or `Europe/Berlin`",
        )
        scope.problems.append(Problem(form.key_places["zone"], what, instead))
    return FreshnessContract(form.words("field"), _span(form.words("within")), form.place, zone)


def _refuse_type(scope: Scope, name: str, place: Location, zone: str | None) -> None:
    """Refuses what is no time, and times of which nobody knows the zone."""
    type_ = next((field.type for field in scope.fields if field.name == name), None)
    if type_ is None:
        return
    if not (pa.types.is_timestamp(type_) or pa.types.is_date(type_)):
        what = f"{shown(name)} is {shown(print_type(type_))}, which tells no age"
        scope.problems.append(Problem(place, what, "name a field of timestamps or dates"))
    elif zone is None and getattr(type_, "tz", None) is None:
        what = f"{shown(name)} is {shown(print_type(type_))}, without a time zone"
        scope.problems.append(Problem(place, what, "write `zone: UTC`, or the zone it is meant in"))


def _span(text: str) -> timedelta:
    """Nothing for text that is none: it has been told already."""
    unit = _UNITS.get(text[-1:], "")
    return timedelta(**{unit: int(text[:-1])}) if unit and text[:-1].isdigit() else timedelta()


def zone_of(contract: FreshnessContract) -> ZoneInfo | None:
    return None if contract.zone is None else ZoneInfo(contract.zone)


FRESHNESS = Clause(
    Key(
        "freshness",
        RecordKind("freshness"),
        "How old the newest row may be, by a field of times.",
        "{field: seen_at, within: 24h}",
    ),
    _build,
    {"freshness": _RECORD},
)
