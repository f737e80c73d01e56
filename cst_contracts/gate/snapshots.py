"""Holds what was observed against the accepted snapshots of a folder."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from cst_contracts.contract.model import Contract
from cst_contracts.drift.changes import diff
from cst_contracts.drift.codec import decode
from cst_contracts.errors import SnapshotError
from cst_contracts.facts import SnapshotComparison, SnapshotMatch
from cst_contracts.files.snapshots import read_snapshot, write_snapshot
from cst_contracts.report.accepted import accepted_lines, first_accepted_line
from cst_contracts.report.following import following_lines
from cst_contracts.report.lines import Line


class SnapshotStore(Protocol):
    """Where accepted snapshots are kept, one for each contract file."""

    @property
    def kept(self) -> bool:
        """Whether the project keeps snapshots, or this run begins to."""

    def compare(self, contract: str, observed: str) -> SnapshotComparison:
        """Accepts what was observed where the run updates snapshots. Raises SnapshotError where a file
        cannot be compared or written."""


class NoSnapshots:
    """Of a run that compares none."""

    kept = False

    def compare(self, contract: str, observed: str) -> SnapshotComparison:
        return SnapshotComparison(SnapshotMatch.NOT_KEPT, contract)


class FolderSnapshots:
    """One file for each contract, `file_of` says which. With `update`, the observed text is accepted."""

    def __init__(self, folder: Path, file_of: Callable[[str], Path], *, update: bool) -> None:
        self._folder, self._file_of, self._update = folder, file_of, update

    @property
    def kept(self) -> bool:
        return self._update or self._folder.is_dir()

    def compare(self, contract: str, observed: str) -> SnapshotComparison:
        file = self._file_of(contract)
        before = None if self._update and not file.exists() else read_snapshot(file)
        if before == observed:
            return SnapshotComparison(SnapshotMatch.SAME, file.name, before)
        if self._update:
            write_snapshot(file, observed)
            return SnapshotComparison(SnapshotMatch.WRITTEN, file.name, before)
        missing = before is None
        match = SnapshotMatch.MISSING if missing else SnapshotMatch.DIFFERENT
        return SnapshotComparison(match, file.name, before)


class Accepting:
    """Keeps what a store has accepted, as lines by contract file: nobody should commit a change that nobody
    saw. `contracts` are those of the run."""

    def __init__(
        self,
        store: SnapshotStore,
        accepted: dict[str, list[Line]],
        contracts: Iterable[Contract],
    ) -> None:
        self._store, self._accepted = store, accepted
        self._contracts = {each.file: each for each in contracts}

    @property
    def kept(self) -> bool:
        return self._store.kept

    def compare(self, contract: str, observed: str) -> SnapshotComparison:
        comparison = self._store.compare(contract, observed)
        if comparison.match is SnapshotMatch.WRITTEN:
            self._accepted[contract] = list(
                _written(comparison, observed, self._contracts[contract])
            )
        return comparison


def _written(comparison: SnapshotComparison, observed: str, contract: Contract) -> Iterator[Line]:
    file = comparison.file
    try:
        before = None if comparison.before is None else decode(comparison.before, file)
    except SnapshotError:
        before = None  # what could not be compared is replaced as a whole
    if before is None:
        yield first_accepted_line(file)
    else:
        changes = diff(before, decode(observed, file))
        yield from accepted_lines(file, changes)
        yield from following_lines(contract, changes)
