"""The contract files of a folder, and what is in them."""

import os
from collections.abc import Iterator
from pathlib import Path

from cst_contracts.errors import CstContractsError

SUFFIXES = (".yaml", ".yml")


def list_contracts(folder: Path) -> tuple[Path, ...]:
    """Sorted. Hidden files and what hidden folders hold are none; linked folders are looked into."""
    return tuple(sorted(file for file in _walk(folder) if is_contract(file, folder)))


def is_contract(file: Path, folder: Path) -> bool:
    """By its name: whether it is a file's is for the caller to know."""
    return file.suffix.lower() in SUFFIXES and is_looked_into(file, folder)


def is_looked_into(path: Path, folder: Path) -> bool:
    """Whether a path lies in the folder of contracts, and is not hidden there."""
    return folder in path.parents and not any(
        part.startswith(".") for part in path.relative_to(folder).parts
    )


def links_to_itself(folder: Path) -> bool:
    """A link to a folder that it lies in: whoever followed it would never end."""
    above = folder.parent.resolve()
    return folder.is_symlink() and folder.resolve() in (above, *above.parents)


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not links_to_itself(Path(here, name))]
        yield from (Path(here, name) for name in files)


def read_contract(file: Path) -> bytes:
    """Raises CstContractsError where the file cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise CstContractsError(f"{file}: could not be read: {error.strerror}") from error
