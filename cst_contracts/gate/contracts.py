"""Loads the contracts of a project's folder, each file once."""

import os
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path, PurePath

from msgspec.structs import replace

from cst_contracts.contract.model import Contract, Evolution, EvolutionContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract, Problem
from cst_contracts.files.contracts import SUFFIXES, UnreadableContract, read_contract
from cst_contracts.files.snapshots import snapshot_name
from cst_contracts.location import Location

#: The first of them that is there has the snapshot.
_SPELLINGS = (*SUFFIXES, *(suffix.upper() for suffix in SUFFIXES))


class ContractFiles:
    """Files are named relative to `root`, as in messages and in manifests. `evolution` is that of contracts
    which say nothing of it."""

    def __init__(self, root: Path, evolution: Evolution | None = None) -> None:
        self._root, self._evolution = root, evolution
        self._loaded: dict[Path, Contract | InvalidContract] = {}

    def name(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._root)).as_posix()

    def load(self, path: Path) -> Contract:
        """Raises InvalidContract, also where the file cannot be read, or has the snapshot of another."""
        if path not in self._loaded:
            try:
                self._loaded[path] = self._evolving(_load(path, self.name(path)))
            except InvalidContract as error:
                self._loaded[path] = error
        contract = self._loaded[path]
        if isinstance(contract, InvalidContract):
            raise contract
        return contract

    def _evolving(self, contract: Contract) -> Contract:
        if contract.evolution is not None or self._evolution is None:
            return contract
        return replace(contract, evolution=EvolutionContract(contract.place, self._evolution))

    def known(self, paths: Iterable[Path]) -> tuple[list[Contract], list[str]]:
        """The contracts of files, and the names of the files that are none."""
        contracts: list[Contract] = []
        unread: list[str] = []
        for path in paths:
            try:
                contracts.append(self.load(path))
            except InvalidContract:
                unread.append(self.name(path))
        return contracts, unread


def _load(path: Path, name: str) -> Contract:
    try:
        content = read_contract(path)
    except UnreadableContract as error:
        what = f"it {error.why}"
        problem = Problem(Location(name, 1, 1), what, "make it a file that can be read")
        raise InvalidContract([problem]) from error
    _refuse_twin(path, name)
    return parse_contract(content, name)


def _refuse_twin(path: Path, name: str) -> None:
    """Raises InvalidContract where another file comes first: `a.yaml` and `a.yml` would share a snapshot."""
    for suffix in takewhile(lambda suffix: suffix != path.suffix, _SPELLINGS):
        twin = path.with_suffix(suffix)
        if twin.is_file() and not twin.samefile(path):
            what = f"it has the snapshot of {twin.name}, {snapshot_name(PurePath(path.name))}"
            problem = Problem(Location(name, 1, 1), what, "rename one of the two files")
            raise InvalidContract([problem])
