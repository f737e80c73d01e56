"""Counts the nulls of a relation whose files are not scanned, read where no declaration hides a null."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import TypeAlias

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.datatypes import child_path, find_node, top_level
from cst_contracts.engine.formats.delta.log import file_rows, log_rows, needs_log
from cst_contracts.engine.formats.format import Opened
from cst_contracts.engine.looks.tables import counted
from cst_contracts.engine.rows.meter import Meter
from cst_contracts.engine.rows.null_tally import NullPart
from cst_contracts.engine.rows.null_walk import columns_of
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results, RowFact
from cst_contracts.engine.rows.scan import tally
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import batches_of
from cst_contracts.facts import CouldNotLook, NullCount, Trouble
from cst_contracts.needs import AnyRowNeed, NullsNeed
from cst_contracts.sql.selects import select_values

_REFUSAL = "declared as non-nullable but contains null values"

_Read: TypeAlias = Callable[[Sequence[str]], Iterator[pa.RecordBatch]]
_Counts: TypeAlias = Mapping[AnyRowNeed, RowFact]


def null_counts(needs: Sequence[NullsNeed], queries: Queries) -> Results:
    """One pass for all paths; a path that the relation does not have is a trouble of its own. Raises
    IntrospectionError."""
    relation = queries.relation
    found = _counted(needs, queries)
    return {
        need: found.get(need)
        or CouldNotLook(f"it has no field {need.path} to count in", relation, trouble=Trouble.FIELD)
        for need in needs
    }


def _counted(needs: Sequence[NullsNeed], queries: Queries) -> _Counts:
    table = queries.relation
    opened = queries.access.opened(table)
    paths = [need.path for need in needs]
    undeclared = queries.access.undeclared
    stored = opened.delta is not None or opened.format == "view"
    context = queries.session(paths) if stored and not opened.supplied else undeclared.live
    location = None if opened.storage is None else opened.storage.location
    with looking_at(table, location):
        schema = live_schema(context, table)
    known = [need for need in needs if find_node(schema, need.path) is not None]
    columns = columns_of(schema, [need.path for need in known])
    if not columns:
        return {}
    rows = _session_rows(context, table, opened)
    session = _Rows(context, table, location, schema, rows, queries.meter)
    read = _undeclared(undeclared.scratch, table, opened)
    if read is None:
        return session.nulls(columns, known)
    files = replace(session, read=read)
    if opened.supplied:
        return replace(session, relaxed=files).nulls(columns, known)
    return _from_files_and_log(files, session, columns, known, _log_values(opened))


def _undeclared(scratch: SessionContext, table: str, opened: Opened) -> _Read | None:
    """The rows as they are stored, where the session's own way to them may hide or refuse a null."""
    storage, delta = opened.storage, opened.delta
    if storage is None:
        return None
    if delta is None:
        return _session_rows(scratch, table, opened) if opened.supplied else None
    if needs_log(delta):
        return lambda columns: log_rows(delta, columns)
    return lambda columns: file_rows(scratch, storage, columns)


def _log_values(opened: Opened) -> frozenset[str]:
    """The fields that no data file has: a Delta table's partition values stand in its log."""
    if opened.storage is None or opened.delta is None or needs_log(opened.delta):
        return frozenset()
    return frozenset(partition.name for partition in opened.storage.partitions)


def _session_rows(context: SessionContext, table: str, opened: Opened) -> _Read:
    null_folders = frozenset() if opened.storage is None else opened.storage.null_folders

    def read(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        yield from batches_of(context.sql(select_values(columns, table, null_folders)))

    return read


class _Rows(Struct, frozen=True):
    """A table, and one way to read it. `relaxed` is another that nothing declared stands in the way of."""

    context: SessionContext
    table: str
    location: str | None
    schema: pa.Schema
    read: _Read
    meter: Meter
    relaxed: "_Rows | None" = None

    def nulls(self, columns: Sequence[str], needs: Sequence[NullsNeed]) -> _Counts:
        try:
            with looking_at(self.table, self.location):
                part = NullPart(self._schema_of(columns), tuple(needs))
                (found,) = tally([self.read(columns)], [part], meter=self.meter)
                return found.answers()
        except IntrospectionError as error:
            if _REFUSAL not in str(error.__cause__):
                raise
            return self._refused(columns, needs)

    def _schema_of(self, columns: Sequence[str]) -> pa.Schema:
        return pa.schema([self.schema.field(name) for name in columns])

    def _refused(self, columns: Sequence[str], needs: Sequence[NullsNeed]) -> _Counts:
        """The engine met a null under a declared NOT NULL: in which field, asked one at a time."""
        rows = counted(self.context, self.table, self.location).rows
        nulls: dict[AnyRowNeed, RowFact] = {}
        for name in columns:
            inside = [need for need in needs if top_level(need.path) == name]
            if len(columns) > 1:
                nulls.update(self.nulls([name], inside))
            else:
                nulls.update(self._refused_field(name, inside, rows))
        return nulls

    def _refused_field(self, name: str, needs: Sequence[NullsNeed], rows: int) -> _Counts:
        """What lies below a refused field is counted by way of `relaxed`, and refused without it."""
        count = NullCount(0, 0, refusal=_REFUSAL, rows=rows)
        refused: dict[AnyRowNeed, RowFact] = dict.fromkeys(needs, count)
        below = [need for need in needs if need.path != child_path("", name)]
        if self.relaxed is not None and below:
            refused.update(self.relaxed.nulls([name], below))
        return refused


def _from_files_and_log(
    files: _Rows,
    provider: _Rows,
    columns: Sequence[str],
    needs: Sequence[NullsNeed],
    log_values: Set[str],
) -> _Counts:
    in_files = [name for name in columns if name not in log_values]
    in_log = [name for name in columns if name in log_values]
    counts: dict[AnyRowNeed, RowFact] = {}
    for rows, names in ((files, in_files), (provider, in_log)):
        if names:
            counts.update(rows.nulls(names, [n for n in needs if top_level(n.path) in names]))
    return counts
