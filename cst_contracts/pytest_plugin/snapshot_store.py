"""Compares one item's snapshot through syrupy, whose options and summary people know."""

from pathlib import Path

import pytest

from cst_contracts.facts import SnapshotComparison, SnapshotMatch
from cst_contracts.files.snapshots import snapshot_name
from cst_contracts.pytest_plugin.options import options_of
from cst_contracts.pytest_plugin.snapshots import (
    Different,
    Matched,
    Missing,
    Written,
    assert_snapshot,
)


class SyrupyStore:
    """The store of the one snapshot file that the item owns."""

    def __init__(self, item: pytest.Function) -> None:
        self._item = item

    @property
    def kept(self) -> bool:
        begins = bool(self._item.config.getoption("update_snapshots", default=None))
        return begins or options_of(self._item.config).snapshots.is_dir()

    def compare(self, contract: str, observed: str) -> SnapshotComparison:  # noqa: ARG002 - the item's own
        if not self.kept:
            return SnapshotComparison(SnapshotMatch.NOT_KEPT, "")
        file = snapshot_file(self._item)
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
