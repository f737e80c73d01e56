"""Finds the tables of the artifact folders that session contracts mount as catalogs."""

from collections.abc import Iterator

from msgspec.structs import replace

from cst_contracts.contract.model import CatalogContract, SourceContract, SourceFormat
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.relations.artifacts import Root, list_root
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.listing import Entry
from cst_contracts.engine.storage.urls import Lake, locate, same_place


class Mounts:
    """Each root is listed once. A root that cannot be listed has no tables, and its error."""

    def __init__(self, relations: Relations, lake: Lake | None) -> None:
        self._relations = relations
        self._lake = lake
        self._roots: dict[CatalogContract, Root | IntrospectionError] = {}

    def names(self) -> frozenset[str]:
        return frozenset(name for _, root in self.listed() for name in root.tables)

    def errors(self) -> tuple[IntrospectionError, ...]:
        roots = map(self.root, self._relations.catalogs)
        return tuple(root for root in roots if isinstance(root, IntrospectionError))

    def source(self, table: str) -> SourceContract | None:
        """Of a table without a location of its own. Raises IntrospectionError where two roots have it."""
        found = [
            (catalog, root.tables[table]) for catalog, root in self.listed() if table in root.tables
        ]
        if not found:
            return None
        catalog, entry = found[0]
        others = [each.url for _, each in found[1:] if not same_place(each.url, entry.url)]
        if others:
            cause = f"several catalogs have it: {', '.join((entry.url, *others))}"
            raise IntrospectionError(cause, relation=table)
        return self.source_of(table, catalog, entry)

    def source_of(self, name: str, catalog: CatalogContract, entry: Entry) -> SourceContract:
        """The contract's own words on how it is stored, where it has any for this place."""
        own = self._relations.sources.get(name)
        if own is None or not (own.format is SourceFormat.CATALOG or self.is_at(own, entry.url)):
            return SourceContract(catalog.format, catalog.place, entry.url)
        return replace(own, format=catalog.format, location=entry.url)

    def is_at(self, source: SourceContract, url: str) -> bool:
        if source.location is None:
            return False
        try:
            return same_place(locate(source.location, self._lake), url)
        except IntrospectionError:
            return False

    def listed(self) -> Iterator[tuple[CatalogContract, Root]]:
        for catalog in self._relations.catalogs:
            root = self.root(catalog)
            if isinstance(root, Root):
                yield catalog, root

    def root(self, catalog: CatalogContract) -> Root | IntrospectionError:
        if catalog not in self._roots:
            try:
                with looking_at(None, catalog.location):
                    url = locate(catalog.location, self._lake)
                with looking_at(None, url):
                    self._roots[catalog] = list_root(url, catalog.format)
            except IntrospectionError as error:
                self._roots[catalog] = error
        return self._roots[catalog]
