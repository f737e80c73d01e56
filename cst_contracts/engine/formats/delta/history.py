"""A point in time, or a version's number, to the one version of a Delta table that is meant."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct
from pyarrow.fs import FileSelector

from cst_contracts.contract.model import AsOfTimestamp, AsOfVersion
from cst_contracts.engine.session.boundary import cause_of
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.places import place_of
from cst_contracts.facts import Trouble

if TYPE_CHECKING:
    from deltalake import DeltaTable

_IN_COMMIT = "delta.enableInCommitTimestamps"
_IN_COMMIT_FROM = "delta.inCommitTimestampEnablementVersion"
_MILLISECOND = timedelta(milliseconds=1)
_DIGITS = 20


class Travel(Struct, frozen=True):
    """`latest_time` is None where no time was asked for."""

    latest: int
    latest_time: datetime | None = None


def travel(
    table: str, url: str, opened: "DeltaTable", as_of: AsOfVersion | AsOfTimestamp
) -> Travel:
    """Takes `opened`, the latest version, to the one that is meant: exactly that one, or it raises
    VersionUnavailable. deltalake alone takes the oldest version for any time before it."""
    latest = opened.version()
    match as_of:
        case AsOfVersion(version=version):
            _load(table, url, opened, version)
            return Travel(latest)
        case AsOfTimestamp(timestamp=timestamp):
            times = _commit_times(url, opened)
            version = _version_at(table, url, times, timestamp)
            _load(table, url, opened, version)
            return Travel(latest, times.get(latest))


def _load(table: str, url: str, opened: "DeltaTable", version: int) -> None:
    """Raises VersionUnavailable."""
    from deltalake.exceptions import DeltaError

    latest = opened.version()
    if version > latest:
        cause = f"there is no version {version}: the latest is {latest}"
        raise IntrospectionError(
            cause, relation=table, location=url, trouble=Trouble.VERSION_ABSENT
        )
    try:
        opened.load_as_version(version)
    except DeltaError as error:
        cause = f"version {version} can no longer be made from the log: {cause_of(error)}"
        raise IntrospectionError(
            cause, relation=table, location=url, trouble=Trouble.VERSION_ABSENT
        ) from error


def _version_at(table: str, url: str, times: Mapping[int, datetime], asked: datetime) -> int:
    """The last version that was there. Raises VersionUnavailable."""
    before = [version for version, time in times.items() if time <= asked]
    if before:
        return max(before)
    if not times:
        cause = "the log tells no time of any commit"
    else:
        oldest = min(times)
        cause = (
            f"no version is that old: the oldest that the log has is {oldest}, "
            f"of {times[oldest].isoformat()}"
        )
    raise IntrospectionError(cause, relation=table, location=url, trouble=Trouble.VERSION_TOO_OLD)


def _commit_times(url: str, opened: "DeltaTable") -> dict[int, datetime]:
    """By version, as the Delta protocol tells time: when the commit's file was written, and from the version
    on that the table names, what the commits themselves say."""
    times = _later_each(_written(url))
    configuration = opened.metadata().configuration
    if configuration.get(_IN_COMMIT) != "true":
        return times
    first = int(configuration.get(_IN_COMMIT_FROM, 0))
    told = [each for each in opened.history() if "inCommitTimestamp" in each]
    found = {int(each["version"]): _moment(each["inCommitTimestamp"]) for each in told}
    return {
        **{version: time for version, time in times.items() if version < first},
        **{version: time for version, time in found.items() if version >= first},
    }


def _later_each(times: Mapping[int, datetime]) -> dict[int, datetime]:
    """By the protocol, a commit whose file is not later than the one before it was made a millisecond after
    that: the files of a copied log may all have one time."""
    found: dict[int, datetime] = {}
    before: datetime | None = None
    for version in sorted(times):
        time = times[version]
        before = time if before is None else max(time, before + _MILLISECOND)
        found[version] = before
    return found


def _moment(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _written(url: str) -> dict[int, datetime]:
    filesystem, path = place_of(url)
    found = filesystem.get_file_info(FileSelector(f"{path.rstrip('/')}/_delta_log"))
    commits = ((info.base_name.partition("."), info.mtime_ns) for info in found)
    return {
        int(number): _moment(nanoseconds // 1_000_000)
        for (number, _, suffix), nanoseconds in commits
        if suffix == "json" and len(number) == _DIGITS and number.isdigit() and nanoseconds
    }
