"""A contract with those that it may refer to: what tables are made by."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from cst_contracts.contract.model import TableContract
from cst_contracts.errors import CstContractsError
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.selection import contract_paths


class Known(Struct, frozen=True):
    """`tables` are the contracts of tables by their names, `contract` among them."""

    contract: TableContract
    tables: Mapping[str, TableContract]


def known(contract: TableContract | Path) -> Known:
    """Of a file, those of its folder are known. Raises InvalidContract, and CstContractsError where it is
    the contract of a session."""
    if isinstance(contract, TableContract):
        return Known(contract, {contract.name: contract})
    files = ContractFiles(Path.cwd())
    path = Path.cwd() / contract
    read = files.load(path)
    if not isinstance(read, TableContract):
        raise CstContractsError(f"{read.place}: a session's contract has no table")
    beside, _ = files.known(contract_paths([path.parent]))
    tables = {each.name: each for each in beside if isinstance(each, TableContract)}
    return Known(read, {**tables, read.name: read})
