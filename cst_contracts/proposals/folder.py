"""The folder that proposed contracts are written into: what is there already stays as it is."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cst_contracts.contract.model import Contract, TableContract
from cst_contracts.engine.storage.urls import Lake, same_place
from cst_contracts.errors import CstContractsError
from cst_contracts.files.atomic import write_atomic
from cst_contracts.files.contracts import list_contracts
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.project import Project
from cst_contracts.proposals.sources import Source, file_name


class Folder:
    """`project.root` is the one that files are named relative to."""

    def __init__(self, project: Project, folder: Path) -> None:
        self._lake = Lake(project.lake)
        self._folder = folder
        self._files = ContractFiles(project.root)
        self._paths = list_contracts(folder) if folder.is_dir() else ()

    def file_of(self, source: Source) -> Path:
        """Where its contract would be written."""
        return self._folder / file_name(source.name)

    def name(self, file: Path) -> str:
        return self._files.name(file)

    def existing(self, sources: Iterable[Source]) -> Mapping[Source, Path]:
        """The contract files that are there: of the name that one would have, of the same table, or of the
        same place."""
        contracts = self.tables()
        found: dict[Source, Path] = {}
        for source in sources:
            own = self.file_of(source)
            same = (path for path, each in contracts.items() if self._is_of(each, source))
            path = own if own.exists() or own.is_symlink() else next(same, None)
            if path is not None:
                found[source] = path
        return found

    def known(self) -> Sequence[Contract]:
        """All that are there and well-formed: one contract's view may be another's table."""
        return self._files.known(self._paths)[0]

    def tables(self) -> Mapping[Path, TableContract]:
        """The contracts of tables that are there and well-formed."""
        contracts: dict[Path, TableContract] = {}
        for path in self._paths:
            known, _ = self._files.known([path])
            contracts.update((path, each) for each in known if isinstance(each, TableContract))
        return contracts

    def _is_of(self, contract: TableContract, source: Source) -> bool:
        if contract.name == source.name:
            return True
        there = None if contract.source is None else contract.source.location
        if there is None or source.location is None:
            return False
        try:
            return same_place(self._lake.locate(there), self._lake.locate(source.location))
        except ValueError:
            return False  # a location that nobody can make out is none of ours

    def write(self, file: Path, text: str) -> None:
        """Raises CstContractsError where it cannot be written, or something has come to be there."""
        if file.exists() or file.is_symlink():
            raise CstContractsError(f"{self.name(file)} is there by now, and is left as it is")
        self.replace(file, text)

    def replace(self, file: Path, text: str) -> None:
        """Raises CstContractsError where it cannot be written."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(file, text)
        except OSError as error:
            reason = error.strerror or str(error)
            raise CstContractsError(f"{self.name(file)}: could not be written: {reason}") from error
