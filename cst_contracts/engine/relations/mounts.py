"""The catalogs of session contracts to sources of tables, and to an inventory of what lies in their roots."""

from collections.abc import Iterator

from msgspec.structs import replace

from cst_contracts.contract.model import CatalogContract, SourceContract, SourceFormat
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.formats.delta.log import DeltaLog
from cst_contracts.engine.looks.tables import row_count, table_facts
from cst_contracts.engine.relations.artifacts import Root, list_root, told_entry
from cst_contracts.engine.relations.registration import register_source
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.storage.listing import Entry, stored_bytes
from cst_contracts.engine.storage.urls import Lake, is_below, locate, same_place
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Artifact, CatalogFacts, Stray, TableFacts


class Mounts:
    """Each root is listed once. A root that cannot be listed has no tables, and its error."""

    def __init__(self, relations: Relations, lake: Lake | None, log: DeltaLog) -> None:
        self._relations = relations
        self._lake = lake
        self._log = log
        self._roots: dict[CatalogContract, Root | IntrospectionError] = {}

    def names(self) -> frozenset[str]:
        return frozenset(name for _, root in self._listed() for name in root.tables)

    def errors(self) -> tuple[IntrospectionError, ...]:
        roots = map(self._root, self._relations.catalogs)
        return tuple(root for root in roots if isinstance(root, IntrospectionError))

    def source(self, table: str) -> SourceContract | None:
        """Of a table without a location of its own. Raises IntrospectionError where two roots have it."""
        found = [
            (catalog, root.tables[table])
            for catalog, root in self._listed()
            if table in root.tables
        ]
        if not found:
            return None
        catalog, entry = found[0]
        others = [each.url for _, each in found[1:] if not same_place(each.url, entry.url)]
        if others:
            cause = f"several catalogs have it: {', '.join((entry.url, *others))}"
            raise IntrospectionError(cause, table=table)
        return self._source(table, catalog, entry)

    def facts(self, catalog: CatalogContract) -> CatalogFacts | IntrospectionError:
        """Every table is opened in a session beside the run's: whoever owns its name there, what lies
        in the root is told."""
        root = self._root(catalog)
        if isinstance(root, IntrospectionError):
            return root
        artifacts = tuple(self._artifacts(catalog, root))
        strays = tuple(
            Stray(told_entry(entry), why)
            for entry, why in root.strays
            if not any(is_below(url, entry.url) for url in self._declared())
        )
        return CatalogFacts(catalog.place.file, root.url, catalog.format.value, artifacts, strays)

    def _declared(self) -> Iterator[str]:
        """Where contracts have their sources, and sessions their catalogs."""
        sources = (source.location for source in self._relations.sources.values())
        catalogs = (catalog.location for catalog in self._relations.catalogs)
        for location in (*sources, *catalogs):
            if location is not None and (self._lake is not None or "://" in location):
                yield locate(location, self._lake)

    def _artifacts(self, catalog: CatalogContract, root: Root) -> Iterator[Artifact]:
        for name, entry in sorted(root.tables.items()):
            rivals = tuple(self._rivals(catalog, name, entry))
            source = self._source(name, catalog, entry)
            told = told_entry(entry)
            try:
                facts, size = self._opened(name, source)
            except IntrospectionError as error:
                yield Artifact(name, told, error, rivals=rivals)
            else:
                yield Artifact(name, told, facts, size, rivals)

    def _opened(self, name: str, source: SourceContract) -> tuple[TableFacts, int]:
        context = open_session({})
        opened = register_source(
            context,
            name,
            source,
            self._lake,
            self._log,
            supplied=False,
            promised=self._relations.promised.get(name),
        )
        facts = table_facts(context, context, name, opened, (), (), {})
        rows, basis = row_count(context, name, facts.location)
        with looking_at(name, facts.location):
            size = stored_bytes(opened.storage.files if opened.storage is not None else ())
        return replace(facts, rows=rows, rows_basis=basis), size

    def _source(self, name: str, catalog: CatalogContract, entry: Entry) -> SourceContract:
        """The contract's own words on how it is stored, where it has any for this place."""
        own = self._relations.sources.get(name)
        if own is None or not (own.format is SourceFormat.CATALOG or self._is_at(own, entry.url)):
            return SourceContract(catalog.format, catalog.place, entry.url)
        return replace(own, format=catalog.format, location=entry.url)

    def _is_at(self, source: SourceContract, url: str) -> bool:
        if source.location is None:
            return False
        try:
            return same_place(locate(source.location, self._lake), url)
        except IntrospectionError:
            return False

    def _rivals(self, catalog: CatalogContract, name: str, entry: Entry) -> Iterator[str]:
        view, source = self._relations.views.get(name), self._relations.sources.get(name)
        if view is not None:
            yield f"the view at {view.place}"
        elif source is not None and source.location is not None:
            same = self._is_at(source, entry.url) and source.format is catalog.format
            if not same:
                yield f"the {source.format} source {source.location} at {source.place}"
        for other, root in self._listed():
            twin = root.tables.get(name)
            if twin is not None and not same_place(twin.url, entry.url):
                yield f"{twin.url} in the catalog at {other.place}"

    def _listed(self) -> Iterator[tuple[CatalogContract, Root]]:
        for catalog in self._relations.catalogs:
            root = self._root(catalog)
            if isinstance(root, Root):
                yield catalog, root

    def _root(self, catalog: CatalogContract) -> Root | IntrospectionError:
        if catalog not in self._roots:
            try:
                with looking_at(None, catalog.location):
                    url = locate(catalog.location, self._lake)
                with looking_at(None, url):
                    self._roots[catalog] = list_root(url, catalog.format)
            except IntrospectionError as error:
                self._roots[catalog] = error
        return self._roots[catalog]
