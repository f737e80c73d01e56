"""Imported documents as the files of contracts, each read once as a contract before it is written."""

from collections.abc import Iterator
from pathlib import Path

from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.wording import printable
from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.documents import contract_yaml
from cst_contracts.neighbours.imported import Imported


def contract_files(imported: Imported, folder: Path, source: str) -> Iterator[tuple[Path, str]]:
    """Raises InvalidContract where the other tool's words make no contract, such as a name that none has."""
    if not imported.tables:
        raise CstContractsError(f"{source}: it describes no table")
    for document in imported.tables:
        path = folder / f"{str(document['table']).replace('/', '_')}.yaml"
        text = contract_yaml(document, f"from {printable(source)}")
        parse_contract(text.encode(), str(path))
        yield path, text
