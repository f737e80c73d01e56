"""A relation's rows to null counts, read where no declaration can hide a null."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import TypeAlias

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.datatypes import child_path
from cst_contracts.engine.formats.delta.log import file_rows, log_rows, needs_log
from cst_contracts.engine.formats.format import Opened
from cst_contracts.engine.looks.tables import counted
from cst_contracts.engine.rows.null_tally import ValueFacts, columns_of, count_nulls
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Basis, NullCount
from cst_contracts.sql.selects import select_values

_REFUSAL = "declared as non-nullable but contains null values"

_Read: TypeAlias = Callable[[Sequence[str]], Iterator[pa.RecordBatch]]


def measure_nulls(
    context: SessionContext,
    beside: SessionContext,
    table: str,
    opened: Opened,
    paths: Sequence[str],
) -> ValueFacts:
    """One pass for all paths. Raises IntrospectionError."""
    location = None if opened.storage is None else opened.storage.location
    with looking_at(table, location):
        schema = live_schema(context, table)
    columns = columns_of(schema, paths)
    if not columns:
        found = counted(context, table, location)
        return ValueFacts(found.rows, found.basis)
    session = _Rows(context, table, location, schema, _session_rows(context, table, opened))
    undeclared = _undeclared(beside, table, opened)
    if undeclared is None:
        return session.nulls(columns, paths)
    stored = replace(session, read=undeclared)
    if opened.supplied:
        return replace(session, relaxed=stored).nulls(columns, paths)
    return _from_files_and_log(stored, session, columns, paths, _log_values(opened))


def _undeclared(beside: SessionContext, table: str, opened: Opened) -> _Read | None:
    """The rows as they are stored, where the session's own way to them may hide or refuse a null."""
    storage, delta = opened.storage, opened.delta
    if storage is None:
        return None
    if delta is None:
        return _session_rows(beside, table, opened) if opened.supplied else None
    if needs_log(delta):
        return lambda columns: log_rows(delta, columns)
    return lambda columns: file_rows(beside, storage, columns)


def _log_values(opened: Opened) -> frozenset[str]:
    """The fields that no data file has: a Delta table's partition values stand in its log."""
    if opened.storage is None or opened.delta is None or needs_log(opened.delta):
        return frozenset()
    return frozenset(partition.name for partition in opened.storage.partitions)


def _session_rows(context: SessionContext, table: str, opened: Opened) -> _Read:
    null_folders = frozenset() if opened.storage is None else opened.storage.null_folders

    def read(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for batch in context.sql(select_values(columns, table, null_folders)).execute_stream():
            yield batch.to_pyarrow()

    return read


class _Rows(Struct, frozen=True):
    """A table, and one way to read it. `relaxed` is another that nothing declared stands in the way of."""

    context: SessionContext
    table: str
    location: str | None
    schema: pa.Schema
    read: _Read
    relaxed: "_Rows | None" = None

    def nulls(self, columns: Sequence[str], paths: Sequence[str]) -> ValueFacts:
        read = pa.schema([self.schema.field(name) for name in columns])
        try:
            with looking_at(self.table, self.location):
                return count_nulls(read, self.read(columns), paths)
        except IntrospectionError as error:
            if _REFUSAL not in str(error.__cause__):
                raise
            return self._refused(columns, paths)

    def _refused(self, columns: Sequence[str], paths: Sequence[str]) -> ValueFacts:
        """The engine met a null under a declared NOT NULL: in which field, asked one at a time."""
        nulls: dict[str, NullCount] = {}
        for name in columns:
            if len(columns) > 1:
                nulls.update(self.nulls([name], paths).nulls)
            else:
                nulls.update(self._refused_field(name, paths))
        found = counted(self.context, self.table, self.location)
        return ValueFacts(found.rows, Basis.SCAN, nulls)

    def _refused_field(self, name: str, paths: Sequence[str]) -> Mapping[str, NullCount]:
        """What lies below a refused field is counted by way of `relaxed`, and refused without it."""
        unseen = count_nulls(pa.schema([self.schema.field(name)]), (), paths).nulls
        refused = dict.fromkeys(unseen, NullCount(0, 0, refusal=_REFUSAL))
        below = [path for path in unseen if path != child_path("", name)]
        if self.relaxed is not None and below:
            refused.update(self.relaxed.nulls([name], below).nulls)
        return refused


def _from_files_and_log(
    files: _Rows,
    provider: _Rows,
    columns: Sequence[str],
    paths: Sequence[str],
    log_values: Set[str],
) -> ValueFacts:
    in_files = [name for name in columns if name not in log_values]
    in_log = [name for name in columns if name in log_values]
    parts = [
        rows.nulls(names, paths) for rows, names in ((files, in_files), (provider, in_log)) if names
    ]
    nulls = {path: count for part in parts for path, count in part.nulls.items()}
    return ValueFacts(parts[0].rows, Basis.SCAN, nulls)
