"""Snapshots whose contract is gone: told after a run over everything, and removed by an update of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import pytest
from msgspec import Struct

from cst_contracts.drift.codec import is_snapshot
from cst_contracts.errors import SnapshotError
from cst_contracts.files.contracts import list_contracts
from cst_contracts.files.snapshots import delete_snapshot, list_snapshots, orphans, read_snapshot
from cst_contracts.pytest_plugin.manifest import ProcessFacts
from cst_contracts.pytest_plugin.options import Options, options_of


class Orphans(Struct, frozen=True):
    """A line for each: those that an update removed, and those that stay, which is red."""

    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def settle_orphans(
    config: pytest.Config, processes: Sequence[ProcessFacts], *, told: int, complete: bool
) -> Orphans:
    """`told` promises had their say. `complete`: every process of the run has reported."""
    options = options_of(config)
    everything = complete and _ran_everything(options, processes, told)
    if not everything or _flag(config, "disable_unused_snapshots"):
        return Orphans()
    names = tuple(_orphans(options))
    if _flag(config, "update_snapshots") and not _flag(config, "no_cleanup"):
        return _removed(options, names)
    if _flag(config, "warn_unused_snapshots"):
        return Orphans()
    return Orphans(left=tuple(_left(options, name) for name in names))


def _orphans(options: Options) -> Iterator[PurePosixPath]:
    contracts = [file.relative_to(options.contracts) for file in list_contracts(options.contracts)]
    for name in orphans(list_snapshots(options.snapshots), contracts):
        if _is_ours(options.snapshots / name):
            yield name


def _is_ours(file: Path) -> bool:
    """What cannot be read counts as another program's, too."""
    try:
        text = read_snapshot(file)
    except SnapshotError:
        return False
    return text is not None and is_snapshot(text)


def _removed(options: Options, names: Sequence[PurePosixPath]) -> Orphans:
    removed: list[str] = []
    left: list[str] = []
    for name in names:
        try:
            delete_snapshot(options.snapshots, name)
            removed.append(f"{options.snapshots.name}/{name} was an orphan, and is removed")
        except SnapshotError as error:
            left.append(str(error))
    return Orphans(tuple(removed), tuple(left))


def _left(options: Options, name: PurePosixPath) -> str:
    return (
        f"{options.snapshots.name}/{name} is an orphan: its contract is gone; "
        "`--snapshot-update` over everything removes it"
    )


def _flag(config: pytest.Config, name: str) -> bool:
    """One of syrupy's; not set where syrupy is disabled."""
    return bool(config.getoption(name, default=None))


def _ran_everything(options: Options, processes: Sequence[ProcessFacts], told: int) -> bool:
    """Every contract file of the folder was collected, and every one of its promises told."""
    collected = {Path(file) for process in processes for file in process.files}
    deselected = any(process.deselected for process in processes)
    selected = max((len(process.promises) for process in processes), default=0)
    everything = collected.issuperset(list_contracts(options.contracts)) and bool(collected)
    return everything and not deselected and told >= selected > 0
