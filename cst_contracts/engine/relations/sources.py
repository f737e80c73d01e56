"""Compares a relation that the project registered itself with what the contract's `source` names."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote

import pyarrow as pa
from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.contract.model import AsOfVersion
from cst_contracts.engine.formats.arrow import refuse_adapted
from cst_contracts.engine.formats.delta.log import needs_log
from cst_contracts.engine.formats.format import Format, Opened, Opening
from cst_contracts.engine.formats.formats import stored_format
from cst_contracts.engine.relations.row_hashes import RowHashes, row_hashes
from cst_contracts.engine.relations.session_reading import Reading, Size, session_reading, told_size
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema, make_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.file_schemas import grouped
from cst_contracts.engine.storage.listing import data_files
from cst_contracts.engine.storage.places import each_of
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import is_local, local_path, relative_name
from cst_contracts.facts import Basis, RowDifference, SourceFacts
from cst_contracts.sql.names import table_name
from cst_contracts.sql.selects import select_all

_VERSION = "__cst_version"
#: Rows that are read to tell two tables apart of whose files nobody knows the names.
_COMPARED = 1_000_000
#: Of a Delta table's past, from the latest on, where the session reads another version.
_VERSIONS = 50


def compared(session: SessionContext, opening: Opening, opened: Opened) -> Opened:
    """`opened` is what `source` names. Of a Delta table of which the session reads another version, that
    version is opened in its place. Raises IntrospectionError."""
    storage = opened.storage
    if storage is None:
        return opened
    with looking_at(opening.table, storage.location):
        reading = session_reading(session, opening.table)
        names = live_schema(session, opening.table).names
        if reading.view:
            facts = SourceFacts(supplied=True, view=True)
        elif reading.files is None or (opened.delta is not None and needs_log(opened.delta)):
            opened, facts = _by_rows(session, opening, opened)
        else:
            facts = files_facts(reading.files, storage)
    without = tuple(each.name for each in storage.partitions if each.name not in names)
    facts = replace(_versioned(facts, opened, storage), without=without)
    return replace(opened, source=facts, read=_read(reading, storage) if facts.other_rows else None)


def listed(session: SessionContext, opening: Opening) -> SourceFacts:
    """Of files that tell nothing of their own: which of them are read. Raises IntrospectionError."""
    format_ = stored_format(opening.source.format)
    with looking_at(opening.table, opening.url):
        reading = session_reading(session, opening.table)
        if reading.view:
            return SourceFacts(supplied=True, view=True)
        if reading.files is None:
            make_schema(opening.context, opening.table)
            return _by_rows(session, opening, format_.open(opening))[1]
        named = tuple(file.url for file in data_files(opening.url, format_.capabilities.suffixes))
        schema = live_schema(session, opening.table)
        storage = Storage(opening.url, schema, named, ())
        _refuse_other_schemas(opening, format_, storage)
        return files_facts(reading.files, storage)


def _refuse_other_schemas(opening: Opening, format_: Format, storage: Storage) -> None:
    """Files of a format without footers, that have schemas, are read by position under the declared one.
    Raises IntrospectionError."""
    names = (relative_name(opening.url, url) for url in storage.files)
    found = zip(names, each_of(storage.files, format_.file_schema), strict=True)
    groups = grouped((name, schema) for name, schema in found if schema is not None)
    in_files = {name for group in groups for name in group.schema.names}
    read = [field for field in storage.schema if field.name in in_files]
    refuse_adapted(opening, groups, pa.schema(read))


def files_facts(read: Sequence[str], storage: Storage) -> SourceFacts:
    """`read` are the files in a plan."""
    there = Counter(map(_place_in_plan, read))
    wanted = dict.fromkeys(map(_place, storage.files))
    root = _place(storage.location)
    return SourceFacts(
        supplied=True,
        files=len(wanted),
        more=tuple(_below(each, root) for each in there if each not in wanted),
        fewer=tuple(_below(each, root) for each in wanted if each not in there),
        repeated=tuple(_below(each, root) for each, times in there.items() if times > 1),
    )


def _read(reading: Reading, storage: Storage) -> Storage | None:
    """Of a view, no file's rows are known to be its own."""
    if reading.view or reading.files is None:
        return None
    places = dict.fromkeys(map(_place_in_plan, reading.files))
    local = is_local(storage.location)
    urls = (Path(place).as_uri() if local else quote(place, safe=":/") for place in places)
    return replace(storage, files=tuple(urls))


