"""Looks at what lies in the artifact folder that a session contract mounts as a catalog."""

from collections.abc import Iterator

from cst_contracts.contract.model import CatalogContract, SourceContract
from cst_contracts.engine.looks.tables import counted, described
from cst_contracts.engine.relations.artifacts import Root, told_entry
from cst_contracts.engine.relations.registration import register_source
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.listing import Entry, stored_bytes
from cst_contracts.engine.storage.urls import is_below, locate, same_place
from cst_contracts.facts import Artifact, CatalogFacts, Stray


def catalog_facts(registry: Registry, catalog: CatalogContract) -> CatalogFacts:
    """Every table is opened in a scratch session: whoever owns its name in the run's, what lies in the
    folder is told. Raises IntrospectionError where the folder cannot be listed."""
    root = registry.mounts.root(catalog)
    if isinstance(root, IntrospectionError):
        raise root
    artifacts = tuple(_artifacts(registry, catalog, root))
    strays = tuple(
        Stray(told_entry(entry), why)
        for entry, why in root.strays
        if not any(is_below(url, entry.url) for url in _declared(registry))
    )
    return CatalogFacts(catalog.place.file, root.url, catalog.format.value, artifacts, strays)


def _declared(registry: Registry) -> Iterator[str]:
    """Where contracts have their sources, and sessions their catalogs."""
    sources = (source.location for source in registry.relations.sources.values())
    catalogs = (catalog.location for catalog in registry.relations.catalogs)
    for location in (*sources, *catalogs):
        if location is not None and (registry.lake is not None or "://" in location):
            yield locate(location, registry.lake)


def _artifacts(registry: Registry, catalog: CatalogContract, root: Root) -> Iterator[Artifact]:
    for name, entry in sorted(root.tables.items()):
        rivals = tuple(_rivals(registry, catalog, name, entry))
        source = registry.mounts.source_of(name, catalog, entry)
        try:
            yield _artifact(registry, name, entry, source, rivals)
        except IntrospectionError as error:
            yield Artifact(name, told_entry(entry), error.answer, rivals=rivals)


def _artifact(
    registry: Registry, name: str, entry: Entry, source: SourceContract, rivals: tuple[str, ...]
) -> Artifact:
    context = open_session({}, stores=registry.stores)
    opened = register_source(registry.opening(context, name, source))
    facts = described(context, name, opened)
    rows = counted(context, name, facts.location, opened.counting)
    with looking_at(name, facts.location):
        size = stored_bytes(opened.storage.files if opened.storage is not None else ())
    return Artifact(name, told_entry(entry), facts, rows, size, rivals)


def _rivals(registry: Registry, catalog: CatalogContract, name: str, entry: Entry) -> Iterator[str]:
    relations, mounts = registry.relations, registry.mounts
    view, source = relations.views.get(name), relations.sources.get(name)
    if view is not None:
        yield f"the view at {view.place}"
    elif source is not None and source.location is not None:
        same = mounts.is_at(source, entry.url) and source.format is catalog.format
        yield from (
            () if same else (f"the {source.format} source {source.location} at {source.place}",)
        )
    for other, root in mounts.listed():
        twin = root.tables.get(name)
        if twin is not None and not same_place(twin.url, entry.url):
            yield f"{twin.url} in the catalog at {other.place}"
