"""Collects the relations that all contracts define between them: tables with a source, and views."""

import re
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
from msgspec import Struct, field

from cst_contracts.contract.clauses.catalog import CatalogContract
from cst_contracts.contract.clauses.evolution import EvolutionContract
from cst_contracts.contract.clauses.source import SourceContract, SourceFormat
from cst_contracts.contract.clauses.view import (
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    Sql,
    ViewContract,
)
from cst_contracts.contract.diagnostics import ALL_DIAGNOSTICS, diagnosed, diagnostics_of
from cst_contracts.contract.model import Contract, SessionContract, TableContract
from cst_contracts.contract.presets import PRESETS


class Relations(Struct, frozen=True):
    """The relations by name. Where several contracts define a name, `conflicts` has their files. `unread` are
    files that are no contracts, and may define more. `promised` are the fields of the tables."""

    sources: Mapping[str, SourceContract]
    views: Mapping[str, ViewContract]
    conflicts: Mapping[str, tuple[str, ...]]
    unread: tuple[str, ...] = ()
    promised: Mapping[str, pa.Schema] = field(default_factory=dict)
    tables: tuple[TableContract, ...] = ()
    catalogs: tuple[CatalogContract, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all tables and views of the contracts, without the diagnostics views."""
        known = {*self.promised, *self.sources, *self.views}
        return tuple(sorted(name for name in known if name in self))

    def __contains__(self, name: str) -> bool:
        """Whether it is one of `names`."""
        return self._knows(name) and name != ALL_DIAGNOSTICS and not self._knows(diagnosed(name))

    def _knows(self, name: str | None) -> bool:
        return name in self.promised or name in self.sources or name in self.views

    def evolution(self, table: str) -> EvolutionContract | None:
        """What the first contract of the table says of drift."""
        return next((each.evolution for each in self.tables if each.name == table), None)

    def mentioned(self, query: str, others: Iterable[str] = ()) -> tuple[str, ...]:
        """All relations whose names a query's text mentions. `others` are those that no contract defines."""
        return self._mentioned(query, (*self.names, *others))

    def _mentioned(self, query: str, known: Iterable[str]) -> tuple[str, ...]:
        words = _words(query)
        told = (ALL_DIAGNOSTICS, *map(diagnostics_of, self.names))
        return tuple(name for name in dict.fromkeys((*known, *told)) if _words(name) <= words)

    def read_by(self, view: ViewContract, others: Iterable[str] = ()) -> tuple[str, ...]:
        """The relations that a view may read: for an `sql` view all whose names its text mentions.

        `others` are relations that no contract defines.
        """
        match view.definition:
            case Sql(query=query):
                mentioned = self._mentioned(query, (*self.sources, *self.views, *others))
                return tuple(name for name in mentioned if name != view.name)
            case Expand() | Extract() | Pack() | Flatten() | Explode():
                return (view.of,)


def _words(text: str) -> set[str]:
    """The words of a text in lower case, as SQL reads names that are not quoted."""
    return set(re.findall(r"\w+", text.lower()))


def relations(contracts: Iterable[Contract], unread: Sequence[str] = ()) -> Relations:
    sources: dict[str, SourceContract] = {}
    views: dict[str, ViewContract] = {}
    files: dict[str, list[str]] = {}
    promised: dict[str, pa.Schema] = {}
    known = tuple(contracts)
    tables = tuple(each for each in known if isinstance(each, TableContract))
    sessions = (each for each in known if isinstance(each, SessionContract))
    for contract in tables:
        promised.setdefault(contract.name, promised_schema(contract))
        if contract.source is not None:
            sources.setdefault(contract.name, contract.source)
            if contract.source.format is not SourceFormat.VIEW:
                files.setdefault(contract.name, []).append(contract.file)
        for view in contract.views:
            views.setdefault(view.name, view)
            files.setdefault(view.name, []).append(contract.file)
    conflicts = {name: tuple(found) for name, found in files.items() if len(found) > 1}
    catalogs = tuple(each.catalog for each in sessions if each.catalog is not None)
    return Relations(sources, views, conflicts, tuple(unread), promised, tables, catalogs)


def promised_schema(contract: TableContract) -> pa.Schema:
    """The promised fields as an Arrow schema, without their metadata."""
    fields = contract.fields
    return pa.schema([pa.field(each.name, each.type, each.nullable) for each in fields])


def preset_settings(contracts: Iterable[Contract]) -> dict[str, str]:
    """What the session contracts' presets set in a session that is opened for them."""
    settings: dict[str, str] = {}
    for contract in contracts:
        named = contract.preset if isinstance(contract, SessionContract) else None
        if named is not None and named in PRESETS:
            settings.update(PRESETS[named].values)
    return settings
