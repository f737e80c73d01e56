"""A contract file to its contract, named as pytest names it."""

import os
from itertools import takewhile
from pathlib import Path, PurePath

import pytest

from cst_contracts.contract.model import Contract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import CstContractsError, InvalidContract, Problem
from cst_contracts.files.contracts import SUFFIXES, read_contract
from cst_contracts.files.snapshots import snapshot_name
from cst_contracts.location import Location

#: The first of them that is there has the snapshot.
_SPELLINGS = (*SUFFIXES, *(suffix.upper() for suffix in SUFFIXES))
_LOADED = pytest.StashKey[dict[Path, Contract | InvalidContract]]()


def contract_of(path: Path, config: pytest.Config) -> Contract:
    """Read once a process. Raises InvalidContract, also where the file cannot be read, or has the snapshot
    of another."""
    loaded = config.stash.setdefault(_LOADED, {})
    if path not in loaded:
        try:
            loaded[path] = _load(path, told_path(path, config))
        except InvalidContract as error:
            loaded[path] = error
    contract = loaded[path]
    if isinstance(contract, InvalidContract):
        raise contract
    return contract


def _load(path: Path, name: str) -> Contract:
    _refuse_twin(path, name)
    try:
        return parse_contract(read_contract(path), name)
    except InvalidContract:
        raise
    except CstContractsError as error:
        problem = Problem(Location(name, 1, 1), str(error), "make the file readable")
        raise InvalidContract([problem]) from error


def _refuse_twin(path: Path, name: str) -> None:
    """`a.yaml`, `a.yml` and `a.YAML` would share one snapshot."""
    for suffix in takewhile(lambda suffix: suffix != path.suffix, _SPELLINGS):
        twin = path.with_suffix(suffix)
        if twin.is_file() and not twin.samefile(path):
            what = f"it has the snapshot of {twin.name}, {snapshot_name(PurePath(path.name))}"
            problem = Problem(Location(name, 1, 1), what, "rename one of the two files")
            raise InvalidContract([problem])


def told_path(path: Path, config: pytest.Config) -> str:
    """Relative to rootdir, as node ids are."""
    return Path(os.path.relpath(path, config.rootpath)).as_posix()
