"""A project's options and hooks to what a run may ask of the world."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

import pytest

from cst_contracts.checks.shown import shown_rows
from cst_contracts.contract.model import Contract
from cst_contracts.contract.relations import preset_settings, relations
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.versions import installed_versions, require_matching
from cst_contracts.errors import EngineMismatch, InvalidContract
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.files.contracts import list_contracts
from cst_contracts.pytest_plugin.imports import plain_imports
from cst_contracts.pytest_plugin.loading import contract_of, told_path
from cst_contracts.pytest_plugin.options import Options, options_of
from cst_contracts.pytest_plugin.wanted import Wanted

#: Where xdist's workers find the folder that the processes of one run share.
SHARED_FOLDER = "cst_contracts_shared"

if TYPE_CHECKING:
    from cst_contracts.engine.live import Live
    from cst_contracts.engine.storage.urls import Lake


def open_live(config: pytest.Config, wanted: Wanted) -> "Live | IntrospectionError":
    """The error where no session can be had: the versions do not match, or the project's hook raised."""
    try:
        require_matching(installed_versions())
        return _open(config, options_of(config), wanted)
    except EngineMismatch as error:
        return IntrospectionError(str(error))
    except IntrospectionError as error:
        return error


def _open(config: pytest.Config, options: Options, wanted: Wanted) -> "Live":
    # Loads datafusion and deltalake: collection does without, and a mismatched pair must not be loaded.
    with plain_imports(config):
        from cst_contracts.engine.formats.delta.pins import Pins  # noqa: PLC0415
        from cst_contracts.engine.formats.pipes import Limits  # noqa: PLC0415
        from cst_contracts.engine.live import Live  # noqa: PLC0415
        from cst_contracts.engine.relations.registry import LiveCatalog  # noqa: PLC0415
        from cst_contracts.engine.rows.measurements import Measurements, Measuring  # noqa: PLC0415
        from cst_contracts.engine.session.contexts import open_session, require_session  # noqa: PLC0415

    contracts, unread = known_contracts(config, options)
    with _asking("pytest_cst_contracts_session"):
        supplied = config.hook.pytest_cst_contracts_session(config=config)
    with _asking("pytest_cst_contracts_lake"):
        lake = _lake(config, options)
    memory = options.memory
    if supplied is None:
        context = open_session(preset_settings(contracts), memory)
    else:
        context = require_session(supplied, "pytest_cst_contracts_session returned")
    defined = relations(contracts, unread)
    shared = getattr(config, "workerinput", {}).get(SHARED_FOLDER)
    pins = Pins(None if shared is None else Path(shared))
    catalog = LiveCatalog(context, defined, lake, memory, supplied=supplied is not None, pins=pins)
    limits = Limits(options.stream_rows, options.stream_seconds)
    how = Measuring(memory, options.samples, options.verify_data, shown_rows(defined), limits)
    return Live(catalog, Measurements(catalog, wanted.needs, how))


@contextmanager
def _asking(hook: str) -> Iterator[None]:
    """What the project's own code raises is told with its place: no traceback is shown for it."""
    try:
        with looking_at(None):
            yield
    except IntrospectionError as error:
        raised = error.__cause__ or error
        *_, frame = extract_tb(raised.__traceback__)
        place = f"{frame.filename}:{frame.lineno}"
        cause = f"{hook} raised {type(raised).__name__}: {error.cause} ({place})"
        raise IntrospectionError(cause) from error


def _lake(config: pytest.Config, options: Options) -> "Lake":
    from cst_contracts.engine.storage.urls import Lake  # noqa: PLC0415 — loads pyarrow's file systems

    root = (
        options.lake or config.hook.pytest_cst_contracts_lake(config=config) or str(config.rootpath)
    )
    return Lake(str(root))


def known_contracts(config: pytest.Config, options: Options) -> tuple[list[Contract], list[str]]:
    """All of the folder's, selected or not: one contract's view may be another's table. Then the files
    that are no contracts; the item of each is red."""
    contracts: list[Contract] = []
    unread: list[str] = []
    for file in list_contracts(options.contracts):
        try:
            contracts.append(contract_of(file, config))
        except InvalidContract:
            unread.append(told_path(file, config))
    return contracts, unread
