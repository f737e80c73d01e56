"""Collects the files of the folder of contracts: hooks that are registered where the folder exists."""

from collections.abc import Generator, Iterable
from fnmatch import fnmatch
from os.path import abspath
from pathlib import Path

import pytest

from cst_contracts.files.contracts import (
    is_contract,
    is_looked_into,
    is_out_of_sight,
    links_to_itself,
)
from cst_contracts.pytest_plugin.collect import ContractFile
from cst_contracts.pytest_plugin.ids import nearest_ids
from cst_contracts.pytest_plugin.state import SELECTION


class ContractFolder(pytest.Directory):
    """A folder of contracts, with what pytest's own folders pass over in silence.

    pytest 9 collects regular files and folders only, so a contract that is a dangling link or a named pipe
    would be looked at by nobody, and the run would be green.
    """

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        for path in sorted(self.path.iterdir()):
            is_folder = path.is_dir()
            named = self.session.isinitpath(path, with_parents=is_folder)
            if not named and self.ihook.pytest_ignore_collect(
                collection_path=path, config=self.config
            ):
                continue
            if is_folder:
                folder = self.ihook.pytest_collect_directory(path=path, parent=self)
                yield from () if folder is None else (folder,)
            elif path.is_file() or is_out_of_sight(path):
                yield from self.ihook.pytest_collect_file(file_path=path, parent=self)


class Folder:
    """`file_type` is what each contract file is collected as."""

    def __init__(self, path: Path, file_type: type[ContractFile] = ContractFile) -> None:
        self._path, self._file_type = path, file_type

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        """Says what somebody may have meant by an id that does not exist. pytest names the file only."""
        try:
            return (yield)
        except pytest.UsageError as error:
            near = nearest_ids(session.config, self._path)
            raise pytest.UsageError(*error.args, *near) from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(
        self, path: Path, parent: pytest.Collector
    ) -> ContractFolder | None:
        """A folder that is a Python package stays one."""
        if path != self._path and not is_looked_into(path, self._path):
            return None
        if (path / "__init__.py").is_file():
            return None
        folder: ContractFolder = ContractFolder.from_parent(parent, path=path)
        return folder

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ContractFile | None:
        if not is_looked_into(file_path, self._path):
            return None
        if not is_contract(file_path, self._path) and not is_out_of_sight(file_path):
            return None
        parent.config.stash[SELECTION].collected.add(file_path)
        file: ContractFile = self._file_type.from_parent(parent, path=file_path)
        return file

    @pytest.hookimpl(wrapper=True)
    def pytest_ignore_collect(
        self, collection_path: Path, config: pytest.Config
    ) -> Generator[None, bool | None, bool | None]:
        """Looks into `build` and `dist`, and not into a folder that links to one on the way to it.

        `norecursedirs` is about where tests are: those folders may well hold contracts, and nobody would
        be told that they were never looked at.
        """
        ignored = yield
        if not is_looked_into(collection_path, self._path) or not collection_path.is_dir():
            return ignored
        if ignored and _named(collection_path, config) and not _flagged(collection_path, config):
            return False
        return True if links_to_itself(collection_path) else ignored


def _named(path: Path, config: pytest.Config) -> bool:
    """By `norecursedirs`, as pytest reads it."""
    patterns = map(str, config.getini("norecursedirs"))
    return any(
        fnmatch(str(path), f"*/{pattern}") if "/" in pattern else fnmatch(path.name, pattern)
        for pattern in patterns
    )


def _flagged(path: Path, config: pytest.Config) -> bool:
    """By `--ignore` or `--ignore-glob`."""
    paths = map(abspath, config.getoption("ignore") or ())
    globs = map(abspath, config.getoption("ignore_glob") or ())
    return str(path) in paths or any(fnmatch(str(path), glob) for glob in globs)
