"""Reads what a project's pytest configuration says, for doors that run without pytest."""

import tomllib
from collections.abc import Callable, Mapping
from configparser import ConfigParser, Error
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct

from cst_contracts.files.regular import read_regular

_Settings: TypeAlias = Mapping[str, Any]


class Setting(Struct, frozen=True):
    """The value of a key, and the name of the file that says so."""

    value: str
    file: str


def pytest_setting(folder: Path, key: str) -> Setting | None:
    """From the file that pytest would take for its configuration; None where none says anything.

    What cannot be read says nothing here: pytest itself refuses to run with it.
    """
    for name, read in _FILES.items():
        try:
            settings = read(read_regular(folder / name).decode("utf-8"))
        except (OSError, ValueError, Error):
            continue
        if settings is not None:
            value = settings.get(key)
            return None if value is None else Setting(str(value), name)
    return None


def _toml(text: str) -> _Settings | None:
    found: _Settings = tomllib.loads(text).get("pytest", {})
    return found


def _pyproject(text: str) -> _Settings | None:
    table: _Settings | None = tomllib.loads(text).get("tool", {}).get("pytest")
    return None if table is None else table.get("ini_options", table)


def _ini(section: str, *, always: bool) -> Callable[[str], _Settings | None]:
    """`always`: the file is pytest's own, even without the section."""

    def read(text: str) -> _Settings | None:
        parser = ConfigParser(interpolation=None)
        parser.read_string(text)
        if section in parser:
            return parser[section]
        return {} if always else None

    return read


#: In the order in which pytest 9 looks for them.
_FILES: Mapping[str, Callable[[str], _Settings | None]] = {
    "pytest.toml": _toml,
    ".pytest.toml": _toml,
    "pytest.ini": _ini("pytest", always=True),
    ".pytest.ini": _ini("pytest", always=True),
    "pyproject.toml": _pyproject,
    "tox.ini": _ini("pytest", always=False),
    "setup.cfg": _ini("tool:pytest", always=False),
}
