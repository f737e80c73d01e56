"""Hook functions of a line or two. Every pytest run of an environment imports this module: keep it light."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cst_contracts.pytest_plugin import hookspecs
from cst_contracts.pytest_plugin.options import add_options, options_of

if TYPE_CHECKING:
    from cst_contracts.pytest_plugin.collect import ContractFile

_MARKERS = {
    "schema": "a promise about tables, fields, partitions, order or settings",
    "values": "a promise about rows",
    "functions": "a promise about the session's functions",
    "snapshot": "a comparison with an accepted snapshot",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in _MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning} (cst_contracts)")
    if config.getoption("--cst-manifest") is not None or options_of(config).contracts.is_dir():
        # Loads the Arrow types that contracts are written in: a project without contracts does not pay.
        from cst_contracts.pytest_plugin.record import Record  # noqa: PLC0415

        config.pluginmanager.register(Record(config), "cst_contracts_record")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ContractFile | None":
    if file_path.suffix not in (".yaml", ".yml") or not _is_contract(file_path, parent.config):
        return None
    # Loads the Arrow types that contracts are written in: a project without contracts does not pay.
    from cst_contracts.pytest_plugin.collect import ContractFile  # noqa: PLC0415

    return ContractFile.from_parent(parent, path=file_path)


def _is_contract(file: Path, config: pytest.Config) -> bool:
    folder = options_of(config).contracts
    return folder in file.parents and not any(
        part.startswith(".") for part in file.relative_to(folder).parts
    )