def _place_in_plan(url: str) -> str:
    """In plans, nothing is quoted."""
    local = url.removeprefix("file:///")
    return url if local == url else str(Path(f"/{local}").resolve())


def _place(url: str) -> str:
    """One spelling for each place, links resolved where they can be."""
    return str(local_path(url).resolve()) if is_local(url) else unquote(url).rstrip("/")


def _below(place: str, root: str) -> str:
    return place.removeprefix(f"{root}/")


def _versioned(facts: SourceFacts, opened: Opened, promised: Storage) -> SourceFacts:
    """`opened` is at the version that the session reads, where anybody can tell."""
    if opened.storage is None or opened.storage.delta is None or promised.delta is None:
        return facts
    read = None if facts.other_rows else opened.storage.delta.version
    return replace(facts, version=read, promised=promised.delta.version)


def _by_rows(
    session: SessionContext, opening: Opening, opened: Opened
) -> tuple[Opened, SourceFacts]:
    """Where no plan names files. Of a Delta table, it may be another version that the session reads."""
    given = _Relation(session, opening.table)
    told = given.difference(_Relation(opening.context, opening.table))
    facts = SourceFacts(supplied=True, basis=given.basis, differing=told)
    if told.is_none or opened.storage is None or opened.storage.delta is None:
        return opened, facts
    delta = opened.storage.delta
    for version in range(delta.latest, max(-1, delta.latest - _VERSIONS), -1):
        if version != delta.version and _is_version(given, opening, version):
            opened = _at_version(opening, version)
            return opened, replace(facts, differing=RowDifference(0, 0))
    return opened, facts


def _is_version(given: "_Relation", opening: Opening, version: int) -> bool:
    context = opening.context
    try:
        _at_version(replace(opening, table=_VERSION), version)
        try:
            other = _Relation(context, _VERSION)
            return given.may_be(other) and given.difference(other).is_none
        finally:
            context.deregister_table(_VERSION)
    except IntrospectionError:
        return False  # the log or the data of that version is gone


def _at_version(opening: Opening, version: int) -> Opened:
    """Takes the place of what is registered so far. Raises IntrospectionError."""
    as_of = AsOfVersion(version, opening.source.place)
    source = replace(opening.source, as_of=as_of)
    with looking_at(opening.table, opening.url):
        opening.context.deregister_table(table_name(opening.table))
        return stored_format(source.format).open(replace(opening, source=source))


class _Relation:
    """What can be known of a relation's rows; they are read when nothing less tells."""

    def __init__(self, context: SessionContext, name: str) -> None:
        self._context, self._name = context, name

    @cached_property
    def size(self) -> Size | None:
        return told_size(self._context, self._name)

    @cached_property
    def hashes(self) -> RowHashes:
        return row_hashes(self._context.sql(select_all(self._name)))

    @property
    def basis(self) -> Basis:
        """What a comparison has rested on."""
        return Basis.SCAN if "hashes" in vars(self) else Basis.STATISTICS

    def may_be(self, other: "_Relation") -> bool:
        return self.size is None or other.size is None or self.size == other.size

    def difference(self, other: "_Relation") -> RowDifference:
        """Of many rows in files of the same size to the byte, none is read; nor where the counts differ."""
        here, there = self.size, other.size
        if here is not None and there is not None:
            if here.rows != there.rows:
                less, more = there.rows - here.rows, here.rows - there.rows
                return RowDifference(max(0, less), max(0, more))
            if here == there and here.rows > _COMPARED:
                return RowDifference(0, 0)
        return self.hashes.difference(other.hashes)
