"""Finds the snapshots whose contract is gone, and removes them where a run over everything updates."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath, PurePosixPath

from msgspec import Struct

from cst_contracts.drift.codec import is_snapshot
from cst_contracts.errors import SnapshotError
from cst_contracts.files.contracts import list_contracts
from cst_contracts.files.snapshots import delete_snapshot, list_snapshots, orphans, read_snapshot


class Orphans(Struct, frozen=True):
    """A sentence for each: those that an update has removed, and those that are left, which is red."""

    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def settle_orphans(
    root: Path, contracts: Sequence[Path], snapshots: Path, *, update: bool
) -> Orphans:
    """`contracts` and `snapshots` are folders. Only for runs over everything that those of contracts hold."""
    names = tuple(_orphaned(root, contracts, snapshots))
    if update:
        return _removed(snapshots, names)
    return Orphans(left=tuple(_left(snapshots, name) for name in names))


def _orphaned(root: Path, contracts: Sequence[Path], snapshots: Path) -> Iterator[PurePosixPath]:
    for name in orphans(list_snapshots(snapshots), _owners(root, contracts)):
        if _is_ours(snapshots / name):
            yield name


def _owners(root: Path, contracts: Sequence[Path]) -> Iterator[PurePath]:
    """Contract files by their paths below each folder that may be the whole of which a run saw a part: a run
    over `contracts/sales` must not take the snapshots of all others for orphans."""
    for folder in contracts:
        above = (parent for parent in folder.parents if root in parent.parents)
        for whole in dict.fromkeys((folder, *above)):
            yield from (file.relative_to(whole) for file in list_contracts(whole))


def _is_ours(file: Path) -> bool:
    """What cannot be read counts as another program's, too."""
    try:
        text = read_snapshot(file)
    except SnapshotError:
        return False
    return text is not None and is_snapshot(text)


def _removed(snapshots: Path, names: Sequence[PurePosixPath]) -> Orphans:
    removed: list[str] = []
    left: list[str] = []
    for name in names:
        try:
            delete_snapshot(snapshots, name)
            removed.append(f"{snapshots.name}/{name} was an orphan, and is removed")
        except SnapshotError as error:
            left.append(str(error))
    return Orphans(tuple(removed), tuple(left))


def _left(snapshots: Path, name: PurePosixPath) -> str:
    return (
        f"{snapshots.name}/{name} is an orphan: its contract is gone; "
        "`--snapshot-update` over everything removes it"
    )
