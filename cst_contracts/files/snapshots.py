"""Snapshot files as text, one a contract, in a folder that mirrors the contracts'."""

from collections.abc import Iterable
from pathlib import Path, PurePath, PurePosixPath

from cst_contracts.errors import SnapshotError
from cst_contracts.files.atomic import write_atomic

_SUFFIX = ".json"


def snapshot_name(contract: PurePath) -> PurePosixPath:
    """Where a contract's snapshot stands; both paths are relative, each to its folder."""
    return PurePosixPath(contract.as_posix()).with_suffix(_SUFFIX)


def read_snapshot(file: Path) -> str | None:
    """None: there is no such file. Line ends come as line feeds, whatever a checkout made."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise SnapshotError(
            f"{file}: not UTF-8 (byte {error.start}); regenerate it with `pytest --snapshot-update`"
        ) from error
    except OSError as error:
        raise SnapshotError(f"{file}: could not be read: {error.strerror}") from error


def write_snapshot(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, text)
    except OSError as error:
        raise SnapshotError(f"{file}: could not be written: {error.strerror}") from error


def list_snapshots(folder: Path) -> tuple[PurePosixPath, ...]:
    """Relative to the folder, sorted. Hidden files and what hidden folders hold are none."""
    found = (file.relative_to(folder) for file in folder.rglob(f"*{_SUFFIX}") if file.is_file())
    return tuple(
        sorted(
            PurePosixPath(name.as_posix())
            for name in found
            if not any(part.startswith(".") for part in name.parts)
        )
    )


def delete_snapshot(folder: Path, name: PurePosixPath) -> None:
    """Folders that this leaves empty go too, the snapshot folder itself aside."""
    file = folder / name
    try:
        file.unlink()
        for parent in list(file.parents)[: len(name.parts) - 1]:
            if any(parent.iterdir()):
                return
            parent.rmdir()
    except OSError as error:
        raise SnapshotError(f"{file}: could not be deleted: {error.strerror}") from error


def orphans(
    existing: Iterable[PurePosixPath], contracts: Iterable[PurePath]
) -> tuple[PurePosixPath, ...]:
    """The snapshots that no contract owns any more, sorted."""
    owned = {snapshot_name(contract) for contract in contracts}
    return tuple(sorted(name for name in existing if name not in owned))
