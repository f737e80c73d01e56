"""A contract's snapshot text to an outcome, through syrupy's session, options and summary.

syrupy looks for unused snapshots itself and deletes them on an update. It is told of none of ours:
which file belongs to a contract is known to its item alone, so no run can touch another's.
"""

from pathlib import Path
from typing import Any, TypeAlias

import pytest
from msgspec import Struct
from syrupy.assertion import AssertionResult, SnapshotAssertion
from syrupy.data import SnapshotCollection, SnapshotCollections
from syrupy.exceptions import TaintedSnapshotError
from syrupy.extensions.base import AbstractSyrupyExtension
from syrupy.location import PyTestLocation
from syrupy.session import SnapshotSession
from syrupy.types import SerializableData, SerializedData

from cst_contracts.errors import SnapshotError
from cst_contracts.files.snapshots import read_snapshot, write_snapshot

_FILE = pytest.StashKey[Path]()
_UNREADABLE = b""


class Matched(Struct, frozen=True):
    pass


class Written(Struct, frozen=True):
    """`before` is the text that was replaced; None where there was none that could be read."""

    created: bool
    before: str | None


class Missing(Struct, frozen=True):
    """There is no snapshot, and this run may not write one."""


class Different(Struct, frozen=True):
    """The snapshot holds another text, and this run may not replace it."""

    before: str


SnapshotOutcome: TypeAlias = Matched | Written | Missing | Different


def assert_snapshot(item: pytest.Function, text: str, location: Path) -> SnapshotOutcome:
    """Compare, or with `--snapshot-update` write, the one snapshot file that the item owns.

    Raises SnapshotError where the file cannot be compared or written, or where syrupy is disabled.
    """
    session = _syrupy_session(item.config)
    if claimed_by_syrupy(item.config, location.parent):
        raise SnapshotError(
            f"{location}: syrupy's own snapshots are in folders of this name "
            f"(--snapshot-dirname {item.config.option.snapshot_dirname}), where it deletes files "
            "that it does not know; name one of the two folders otherwise"
        )
    item.stash[_FILE] = location
    assertion = SnapshotAssertion(
        session=session,
        extension_class=ContractSnapshotExtension,
        test_location=PyTestLocation(item),
        update_snapshots=bool(item.config.option.update_snapshots),
        update_new_snapshots_only=bool(item.config.option.update_new_snapshots_only),
    )
    held = assertion == text
    result = assertion.executions[0]
    return _held(result) if held else _not_held(result, location)


def claimed_by_syrupy(config: pytest.Config, folder: Path) -> bool:
    """Whether syrupy may take the files of a folder for its own, and delete them on an update."""
    claimed = Path(config.getoption("snapshot_dirname", "")).parts
    return bool(claimed) and any(
        part.parts[-len(claimed) :] == claimed for part in (folder, *folder.parents)
    )


class ContractSnapshotExtension(AbstractSyrupyExtension):
    """One text a file, where the item says; found by its own item only, and deleted by none."""

    file_extension = "json"
    write_immediately = True

    def serialize(self, data: SerializableData, **_: Any) -> SerializedData:
        return str(data)

    @classmethod
    def get_location(cls, *, test_location: PyTestLocation, **_: Any) -> str:
        return str(test_location.item.stash[_FILE])

    def discover_snapshots(self, **_: Any) -> SnapshotCollections:
        """None, so that none of ours is ever unused."""
        return SnapshotCollections()

    def read_snapshot_collection(self, *, snapshot_location: str) -> SnapshotCollection:
        return SnapshotCollection(location=snapshot_location)

    def read_snapshot_data_from_location(
        self, *, snapshot_location: str, **_: Any
    ) -> SerializedData | None:
        """What cannot be read is tainted to syrupy, and not absent: an update replaces it."""
        try:
            return read_snapshot(Path(snapshot_location))
        except SnapshotError as error:
            raise TaintedSnapshotError(snapshot_data=_UNREADABLE) from error

    @classmethod
    def write_snapshot_collection(
        cls, *, snapshot_collection: SnapshotCollection, **_: Any
    ) -> None:
        for snapshot in snapshot_collection:
            write_snapshot(Path(snapshot_collection.location), str(snapshot.data))

    def delete_snapshots(self, **_: Any) -> None:
        """Nothing: which contracts are gone is not for syrupy to tell."""


def _syrupy_session(config: pytest.Config) -> SnapshotSession:
    session = getattr(config, "_syrupy", None)
    if not isinstance(session, SnapshotSession):
        raise SnapshotError(
            "snapshots are compared by the pytest plugin syrupy, which is disabled in this run; "
            "run without `-p no:syrupy`, or leave these checks out with `-k 'not snapshot'`"
        )
    return session


def _held(result: AssertionResult) -> SnapshotOutcome:
    if not result.created and not result.updated:
        return Matched()
    return Written(created=result.created, before=_text(result.recalled_data))


def _not_held(result: AssertionResult, location: Path) -> SnapshotOutcome:
    if isinstance(result.exception, TaintedSnapshotError):
        read_snapshot(location)  # raises what syrupy has not handed on
    if isinstance(result.exception, OSError):  # syrupy makes the folder
        strerror = result.exception.strerror
        raise SnapshotError(f"{location}: could not be written: {strerror}") from result.exception
    if result.exception is not None:
        raise result.exception
    before = _text(result.recalled_data)
    return Missing() if before is None else Different(before)


def _text(recalled: SerializedData | None) -> str | None:
    return None if recalled is None or recalled == _UNREADABLE else str(recalled)
