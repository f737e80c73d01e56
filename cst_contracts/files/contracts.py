"""The contract files of a folder, and what is in them."""

import os
from collections.abc import Iterator
from pathlib import Path

from cst_contracts.contract.urls import without_credentials
from cst_contracts.errors import CstContractsError
from cst_contracts.files.atomic import write_atomic
from cst_contracts.files.regular import read_regular

SUFFIXES = (".yaml", ".yml")


class UnreadableContract(CstContractsError):
    """A contract file that cannot be read; `why` says so without naming the file."""

    def __init__(self, file: Path, why: str) -> None:
        self.why = f"could not be read: {why}"
        super().__init__(f"{file}: {self.why}")


class UnwritableContract(CstContractsError):
    """A contract file that cannot be replaced."""


def list_contracts(folder: Path) -> tuple[Path, ...]:
    """Every file that is a contract by its name, sorted; linked folders are looked into.

    Listed, too, is what may hide contracts: a link that leads nowhere, and a folder that cannot be listed.
    To read one of those says why. Hidden files and what hidden folders hold are left out.
    """
    found = _walk(folder)
    return tuple(sorted(path for path in found if path == folder or is_looked_into(path, folder)))


def is_contract(file: Path, folder: Path) -> bool:
    """By its name: whether it is a file's is for the caller to know."""
    return file.suffix.lower() in SUFFIXES and is_looked_into(file, folder)


def is_looked_into(path: Path, folder: Path) -> bool:
    """Whether a path lies in the folder of contracts, and is not hidden there."""
    return folder in path.parents and not any(
        part.startswith(".") for part in path.relative_to(folder).parts
    )


def is_out_of_sight(path: Path) -> bool:
    """Whether something may be a contract, or hold some, that no test runner would collect.

    It is named like a contract, and is no file (a named pipe, a link that leads nowhere); or it is a link
    that leads nowhere and may have led to a folder, as in a submodule that was not checked out.
    """
    # os.path, and not Path: what may not be looked at is no file either, and no error here.
    if path.suffix.lower() in SUFFIXES:
        return not os.path.isfile(path) and not os.path.isdir(path)  # noqa: PTH112, PTH113
    return not path.suffix and path.is_symlink() and not os.path.exists(path)  # noqa: PTH110


def links_to_itself(folder: Path) -> bool:
    """Whether a link leads to a folder on the way to it: whoever followed it would never end.

    The way is the one that was walked: two folders that link to each other are on each other's.
    """
    if not folder.is_symlink():
        return False
    target = Path(os.path.realpath(folder))
    way = {Path(os.path.realpath(parent)) for parent in folder.parents}
    return any(target == each or target in each.parents for each in way)


def _walk(folder: Path) -> Iterator[Path]:
    closed: list[Path] = []

    def remember(error: OSError) -> None:
        if error.filename is not None and not isinstance(error, FileNotFoundError):
            closed.append(Path(error.filename))

    for here, folders, files in os.walk(folder, onerror=remember, followlinks=True):
        folders[:] = [name for name in folders if not links_to_itself(Path(here, name))]
        for path in (Path(here, name) for name in files):
            if path.suffix.lower() in SUFFIXES or is_out_of_sight(path):
                yield path
    yield from closed


def read_contract(file: Path) -> bytes:
    """Raises UnreadableContract where the file cannot be read, or is no regular file."""
    try:
        if file.is_dir():
            os.scandir(file).close()  # raises where it is here because it cannot be listed
        return read_regular(file)
    except FileNotFoundError as error:
        if file.is_symlink():
            why = f"it links to {file.readlink()}, which is not there"
            raise UnreadableContract(file, why) from error
        raise UnreadableContract(file, error.strerror or str(error)) from error
    except OSError as error:
        raise UnreadableContract(file, error.strerror or str(error)) from error


def write_contract(file: Path, text: str) -> None:
    """Raises UnwritableContract where the file cannot be replaced."""
    try:
        write_atomic(file, text)
    except OSError as error:
        raise UnwritableContract(f"{file}: could not be written: {error.strerror}") from error


def contract_lines(file: Path) -> list[str]:
    """The lines of a contract, to be quoted, without credentials; none where it cannot be read, which its own
    error says."""
    try:
        return without_credentials(read_contract(file).decode("utf-8", "replace")).splitlines()
    except UnreadableContract:
        return []
