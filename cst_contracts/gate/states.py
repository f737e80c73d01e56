"""Reads a state of a project, its contracts and its accepted snapshots, from a folder or a git reference."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.contract.model import Contract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.drift.codec import SnapshotVersionError, decode
from cst_contracts.drift.merging import KeptSnapshot, State
from cst_contracts.drift.transitive import History
from cst_contracts.errors import CstContractsError, InvalidContract, Problem, SnapshotError
from cst_contracts.files.contracts import is_contract, list_contracts
from cst_contracts.files.git import GitError, commit_of, commits_of, is_shallow, read_files
from cst_contracts.files.snapshots import list_snapshots, read_snapshot, snapshot_name
from cst_contracts.gate.contracts import ContractFiles

Load: TypeAlias = Callable[[], Contract]

WORKING_TREE = "the working tree"


class StatePlaces(Struct, frozen=True):
    """Where contracts and snapshots lie in every state: folders, relative to `root`."""

    root: Path
    contracts: str = "contracts"
    snapshots: str = "snapshots"


def read_state(places: StatePlaces, name: str | None) -> State:
    """The state that a git reference or a folder holds, or for None the working tree.

    A name that begins like a path is a folder's. Raises InvalidContract where a contract is ill-formed, and
    CstContractsError where there is no such state.
    """
    if name is None:
        return _of_folder(places, WORKING_TREE)
    folder = places.root / name
    if name.startswith((".", os.sep, "~")) or Path(name).is_absolute():
        if not folder.is_dir():
            raise CstContractsError(f"{name}: there is no such folder")
        return _of_folder(replace(places, root=folder), name)
    commit = _commit(places.root, name, folder_is_there=folder.is_dir())
    if commit is None:
        return _of_folder(replace(places, root=folder), name)
    if folder.is_dir():
        raise CstContractsError(
            f"`{name}` is a git reference and a folder; write `./{name}` for the folder, or the reference's "
            f"full name, such as `refs/heads/{name}`"
        )
    return _of_commit(places, commit, name)


def earlier_states(places: StatePlaces, name: str) -> History:
    """The states before the one that a git reference names: one for each commit that touched contracts or
    snapshots. Of a folder, nobody knows any. Raises CstContractsError where git cannot be asked."""
    state = places.root / name
    commit = (
        None
        if name.startswith((".", os.sep, "~"))
        else _commit(places.root, name, folder_is_there=state.is_dir())
    )
    if commit is None:
        return History(missing=f"{name} is a folder, which has no history")
    states: list[State] = []
    unread: list[str] = []
    for each in commits_of(places.root, commit, (places.contracts, places.snapshots)):
        if each == commit:
            continue
        try:
            states.append(_of_commit(places, each, each[:12]))
        except InvalidContract as error:
            unread.append(str(error.problems[0]))
        except SnapshotError as error:
            unread.append(str(error))
    shallow = "this clone is shallow: it lacks older commits" if is_shallow(places.root) else ""
    return History(tuple(states), tuple(unread), shallow)


def _commit(root: Path, name: str, *, folder_is_there: bool) -> str | None:
    """None where the name is a folder's. Raises CstContractsError where it is neither's."""
    try:
        commit = commit_of(root, name)
    except GitError:
        if folder_is_there:
            return None
        raise
    if commit is None and not folder_is_there:
        lacking = (
            "; this clone is shallow: fetch the reference, or clone with its history"
            if is_shallow(root)
            else ""
        )
        raise CstContractsError(f"there is no git reference and no folder `{name}`{lacking}")
    return commit


def _of_folder(places: StatePlaces, name: str) -> State:
    """A project's folder; or one that somebody named, which is a folder of contracts if it has none."""
    folder = places.root / places.contracts
    if not folder.is_dir() and name != WORKING_TREE:
        folder = places.root
    files = ContractFiles(places.root)
    loads: dict[PurePath, Load] = {
        path.relative_to(folder): partial(files.load, path) for path in list_contracts(folder)
    }
    kept = places.root / places.snapshots
    names = list_snapshots(kept) if kept.is_dir() else ()
    texts = {file: read_snapshot(kept / file) for file in names}
    return _state(places, name, loads, {file: text or "" for file, text in texts.items()})


def _of_commit(places: StatePlaces, commit: str, name: str) -> State:
    found = read_files(places.root, commit, (places.contracts, places.snapshots))
    contracts, snapshots = (
        {file.relative_to(folder): data for file, data in found.items() if folder in file.parents}
        for folder in (PurePosixPath(places.contracts), PurePosixPath(places.snapshots))
    )
    loads: dict[PurePath, Load] = {
        file: partial(parse_contract, data, f"{places.contracts}/{file}")
        for file, data in sorted(contracts.items())
        if is_contract(Path("/", file), Path("/"))
    }
    texts = {file: _text(data) for file, data in snapshots.items()}
    return _state(places, name, loads, texts)


def _text(data: bytes) -> str:
    """What is no UTF-8 is no snapshot, which reading it tells."""
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def _state(
    places: StatePlaces,
    name: str,
    loads: Mapping[PurePath, Load],
    texts: Mapping[PurePosixPath, str],
) -> State:
    contracts = _loaded(name, loads.values())
    snapshots: dict[str, KeptSnapshot] = {}
    unread: dict[str, str] = {}
    for (file, _), contract in zip(loads.items(), contracts, strict=True):
        kept = snapshot_name(file)
        if kept not in texts:
            continue
        shown = f"{places.snapshots}/{kept}"
        try:
            snapshots[contract.file] = KeptSnapshot(shown, decode(texts[kept], shown))
        except SnapshotVersionError as error:
            unread[contract.file] = str(error)
        except SnapshotError as error:
            raise SnapshotError(f"in {name}: {error}") from error
    return State(name, contracts, snapshots, unread)


def _loaded(name: str, loads: Iterable[Load]) -> tuple[Contract, ...]:
    """Raises InvalidContract with the problems of all files."""
    contracts: list[Contract] = []
    problems: list[Problem] = []
    for load in loads:
        try:
            contracts.append(load())
        except InvalidContract as error:
            problems += error.problems
    if not problems:
        return tuple(contracts)
    if name == WORKING_TREE:
        raise InvalidContract(problems)
    raise InvalidContract([replace(each, what=f"in {name}, {each.what}") for each in problems])
