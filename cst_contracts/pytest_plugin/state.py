"""What one pytest process keeps of a run: what was selected, and the gate that judges it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from traceback import extract_tb

import pytest
from msgspec import Struct, field

from cst_contracts.checks.check import INVALID_CHECK
from cst_contracts.contract.model import Contract, Evolution, TableContract
from cst_contracts.engine.session.boundary import cause_of
from cst_contracts.engine.session.versions import built_with, installed_versions, require_matching
from cst_contracts.errors import CstContractsError, EngineMismatch
from cst_contracts.files.contracts import list_contracts
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.gate import Gate, Selected
from cst_contracts.gate.observer import Blind, Observer
from cst_contracts.gate.project import Project
from cst_contracts.pytest_plugin.imports import plain_imports
from cst_contracts.pytest_plugin.options import Options, options_of
from cst_contracts.report.lines import Line
from cst_contracts.report.manifest_file import PromiseRecord

#: Where xdist's workers find the folder that the processes of one run share.
SHARED_FOLDER = "cst_contracts_shared"


class Selection(Struct):
    """The checks that this process may run, and whether all that was collected was also selected.

    `promises` has a record for each selected item, in order, as if none had run. `collected` are the
    contract files that pytest came to, `files` those of which it has an item. `accepted` are lines about
    snapshots that were written, by contract file.
    """

    collected: set[Path] = field(default_factory=set)
    checks: list[Selected] = field(default_factory=list)
    promises: list[PromiseRecord] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)
    deselected: int = 0
    deselected_invalid: list[str] = field(default_factory=list)
    accepted: dict[str, list[Line]] = field(default_factory=dict)


SELECTION = pytest.StashKey[Selection]()
_GATE = pytest.StashKey[Gate | BaseException]()
_FILES = pytest.StashKey[ContractFiles]()


class HookFailed(CstContractsError):
    """A hook of the project's own raised; no traceback is shown for it."""


def contract_files(config: pytest.Config) -> ContractFiles:
    """Those of the process, each loaded once."""
    files = config.stash.get(_FILES, None)
    if files is None:
        evolution = Evolution(options_of(config).evolution)
        files = config.stash[_FILES] = ContractFiles(config.rootpath, evolution)
    return files


def open_gate(config: pytest.Config) -> None:
    """Opens the gate of the run, once. Where a hook of the project skips or fails, every item does."""
    if _GATE in config.stash:
        return
    try:
        config.stash[_GATE] = _open(config)
    except (pytest.skip.Exception, pytest.fail.Exception) as outcome:
        config.stash[_GATE] = outcome


def gate_of(config: pytest.Config) -> Gate:
    """Opened before the first item runs, or by a test that asks for the session."""
    open_gate(config)
    gate = config.stash[_GATE]
    if isinstance(gate, BaseException):
        raise gate
    return gate


def opened_gate(config: pytest.Config) -> Gate | None:
    gate = config.stash.get(_GATE, None)
    return gate if isinstance(gate, Gate) else None


def _open(config: pytest.Config) -> Gate:
    selection, options = config.stash[SELECTION], options_of(config)
    contracts, unread = contract_files(config).known(list_contracts(options.contracts))
    tables = [each for each in contracts if isinstance(each, TableContract)]
    invalid = [record.contract for record in selection.promises if record.check == INVALID_CHECK]
    observer = _observer(config, options, contracts, unread)
    return Gate(observer, selection.checks, tables, datetime.now().astimezone(), invalid)


def _observer(
    config: pytest.Config, options: Options, contracts: list[Contract], unread: list[str]
) -> Observer:
    """A blind one where no session can be had: the versions do not match, or a project's hook raised."""
    try:
        require_matching(installed_versions(), built_with())
        # Loads datafusion and deltalake: collection does without, and a mismatched pair must not be loaded.
        with plain_imports(config):
            from cst_contracts.gate.opening import make_ready, open_observer  # noqa: PLC0415
        make_ready(options.query_seconds)
        with _asking("pytest_cst_contracts_session"):
            session = config.hook.pytest_cst_contracts_session(config=config)
        with _asking("pytest_cst_contracts_lake"):
            project = project_of(config, options, _lake(config, options))
    except (EngineMismatch, HookFailed) as error:
        return Blind(str(error))
    shared = getattr(config, "workerinput", {}).get(SHARED_FOLDER)
    giver = "pytest_cst_contracts_session returned"
    folder = None if shared is None else Path(shared)
    return open_observer(project, contracts, unread, session, giver, folder)


def _lake(config: pytest.Config, options: Options) -> str:
    lake = options.lake or config.hook.pytest_cst_contracts_lake(config=config)
    return str(lake or config.rootpath)


def project_of(config: pytest.Config, options: Options, lake: str) -> Project:
    return Project(
        root=config.rootpath,
        contracts=(options.contracts,),
        lake=lake,
        memory=options.memory,
        snapshots=options.snapshots,
        samples=options.samples,
        verify_data=options.verify_data,
        evolution=Evolution(options.evolution),
        stream_rows=options.stream_rows,
        stream_seconds=options.stream_seconds,
        query_seconds=options.query_seconds,
        cluster=options.cluster,
        cluster_seconds=options.cluster_seconds,
        proofs=options.proofs,
    )


@contextmanager
def _asking(hook: str) -> Iterator[None]:
    """What the project's own code raises is told with its place."""
    try:
        yield
    except (Exception, SystemExit) as error:
        *_, frame = extract_tb(error.__traceback__)
        place = f"{frame.filename}:{frame.lineno}"
        raise HookFailed(
            f"{hook} raised {type(error).__name__}: {cause_of(error)} ({place})"
        ) from error
