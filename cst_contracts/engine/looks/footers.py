"""Looks at what the footers of a relation's data files say of how these are written. No row is read."""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow.parquet as pq
from msgspec import Struct

from cst_contracts.contract.clauses.files import (
    EVERY_COLUMN,
    BoundsPromise,
    ClaimsPromise,
    ColumnsPromise,
    FilePromise,
    FileTrait,
)
from cst_contracts.datatypes import leads_to
from cst_contracts.engine.formats.delta.log import has_physical_names
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.chunks import CHUNK_TRAITS, Chunk, Told
from cst_contracts.engine.storage.footers import OpenFooter, footer_terms, footers
from cst_contracts.engine.storage.leaves import leaf_paths
from cst_contracts.engine.storage.listing import sizes
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import file_name, relative_name
from cst_contracts.facts import ColumnChunks, FileFooter, FooterGroup, FootersFacts
from cst_contracts.needs import FootersNeed


def footers_facts(registry: Registry, need: FootersNeed) -> FootersFacts:
    """Of the files that the session reads; those of a Delta table are its version's. Raises
    IntrospectionError."""
    table, opened = need.relation, registry.open(need.relation)
    storage = opened.as_given.storage if opened.read is None else opened.read
    if storage is None or not storage.capabilities.has_footers:
        reason = "nobody can tell which data files the session reads"
        raise IntrospectionError(reason, relation=table)
    if opened.delta is not None and has_physical_names(opened.delta) and _names_columns(need):
        reason = "under column mapping, its data files call the fields otherwise"
        raise IntrospectionError(reason, relation=table, location=storage.location)
    with looking_at(table, storage.location):
        return _facts(storage, need.promises)


def _names_columns(need: FootersNeed) -> bool:
    """Whether some promise is about columns by their names."""
    return any(
        isinstance(each, ClaimsPromise)
        or (isinstance(each, ColumnsPromise) and any(wanted.path for wanted in each.columns))
        for each in need.promises
    )


def _facts(storage: Storage, promises: Sequence[FilePromise]) -> FootersFacts:
    named = [relative_name(storage.location, url) for url in storage.files]
    counted = _sizes(storage, promises)
    gathered = _Gathered()
    wanted = [each for each in promises if isinstance(each, ColumnsPromise)]
    found: list[FileFooter] = []
    for url, file, metadata in zip(storage.files, named, footers(storage.files), strict=True):
        found.append(FileFooter(file, tuple(_groups(metadata)), counted.get(url)))
        if wanted:
            gathered.add_file(file, OpenFooter(url, metadata), wanted)
    return FootersFacts(tuple(found), gathered.chunks())


def _sizes(storage: Storage, promises: Iterable[FilePromise]) -> dict[str, int]:
    """Nothing where nothing is promised of them: a footer does not say how large its file is."""
    asked = any(
        each.trait is FileTrait.BYTES for each in promises if isinstance(each, BoundsPromise)
    )
    return sizes(storage.location, storage.files) if asked else {}


def _groups(metadata: pq.FileMetaData) -> Iterator[FooterGroup]:
    for number in range(metadata.num_row_groups):
        yield FooterGroup(metadata.row_group(number).num_rows, footer_terms(metadata, number))


class _Leaf(Struct, frozen=True):
    """A column by its number, with the traits that are promised of it."""

    number: int
    path: str
    traits: tuple[FileTrait, ...]


class _Alike(Struct):
    """Chunks that are alike, and where the first of them is."""

    file: str
    group: int
    chunks: int = 0


class _Gathered:
    """Chunks by column, trait and what is told of them; few where files are alike, however many there are."""

    def __init__(self) -> None:
        self._alike: dict[tuple[FileTrait, str, Told], _Alike] = {}
        self._layouts: list[tuple[pq.ParquetSchema, tuple[_Leaf, ...]]] = []

    def add_file(self, file: str, footer: OpenFooter, wanted: Sequence[ColumnsPromise]) -> None:
        leaves = self._leaves(footer, wanted)
        for number in range(footer.metadata.num_row_groups):
            group = footer.metadata.row_group(number)
            if group.num_rows:  # writers leave out what would be about nothing
                for leaf in leaves:
                    self._add(file, number, leaf, Chunk(footer, group, leaf.number, _listed(leaf)))

    def chunks(self) -> tuple[ColumnChunks, ...]:
        return tuple(
            ColumnChunks(
                trait, path, told.found, told.untold, alike.chunks, alike.file, alike.group
            )
            for (trait, path, told), alike in self._alike.items()
        )

    def _add(self, file: str, number: int, leaf: _Leaf, chunk: Chunk) -> None:
        for trait in leaf.traits:
            told = CHUNK_TRAITS[trait](chunk)
            alike = self._alike.setdefault((trait, leaf.path, told), _Alike(file, number))
            alike.chunks += 1

    def _leaves(self, footer: OpenFooter, wanted: Sequence[ColumnsPromise]) -> tuple[_Leaf, ...]:
        """Those that something is promised of, found once for all files of one schema."""
        stored = footer.metadata.schema
        known = next((leaves for each, leaves in self._layouts if each.equals(stored)), None)
        if known is None:
            known = tuple(_leaves(footer, wanted))
            self._layouts.append((stored, known))
        return known


def _leaves(footer: OpenFooter, wanted: Sequence[ColumnsPromise]) -> Iterator[_Leaf]:
    stored = footer.metadata.schema
    paths = leaf_paths(stored, stored.to_arrow_schema())
    if paths is None:
        name = file_name(footer.url)
        raise IntrospectionError(f"{name} stores its lists in a way in which columns have no paths")
    for number, path in enumerate(paths):
        traits = tuple(each.trait for each in wanted if _is_about(each, path))
        if traits:
            yield _Leaf(number, path, traits)


def _is_about(promise: ColumnsPromise, path: str) -> bool:
    return any(
        wanted.path == EVERY_COLUMN or leads_to(wanted.path, path) for wanted in promise.columns
    )


def _listed(leaf: _Leaf) -> bool:
    return any(mark in leaf.path for mark in ("[]", "{}"))
