"""Hook functions of a line or two. Every pytest run of an environment imports this module: keep it light."""

from typing import TYPE_CHECKING

import pytest

from cst_contracts.pytest_plugin import hookspecs
from cst_contracts.pytest_plugin.imports import plain_imports
from cst_contracts.pytest_plugin.options import (
    Options,
    add_options,
    options_of,
    require_contracts,
    require_lake,
)
from cst_contracts.pytest_plugin.root import correct_root

if TYPE_CHECKING:
    from datafusion import SessionContext

_RECORD, _FOLDERS = "cst_contracts_record", "cst_contracts_folders"
_MARKERS = {
    "cst_schema": "a promise about tables, fields, partitions, order or settings",
    "cst_values": "a promise about rows",
    "cst_functions": "a promise about the session's functions",
    "cst_snapshot": "a comparison with an accepted snapshot",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    correct_root(early_config, args)


def pytest_configure(config: pytest.Config) -> None:
    for part in filter(config.pluginmanager.is_blocked, (_RECORD, _FOLDERS)):
        raise pytest.UsageError(
            f"{part} is a part of cst_contracts: disable the whole with `-p no:cst_contracts`"
        )
    for name, meaning in _MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning} (cst_contracts)")
    options = options_of(config)
    if options.given or options.reported or options.contracts.is_dir():
        # Loads the Arrow types that contracts are written in: a project without contracts does not pay.
        with plain_imports(config):
            record, folder = _parts(config, options)
        config.pluginmanager.register(record, _RECORD)
        config.pluginmanager.register(folder, _FOLDERS)


def _parts(config: pytest.Config, options: Options) -> tuple[object, object]:
    """What records the items of a run, and what collects them."""
    from cst_contracts.pytest_plugin.folders import Folder  # noqa: PLC0415

    if options.prove:
        from cst_contracts.pytest_plugin.proofs import ProofFile, Proofs  # noqa: PLC0415

        return Proofs(config), Folder(options.contracts, ProofFile)
    from cst_contracts.pytest_plugin.record import Record  # noqa: PLC0415

    return Record(config), Folder(options.contracts)


@pytest.fixture(scope="session")
def cst_session(pytestconfig: pytest.Config) -> "SessionContext":
    """The session that the contracts are checked against, with all their tables and views in it, and
    `cst_schema_diagnostics`. What could not be registered is told in a warning."""
    # Loads the Arrow types that contracts are written in: a project without contracts does not pay.
    from cst_contracts.pytest_plugin.whole_session import whole_session  # noqa: PLC0415

    return whole_session(pytestconfig)


def pytest_sessionstart(session: pytest.Session) -> None:
    require_contracts(session.config)
    require_lake(session.config)
