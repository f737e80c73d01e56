"""Compares one item's snapshot through syrupy, whose options and summary people know."""

from pathlib import Path

import pytest

from cst_contracts.contract.model import Evolution, EvolutionContract
from cst_contracts.drift.changes import diff
from cst_contracts.drift.codec import decode
from cst_contracts.drift.evolution import is_red
from cst_contracts.errors import SnapshotError
from cst_contracts.facts import SnapshotComparison, SnapshotMatch
from cst_contracts.files.snapshots import read_snapshot, snapshot_name
from cst_contracts.pytest_plugin.options import options_of
from cst_contracts.pytest_plugin.snapshots import (
    Different,
    Matched,
    Missing,
    Written,
    assert_snapshot,
)


class SyrupyStore:
    """The store of the one snapshot file that the item owns. `evolution` is that of its contract."""

    def __init__(self, item: pytest.Function, evolution: EvolutionContract | None) -> None:
        self._item, self._evolution = item, evolution

    @property
    def kept(self) -> bool:
        return self._updates or options_of(self._item.config).snapshots.is_dir()

    @property
    def _updates(self) -> bool:
        return bool(self._item.config.getoption("update_snapshots", default=None))

    def _allowed(self, file: Path, observed: str) -> str | None:
        """The text of a snapshot from which the contract's `evolution` allows all changes: syrupy, which
        counts whatever differs as failed, is not told of it."""
        if self._evolution is None or self._evolution.overall is Evolution.FREEZE:
            return None
        before = read_snapshot(file)
        if before is None or before == observed:
            return None
        try:
            changes = diff(decode(before, file.name), decode(observed, file.name))
        except SnapshotError:
            return None  # the comparison says why
        red = not changes or any(is_red(change, self._evolution) for change in changes)
        return None if red else before

    def compare(self, contract: str, observed: str) -> SnapshotComparison:  # noqa: ARG002 - the item's own
        if not self.kept:
            return SnapshotComparison(SnapshotMatch.NOT_KEPT, "")
        file = snapshot_file(self._item)
        allowed = None if self._updates else self._allowed(file, observed)
        if allowed is not None:
            return SnapshotComparison(SnapshotMatch.DIFFERENT, file.name, allowed)
        match assert_snapshot(self._item, observed, file):
            case Matched():
                return SnapshotComparison(SnapshotMatch.SAME, file.name, observed)
            case Written(before=before):
                return SnapshotComparison(SnapshotMatch.WRITTEN, file.name, before)
            case Missing():
                return SnapshotComparison(SnapshotMatch.MISSING, file.name)
            case Different(before=before):
                return SnapshotComparison(SnapshotMatch.DIFFERENT, file.name, before)


def snapshot_file(item: pytest.Item) -> Path:
    options = options_of(item.config)
    return options.snapshots / snapshot_name(item.path.relative_to(options.contracts))
