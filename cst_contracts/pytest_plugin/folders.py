"""The folder of contracts to the files in it that pytest collects. Hooks, registered where it exists."""

from collections.abc import Generator
from fnmatch import fnmatch
from os.path import abspath
from pathlib import Path

import pytest

from cst_contracts.files.contracts import is_contract, is_looked_into, links_to_itself
from cst_contracts.pytest_plugin.collect import ContractFile


class Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ContractFile | None:
        if not is_contract(file_path, self._path):
            return None
        file: ContractFile = ContractFile.from_parent(parent, path=file_path)
        return file

    @pytest.hookimpl(wrapper=True)
    def pytest_ignore_collect(
        self, collection_path: Path, config: pytest.Config
    ) -> Generator[None, bool | None, bool | None]:
        """`norecursedirs` is about where tests are: `build` and `dist` may well hold contracts, and
        nobody would be told that those were never looked at. A link to a folder above would never end.
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
