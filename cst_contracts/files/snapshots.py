"""Snapshot files as text: one a contract, in a folder that mirrors the contracts' own."""

from collections.abc import Iterable
from pathlib import Path, PurePath, PurePosixPath

from cst_contracts.errors import SnapshotError
from cst_contracts.files.atomic import write_atomic
from cst_contracts.files.regular import read_regular

_SUFFIX = ".json"


def snapshot_name(contract: PurePath) -> PurePosixPath:
    """The file that holds a contract's snapshot; both paths are relative, each to its own folder."""
    return PurePosixPath(contract.as_posix()).with_suffix(_SUFFIX)


def read_snapshot(file: Path) -> str | None:
    """None where there is no such file. Line ends come as line feeds, whatever a checkout made.

    Raises SnapshotError where something is there that is no regular file in UTF-8.
    """
    try:
        text = read_regular(file).decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise SnapshotError(
            f"{file}: not UTF-8 (byte {error.start}); regenerate it with `pytest --snapshot-update`"
        ) from error
    except OSError as error:
        raise SnapshotError(f"{file}: could not be read: {error.strerror}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write_snapshot(file: Path, text: str) -> None:
    """Makes the folders that are missing. Raises SnapshotError where the file cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, text)
    except OSError as error:
        raise SnapshotError(f"{file}: could not be written: {error.strerror}") from error


def list_snapshots(folder: Path) -> tuple[PurePosixPath, ...]:
    """Every snapshot file below the folder, relative to it and sorted.

    Hidden files and what hidden folders hold are left out.
    """
    found = (file.relative_to(folder) for file in folder.rglob(f"*{_SUFFIX}") if file.is_file())
    return tuple(
        sorted(
            PurePosixPath(name.as_posix())
            for name in found
            if not any(part.startswith(".") for part in name.parts)
        )
    )


def delete_snapshot(folder: Path, name: PurePosixPath) -> None:
    """Deletes one snapshot, and the folders that this leaves empty, but for the snapshot folder itself."""
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
