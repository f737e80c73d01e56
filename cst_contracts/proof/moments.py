"""The time of a row that is as young as a contract's freshness asks for, or older."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from cst_contracts.contract.clauses.freshness import FreshnessContract, zone_of

_TICKS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_EPOCH = date(1970, 1, 1)
_DAY_MS = 86_400_000


def is_moment(type_: pa.DataType) -> bool:
    return bool(pa.types.is_date(type_) or pa.types.is_timestamp(type_))


def fresh(
    freshness: FreshnessContract,
    type_: pa.DataType,
    now: datetime,
    told_in: pa.DataType | None = None,
) -> int:
    """A young time in a field of that type, `told_in` another type if there is one. A date that began longer
    ago than promised is stale, therefore it may have to be tomorrow's."""
    soon = pa.types.is_date(type_) and freshness.within < timedelta(days=2)
    moment = now + timedelta(days=1) if soon else now - freshness.within / 4
    return _ticks(freshness, told_in or type_, moment)


def oldest_young(freshness: FreshnessContract, type_: pa.DataType, now: datetime) -> int:
    """What is older is stale, or nearly so."""
    return _ticks(freshness, type_, now - freshness.within)


def stale(freshness: FreshnessContract, type_: pa.DataType, now: datetime) -> int:
    return _ticks(freshness, type_, now - 2 * freshness.within - timedelta(days=3))


def _ticks(freshness: FreshnessContract, type_: pa.DataType, moment: datetime) -> int:
    """A time without a zone is the one that clocks show in the zone that is promised."""
    zone = zone_of(freshness)
    naive = pa.types.is_date(type_) or type_.tz is None
    local = moment.astimezone(zone) if zone is not None and naive else moment.astimezone(UTC)
    if pa.types.is_date(type_):
        days = (local.date() - _EPOCH).days
        return days if pa.types.is_date32(type_) else days * _DAY_MS
    seconds = int((local.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    return seconds * _TICKS[type_.unit]
