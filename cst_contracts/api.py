"""What a program may import: the gate without a test runner, and contracts as values.

    from cst_contracts.api import check

    result = check("contracts", lake="lake")
    result.raise_for_broken()

Importing this module loads neither pytest nor the engines; `check` loads the engines when it is called.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cst_contracts.contract.model import Contract
from cst_contracts.drift.comparison import compare
from cst_contracts.drift.telling import Told
from cst_contracts.errors import (
    CstContractsError,
    InvalidContract,
    Problem,
)
from cst_contracts.files.manifests import read_manifest_text
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.memory import physical_memory
from cst_contracts.gate.project import Project
from cst_contracts.gate.result import BrokenPromises, ExitCode, RunResult
from cst_contracts.gate.run import run
from cst_contracts.gate.selection import contract_paths
from cst_contracts.progress import Progress
from cst_contracts.report.comparable import comparable
from cst_contracts.report.manifest import read_manifest

if TYPE_CHECKING:
    from datafusion import SessionContext

__all__ = [
    "BrokenPromises",
    "Contract",
    "CstContractsError",
    "ExitCode",
    "InvalidContract",
    "Problem",
    "RunResult",
    "check",
    "diff",
    "load",
]

PathLike: TypeAlias = str | os.PathLike[str]

_CONTRACTS = "contracts"


def check(
    contracts: PathLike | Sequence[PathLike] = _CONTRACTS,
    *,
    lake: PathLike | None = None,
    session: "SessionContext | None" = None,
    select: Sequence[str] = (),
    snapshots: PathLike | None = None,
    update_snapshots: bool = False,
    memory: int | None = None,
    samples: int = 0,
    verify_data: bool = False,
    progress: Progress | None = None,
) -> RunResult:
    """Check the promises of contract files against live tables.

    `contracts` are files and folders. `lake` is the folder or URI that locations in contracts are relative
    to, the working directory if it is left out. With a `session` of your own, its tables are checked, and
    tables that it lacks are registered in it. `select` leaves out all promises but those that a pattern
    names: a part of a check's id (`nulls[`), a table's name, or both (`orders::nulls[`). `snapshots` is the
    folder of accepted snapshots; without one, snapshots are not compared. `memory` is in bytes, what
    measuring may take before it spills to disk; a quarter of the machine's if it is left out. Of each broken
    promise about rows, `samples` violating rows are shown. `verify_data`: no statistics are believed.
    `progress` hears how far the reading of long tables has come.

    What is red is in the result, and not raised: `result.report("sarif")` is the text of a report,
    `result.results()` has a row a promise. Raises CstContractsError where there is no contract file,
    or a place does not exist.
    """
    places = [contracts] if isinstance(contracts, str | os.PathLike) else list(contracts)
    paths = [_absolute(place) for place in places]
    for path in paths:
        if not path.exists():
            raise CstContractsError(f"{path}: there is no such file or folder of contracts")
    files = contract_paths(paths)
    if not files:
        raise CstContractsError(f"there is no contract file (.yaml, .yml) in {_listed(paths)}")
    project = Project(
        root=Path.cwd(),
        contracts=tuple(dict.fromkeys(map(_folder, paths))),
        lake=_lake(lake),
        memory=physical_memory() // 4 if memory is None else memory,
        snapshots=None if snapshots is None else _absolute(snapshots),
        samples=samples,
        verify_data=verify_data,
    )
    return run(
        project,
        files,
        tuple(select),
        session,
        update_snapshots=update_snapshots,
        progress=progress,
    )


def load(path: PathLike) -> Contract:
    """Read one contract file. Raises InvalidContract with all of its problems."""
    return ContractFiles(Path.cwd()).load(_absolute(path))


def diff(before: PathLike, after: PathLike) -> tuple[Told, ...]:
    """What changed between two manifests, each change with its class. Raises CstContractsError where one
    cannot be read."""
    old, new = (
        comparable(read_manifest(read_manifest_text(Path(file)), str(file)))
        for file in (before, after)
    )
    return tuple(compare(old, new))


def _folder(place: Path) -> Path:
    """The folder of contracts that a place is in, or is: in `contracts`, all are known beside it, and
    snapshots are named as in every run."""
    default = Path.cwd() / _CONTRACTS
    if default in place.parents:
        return default
    return place if place.is_dir() else place.parent


def _lake(lake: PathLike | None) -> str:
    root = os.fspath(lake) if lake is not None else "."
    return root if "://" in root else str(_absolute(root))


def _absolute(place: PathLike) -> Path:
    """Without `..`, and with links as they are: files are named as the caller names them."""
    return Path(os.path.normpath(Path.cwd() / place))


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))
