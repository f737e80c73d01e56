"""What a project has: engines that fit, a lake, tables, contracts, a session; and what is to be done next."""

import ast
import platform
from collections.abc import Iterator, Sequence
from enum import IntEnum
from pathlib import Path

from msgspec import Struct

from cst_contracts.checks.wording import counted, some
from cst_contracts.contract.model import Contract, SessionContract, TableContract
from cst_contracts.engine.session.versions import installed_versions, require_fitting
from cst_contracts.errors import CstContractsError, EngineMismatch
from cst_contracts.files.contracts import list_contracts
from cst_contracts.files.pytest_settings import pytest_setting
from cst_contracts.files.regular import read_regular
from cst_contracts.files.snapshots import list_snapshots
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.project import LEAST_MEMORY, Project

_SHOWN = 5
_CONFTEST = "conftest.py"
_SESSION_HOOK, _LAKE_HOOK = "pytest_cst_contracts_session", "pytest_cst_contracts_lake"


class Worth(IntEnum):
    """How much a line matters to whoever wants to check something, the worst last."""

    FINE = 0
    UNUSED = 1
    """Something could be done, and nothing stands in the way without it."""
    ILL_FORMED = 2
    IN_THE_WAY = 3


class Line(Struct, frozen=True):
    """What was seen of one subject, and in `next` what to do about it; empty where nothing has to be done."""

    subject: str
    seen: str
    next: str = ""
    worth: Worth = Worth.FINE


class Place(Struct, frozen=True):
    """Where the lake is, and who says so."""

    lake: str
    said_by: str


def surroundings(root: Path, lake: str | None, folder: Path) -> tuple[Line, ...]:
    """`folder` is the one of contracts. Nothing is run of the project's own code, and no row is read."""
    place = _place(root, lake)
    known = _known(root, folder)
    versions = _versions()
    return (
        versions,
        *(_lake_and_tables(root, place, folder) if versions.worth is Worth.FINE else ()),
        _contracts(root, folder, known),
        _session(root),
        _stores(place, known.contracts),
        _snapshots(root),
    )


def contracts_folder(root: Path) -> Path:
    """Relative to the project's folder, as pytest's configuration says."""
    setting = pytest_setting(root, "cst_contracts")
    return Path("contracts" if setting is None else setting.value)


def _versions() -> Line:
    told = ", ".join(f"{name} {number}" for name, number in installed_versions().items())
    seen = f"python {platform.python_version()}, {told}"
    try:
        require_fitting()
    except EngineMismatch as error:
        return Line("versions", seen, str(error), Worth.IN_THE_WAY)
    return Line("versions", f"{seen}: they fit")


def _place(root: Path, lake: str | None) -> Place:
    if lake is not None:
        return Place(lake, "from --lake")
    setting = pytest_setting(root, "cst_lake")
    if setting is not None and setting.value:
        return Place(setting.value, f"from `cst_lake` in {setting.file}")
    if _LAKE_HOOK in _hooks(root):
        return Place(".", f"the working directory; for pytest, what {_LAKE_HOOK} returns")
    return Place(".", "the working directory, as nothing says otherwise")


def _lake_and_tables(root: Path, place: Place, folder: Path) -> Iterator[Line]:
    # Loads datafusion and deltalake, of which a mismatched pair must not be loaded.
    from cst_contracts.proposals.finding import stored_tables  # noqa: PLC0415
    from cst_contracts.proposals.folder import Folder  # noqa: PLC0415

    try:
        found = stored_tables((), place.lake)
    except CstContractsError as error:
        way_out = "name the folder that your tables lie in: cst-contracts doctor --lake FOLDER"
        yield Line("lake", f"{place.lake}, {place.said_by}: {error}", way_out, Worth.IN_THE_WAY)
        return
    yield Line("lake", f"{found.lake}, {place.said_by}")
    project = Project(root, (folder,), found.lake, LEAST_MEMORY)
    existing = Folder(project, folder).existing(found.sources)
    without = [source.name for source in found.sources if source not in existing]
    names = [f"{source.name} ({source.format})" for source in found.sources]
    seen = f"{len(names)}: {some(names, _SHOWN)}"
    if not without:
        yield Line("tables", f"{seen}; each has a contract")
        return
    way_out = f"cst-contracts init --lake {place.lake} writes those of {some(without, _SHOWN)}"
    yield Line("tables", seen, way_out, Worth.UNUSED)


class _Known(Struct, frozen=True):
    """The contracts of a folder, and the names of the files that are none."""

    contracts: Sequence[Contract]
    ill_formed: Sequence[str]


def _known(root: Path, folder: Path) -> _Known:
    paths = list_contracts(folder) if folder.is_dir() else ()
    return _Known(*ContractFiles(root).known(paths))


def _contracts(root: Path, folder: Path, known: _Known) -> Line:
    name = ContractFiles(root).name(folder)
    if known.ill_formed:
        seen = f"{counted(len(known.ill_formed), 'ill-formed file')} in {name}: {some(known.ill_formed)}"
        return Line("contracts", seen, f"cst-contracts lint {name} says why", Worth.ILL_FORMED)
    if not known.contracts:
        way_out = "cst-contracts init FOLDER writes the first ones"
        return Line("contracts", f"none in {name}", way_out, Worth.UNUSED)
    sessions = [each for each in known.contracts if isinstance(each, SessionContract)]
    tables = counted(len(known.contracts) - len(sessions), "table")
    told = f", and {counted(len(sessions), 'session')}" if sessions else ""
    return Line("contracts", f"{len(known.contracts)} in {name}: of {tables}{told}")


def _session(root: Path) -> Line:
    if _SESSION_HOOK in _hooks(root):
        seen = f"pytest takes the one that {_SESSION_HOOK} in {_CONFTEST} returns"
        way_out = "cst-contracts init --session MODULE:FUNCTION writes contracts of its tables"
        return Line("session", seen, way_out)
    return Line("session", "one is opened for each run; no hook gives another")


def _hooks(root: Path) -> frozenset[str]:
    """The functions of the project's conftest.py, which is read and not run."""
    try:
        tree = ast.parse(read_regular(root / _CONFTEST))
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def _stores(place: Place, contracts: Sequence[Contract]) -> Line:
    sources = (each.source for each in contracts if isinstance(each, TableContract))
    places = (place.lake, *(each.location or "" for each in sources if each is not None))
    schemes = {each.partition("://")[0] for each in places if "://" in each}
    stores = sorted(schemes - {"file"})
    if not stores:
        return Line("stores", "the local disk")
    way_out = "object stores are read only in part: see the guide to tables in an object store"
    return Line("stores", f"the local disk, {', '.join(stores)}", way_out)


def _snapshots(root: Path) -> Line:
    setting = pytest_setting(root, "cst_snapshots")
    folder = "snapshots" if setting is None else setting.value
    if not (root / folder).is_dir():
        way_out = "pytest --snapshot-update begins to tell what changes that nobody promised"
        return Line("snapshots", "none", way_out, Worth.UNUSED)
    return Line("snapshots", f"{len(list_snapshots(root / folder))} in {folder}")
