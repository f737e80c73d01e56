"""Folders of Python source → the files to extract, in the order of the table."""

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from msgspec import Struct

from cst_contracts.errors import CstContractsError
from cst_contracts.extract.identity import file_id
from cst_contracts.extract.module_names import packages_among, source_folder
from cst_contracts.extract.text import storable

SUFFIXES = frozenset({".py", ".pyi"})


class SourceRoot(Struct, frozen=True):
    """A folder of source, or a single file. `repo` is by default what the folder is called."""

    folder: Path
    repo: str = ""

    @property
    def name(self) -> str:
        resolved = self.folder.resolve()
        return self.repo or (resolved.parent if resolved.is_file() else resolved).name


class SourceFile(Struct, frozen=True):
    """`path` is relative to the root, posix, and the same text on every machine; so is the folder that
    the names of modules start below, `source_folder`."""

    repo: str
    path: str
    file: Path
    source_folder: str = ""


def find_sources(roots: Sequence[SourceRoot], *, by_repo: bool = False) -> list[SourceFile]:
    """Ordered by path and file id, as bytes of UTF-8; `by_repo`: so within each repo."""
    found = [source for root in roots for source in _in_root(root)]
    if not found:
        looked = ", ".join(str(root.folder) for root in roots) or "nowhere: no folder was given"
        raise CstContractsError(f"no Python source found (looked in {looked})")
    # Text sorts by code point in Python, which is the order of its bytes in UTF-8.
    found.sort(key=lambda source: (source.path, file_id(source.repo, source.path)))
    _refuse_twins(found)
    return sorted(found, key=lambda source: source.repo) if by_repo else found


def _in_root(root: SourceRoot) -> Iterator[SourceFile]:
    if not root.folder.exists():
        raise CstContractsError(f"{root.folder}: no such file or folder")
    if root.folder.is_file():
        yield SourceFile(root.name, storable(root.folder.name), root.folder)
        return
    paths = {
        storable(file.relative_to(root.folder).as_posix()): file
        for file in files_below(root.folder)
    }
    packages = packages_among(paths)
    for path, file in paths.items():
        yield SourceFile(root.name, path, file, source_folder(path, packages))


def files_below(folder: Path) -> Iterator[Path]:
    """Symbolic links to files are followed, those to folders are not: they could go in circles."""
    for parent, folders, names in os.walk(folder, onerror=_refuse_unreadable):
        folders[:] = [
            name for name in folders if not name.startswith(".") and name != "__pycache__"
        ]
        for name in names:
            file = Path(parent, name)
            if file.suffix in SUFFIXES and file.is_file():
                yield file


def _refuse_unreadable(error: OSError) -> NoReturn:
    """By default `os.walk` goes on without the folder, and nobody would miss its files."""
    raise CstContractsError(f"{error.filename}: {error.strerror}") from error


def _refuse_twins(ordered: Sequence[SourceFile]) -> None:
    for one, other in pairwise(ordered):
        if (one.repo, one.path) == (other.repo, other.path):
            raise CstContractsError(
                f"{one.file} and {other.file} are both {one.path} of repo {one.repo};"
                " give their roots different repo names"
            )
