"""Answers a reference from the files of which all rows have been found in the other table before.

What has been found there stays found as long as no file of the other table goes or changes: then only the
rows of new files are looked for.
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from cst_contracts.datatypes import top_level
from cst_contracts.engine.access.one_file import rows_of_file
from cst_contracts.engine.access.scannable import ScannableFiles, engine_name
from cst_contracts.engine.rows.key_queries import count_complete, count_references
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import ReferenceCount
from cst_contracts.needs import ReferenceNeed
from cst_contracts.sql.keys import PLACES, flattened, references_by_file
from cst_contracts.sql.selects import union_all

#: So many new files at most are read one by one; of more, all are.
_MOST_NEW = 64
_NEW = "__cst_new"


class Sound(Struct, frozen=True, array_like=True):
    """That no reference of some files dangles, each by its stamp with how many references it has, given the
    files of the other table that are `there`."""

    there: frozenset[bytes]
    rows: Mapping[bytes, int]

    def to_bytes(self) -> bytes:
        return msgspec.msgpack.encode((sorted(self.there), dict(self.rows)))

    def holds(self, there: Mapping[str, bytes]) -> bool:
        return self.there <= frozenset(there.values())


def sound_of(data: bytes | None) -> Sound | None:
    """What `Sound.to_bytes` gave; None for what is damaged, too."""
    try:
        return None if data is None else msgspec.msgpack.decode(data, type=Sound)
    except msgspec.DecodeError:
        return None


class Recounted(Struct, frozen=True):
    """`measured` files were read. `sound` is what is known now; None where references dangle."""

    count: ReferenceCount
    measured: int
    sound: Sound | None


def recounted(
    need: ReferenceNeed,
    queries: Queries,
    files: ScannableFiles,
    known: Sound,
    here: Mapping[str, bytes],
    there: Mapping[str, bytes],
) -> Recounted | None:
    """By the rows of new files; None where that does not answer, or spares little. `here` and `there` are the
    stamps of the two tables' files."""
    new = [url for url, stamp in here.items() if stamp not in known.rows]
    few = 2 * len(new) <= len(here) and len(new) <= _MOST_NEW
    if not (few and known.holds(there)):
        return None
    counts = {stamp: known.rows[stamp] for stamp in here.values() if stamp in known.rows}
    dangling = 0
    if new:
        try:
            rows, dangling = _looked_for(need, queries, files, new)
        except IntrospectionError:
            return None  # all files together tell what stands in the way, if anything does
        counts |= {here[url]: number for url, number in zip(new, rows, strict=True)}
    count = ReferenceCount(sum(counts.values()), dangling)
    sound = None if dangling else Sound(frozenset(there.values()), counts)
    return Recounted(count, len(new), sound)


def sound_now(
    need: ReferenceNeed,
    queries: Queries,
    found: ReferenceCount,
    here: Mapping[str, bytes],
    there: Mapping[str, bytes],
) -> Sound | None:
    """After all files were read and none of their references dangles; None where nobody can tell how many
    each of them has."""
    paths, table = need.reference.fields, queries.relation
    try:
        context = queries.session(paths)
        if not queries.reads_files(context):
            return None
        with looking_at(table):
            rows = flattened(queries.schema(context), table, paths, PLACES)
            counted = table_of(context.sql(references_by_file(rows, len(paths))))
    except IntrospectionError:
        return None
    names, numbers = (column.to_pylist() for column in counted.columns)
    by_name = dict(zip(names, numbers, strict=True))
    counts = {stamp: by_name.get(engine_name(url), 0) for url, stamp in here.items()}
    complete = sum(counts.values()) == found.rows
    return Sound(frozenset(there.values()), counts) if complete else None


def _looked_for(
    need: ReferenceNeed, queries: Queries, files: ScannableFiles, new: Sequence[str]
) -> tuple[list[int], int]:
    """Of new files: how many references each has, and how many of all dangle. Raises IntrospectionError."""
    context, paths = files.context, need.reference.fields
    names = [f"{_NEW}_{number}" for number in range(len(new))]
    with looking_at(files.table, files.storage.location):
        schema = files.stored_schema
        for name, url in zip(names, new, strict=True):
            rows_of_file(context, name, schema, url)
        read = list(dict.fromkeys(map(top_level, paths)))
        context.register_view(_NEW, context.sql(union_all(names, read)))
    try:
        counts = [count_complete(context, name, paths) for name in names]
        _, there = queries.sides(need.reference)
        with queries.spilling([context], queries.relation, there[1]):
            return counts, count_references(context, _NEW, paths, there).dangling
    finally:
        for name in (_NEW, *names):
            context.deregister_table(name)
