"""A contract file to its contract, named as pytest names it."""

import os
from pathlib import Path

import pytest

from cst_contracts.contract.model import Contract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import CstContractsError, InvalidContract, Problem
from cst_contracts.files.contracts import read_contract
from cst_contracts.location import Location


def load_contract(path: Path, name: str) -> Contract:
    """Raises InvalidContract, also where the file cannot be read."""
    try:
        return parse_contract(read_contract(path), name)
    except InvalidContract:
        raise
    except CstContractsError as error:
        problem = Problem(Location(name, 1, 1), str(error), "make the file readable")
        raise InvalidContract([problem]) from error


def told_path(path: Path, config: pytest.Config) -> str:
    """Relative to rootdir, as node ids are."""
    return Path(os.path.relpath(path, config.rootpath)).as_posix()
