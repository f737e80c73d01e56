"""What the commits of a Delta table say of themselves: when, what was done, and by what."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from cst_contracts.contract.model import SourceContract
from cst_contracts.engine.formats.delta.log import DeltaLog
from cst_contracts.engine.storage.pins import Pins
from cst_contracts.engine.storage.urls import Lake, locate

if TYPE_CHECKING:
    from deltalake import DeltaTable

#: The only parameters that are told: a predicate holds values of rows.
_PARAMETERS = ("mode", "partitionBy")
_WRITERS = ("engineInfo", "clientVersion")
_USERS = ("userName", "userId")


class Commit(Struct, frozen=True):
    """`details` are parameters and metrics, in words. Whatever the commit does not say is empty."""

    version: int
    time: datetime | None = None
    operation: str = ""
    writer: str = ""
    user: str = ""
    details: tuple[str, ...] = ()


class History(Struct, frozen=True):
    """`commits` are those that the log still tells of, the oldest first. `latest` is the table's version, and
    not later than the one that its contract names."""

    latest: int
    commits: tuple[Commit, ...]


def history_of(table: str, source: SourceContract, lake: str) -> History:
    """Raises IntrospectionError where there is no such table, or its log cannot be read."""
    url = locate(source.location or "", Lake(lake), table)
    opened = DeltaLog(Pins()).open(table, url, source).table
    commits = (_commit(each) for each in _told(opened))
    latest = opened.version()
    known = sorted(
        (each for each in commits if each.version <= latest), key=lambda each: each.version
    )
    return History(latest, tuple(known))


def _told(opened: "DeltaTable") -> list[dict[str, Any]]:
    return opened.history()


def _commit(told: Mapping[str, Any]) -> Commit:
    moment = told.get("inCommitTimestamp") or told.get("timestamp")
    parameters, metrics = told.get("operationParameters") or {}, told.get("operationMetrics") or {}
    shown = [(key, parameters[key]) for key in _PARAMETERS if parameters.get(key)]
    counted = [(key, value) for key, value in metrics.items() if _is_counted(key, value)]
    return Commit(
        int(told["version"]),
        None if moment is None else datetime.fromtimestamp(moment / 1000, UTC),
        str(told.get("operation") or ""),
        _first(told, _WRITERS),
        _first(told, _USERS),
        tuple(f"{key}={value}" for key, value in (*shown, *counted)),
    )


def _first(told: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((str(told[key]) for key in keys if told.get(key)), "")


def _is_counted(key: str, value: object) -> bool:
    """Not how long it took."""
    if key.lower().endswith(("_ms", "timems")):
        return False
    return str(value).isdigit() and int(str(value)) > 0
