"""What a program may import: the gate without a test runner, and contracts as values.

    from cst_contracts.api import check

    result = check("contracts", lake="lake")
    result.raise_for_broken()

Importing this module loads neither pytest nor the engines; `check` loads the engines when it is called.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cst_contracts.contract.model import Contract, Evolution
from cst_contracts.drift.comparison import compare as compare_runs
from cst_contracts.drift.merging import State
from cst_contracts.drift.telling import Told
from cst_contracts.drift.transitive import History, any_transitive
from cst_contracts.drift.verdicts import Difference, difference
from cst_contracts.errors import (
    CstContractsError,
    InvalidContract,
    Problem,
)
from cst_contracts.files.contracts import read_contract
from cst_contracts.gate.addresses import is_cluster
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.manifests import load_manifest
from cst_contracts.gate.memory import physical_memory
from cst_contracts.gate.project import CLUSTER_SECONDS, Project, lake_place
from cst_contracts.gate.result import BrokenPromises, ExitCode, RunResult
from cst_contracts.gate.run import run
from cst_contracts.gate.selection import contract_paths
from cst_contracts.gate.states import StatePlaces, earlier_states, read_state
from cst_contracts.neighbours.exported import Exported
from cst_contracts.progress import Progress
from cst_contracts.report.comparable import comparable

if TYPE_CHECKING:
    from datafusion import SessionContext

__all__ = [
    "BrokenPromises",
    "Contract",
    "CstContractsError",
    "Difference",
    "ExitCode",
    "InvalidContract",
    "Problem",
    "RunResult",
    "check",
    "compare",
    "diff",
    "export",
    "load",
]

PathLike: TypeAlias = str | os.PathLike[str]

_CONTRACTS = "contracts"
_SNAPSHOTS = "snapshots"


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
    evolution: str | None = None,
    progress: Progress | None = None,
    cluster: str | None = None,
    cluster_seconds: float = CLUSTER_SECONDS,
    query_seconds: float | None = None,
    proofs: PathLike | None = None,
) -> RunResult:
    """Check the promises of contract files against live tables.

    `contracts` are files and folders. `lake` is the folder or URI that locations in contracts are relative
    to, the working directory if it is left out. With a `session` of your own, its tables are checked, and
    tables that it lacks are registered in it. `select` leaves out all promises but those that a pattern
    names: a part of a check's id (`nulls[`), a table's name, or both (`orders::nulls[`). `snapshots` is the
    folder of accepted snapshots; without one, snapshots are not compared. `memory` is in bytes, what
    measuring may take before it spills to disk; a quarter of the machine's if it is left out. Of each broken
    promise about rows, `samples` violating rows are shown. `verify_data`: no statistics are believed.
    `evolution` says which drift of snapshots is told and not red, where a contract says nothing of it:
    `backward`, `forward`, `full`, `none` or `freeze`. `progress` hears how far the reading of long tables has
    come. `cluster` is the address of a Spark Connect server, `sc://host:port`, whose workers scan the files
    of tables instead of this machine, each scan within `cluster_seconds`. Each query of the engine may take
    `query_seconds`: what takes longer is undecided, and all else is checked. `proofs` is the folder in which
    what is measured of data files is kept, so that the next run measures only what is new.

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
        lake=lake_place(lake),
        memory=physical_memory() // 4 if memory is None else memory,
        snapshots=None if snapshots is None else _absolute(snapshots),
        samples=samples,
        verify_data=verify_data,
        evolution=None if evolution is None else _evolution(evolution),
        cluster=None if cluster is None else _cluster(cluster),
        cluster_seconds=cluster_seconds,
        query_seconds=None if query_seconds is None else _seconds(query_seconds),
        proofs=None if proofs is None else _absolute(proofs),
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


def export(path: PathLike, to: str) -> Exported:
    """A table contract in the words of another tool, as `cst-contracts export` writes it: its `content`, and
    in `unsaid` what that tool does not hold, by the contract's lines. `to` is a format of the command, but
    for `delta`, which is a table.

    Raises CstContractsError for another word, and where the file holds no contract of a table.
    """
    # What only reads or checks contracts does without the formats of others.
    from cst_contracts.neighbours.formats import exported  # noqa: PLC0415

    return exported(load(path), read_contract(_absolute(path)), to)


def compare(before: PathLike, after: PathLike) -> tuple[Told, ...]:
    """What changed between two manifests, each change with its class. Raises CstContractsError where one
    cannot be read."""
    old, new = (comparable(load_manifest(Path(file))) for file in (before, after))
    return tuple(compare_runs(old, new))


def diff(
    base: PathLike,
    head: PathLike | None = None,
    *,
    contracts: PathLike = _CONTRACTS,
    snapshots: PathLike = _SNAPSHOTS,
    today: date | None = None,
    lake: PathLike | None = None,
    query_seconds: float | None = 60,
) -> Difference:
    """What changed in contracts and accepted snapshots between two states, and whom it breaks.

    `base` and `head` are git references or folders of projects; without `head`, the working tree is
    compared. `contracts` and `snapshots` are the folders in both states, relative to the working directory.
    Waivers hold, or have expired, on the day `today`. With a `lake`, a view that is defined otherwise is run
    by both definitions over its tables, each query within `query_seconds`: where both give the same rows, the
    view is only spelled otherwise.

    What is red is in the result, and not raised. Raises InvalidContract where a contract of a state is
    ill-formed, and CstContractsError where a state cannot be read, or neither has a contract.
    """
    places = StatePlaces(Path.cwd(), os.path.normpath(contracts), os.path.normpath(snapshots))
    before = read_state(places, os.fspath(base))
    after = read_state(places, None if head is None else os.fspath(head))
    if not before.contracts and not after.contracts:
        raise CstContractsError(
            f"neither {before.name} nor {after.name} has a contract in a folder `{places.contracts}`"
        )
    history = earlier_states(places, os.fspath(base)) if any_transitive(after) else History()
    day = today or datetime.now().astimezone().date()
    same = None if lake is None else _same_rows(before, after, lake, query_seconds)
    return difference(before, after, day, history, same)


def _same_rows(
    before: State, after: State, lake: PathLike, seconds: float | None
) -> Mapping[tuple[str, str], int]:
    # Loads the engines, which a comparison of contracts does without.
    from cst_contracts.gate.respelled import same_rows  # noqa: PLC0415

    memory = physical_memory() // 4
    project = Project(Path.cwd(), (), lake_place(lake), memory, query_seconds=seconds)
    return same_rows(project, before, after)


def _folder(place: Path) -> Path:
    """The folder of contracts that a place is in, or is: in `contracts`, all are known beside it, and
    snapshots are named as in every run."""
    default = Path.cwd() / _CONTRACTS
    if default in place.parents:
        return default
    return place if place.is_dir() else place.parent


def _evolution(word: str) -> Evolution:
    known = [each for each in Evolution if not each.is_transitive]  # a contract says these
    if word not in known:
        raise CstContractsError(f"evolution is {word!r}; write one of {', '.join(known)}")
    return Evolution(word)


def _cluster(address: str) -> str:
    if not is_cluster(address):
        raise CstContractsError(
            "cluster is no address of a Spark Connect server; write sc://host:port"
        )
    return address


def _seconds(seconds: float) -> float:
    if not isinstance(seconds, float | int) or not 0 < seconds < inf:
        raise CstContractsError(f"query_seconds is {seconds!r}; give a number above 0")
    return seconds


def _absolute(place: PathLike) -> Path:
    """Without `..`, and with links as they are: files are named as the caller names them."""
    return Path(os.path.normpath(Path.cwd() / place))


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))
