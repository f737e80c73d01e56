"""A relation's rows to null counts, read where no declaration can hide a null."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.engine.delta import register_files, stream
from cst_contracts.engine.failure import looking_at
from cst_contracts.engine.introspect import row_count
from cst_contracts.engine.measure import columns_of, count_nulls
from cst_contracts.engine.registration import Opened
from cst_contracts.engine.session import live_schema
from cst_contracts.engine.sql import select
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, NullCount, ValueFacts

_REFUSAL = "declared as non-nullable but contains null values"


def measure_nulls(
    context: SessionContext,
    beside: SessionContext,
    table: str,
    opened: Opened,
    paths: Sequence[str],
) -> ValueFacts:
    """One pass for all paths. Raises IntrospectionError."""
    with looking_at(table):
        schema = live_schema(context, table)
    columns = columns_of(schema, paths)
    if not columns:
        rows, basis = row_count(context, table)
        return ValueFacts(rows, basis)
    session = _Rows(context, table, schema)
    if opened.delta is None or opened.storage is None or opened.supplied:
        return session.nulls(columns, paths)
    if not register_files(beside, table, opened.storage, opened.delta):
        with looking_at(table, opened.storage.location):
            return count_nulls(schema, stream(opened.delta, columns), paths)
    return _from_files_and_log(
        _Rows(beside, table, live_schema(beside, table)), session, columns, paths
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """One registration of a table, and the schema under which it is read."""

    context: SessionContext
    table: str
    schema: pa.Schema

    def nulls(self, columns: Sequence[str], paths: Sequence[str]) -> ValueFacts:
        read = pa.schema([self.schema.field(name) for name in columns])
        try:
            with looking_at(self.table):
                batches = self.context.sql(select(columns, self.table)).execute_stream()
                return count_nulls(read, (batch.to_pyarrow() for batch in batches), paths)
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
                unseen = count_nulls(pa.schema([self.schema.field(name)]), (), paths).nulls
                nulls.update(dict.fromkeys(unseen, NullCount(0, 0, refusal=_REFUSAL)))
        return ValueFacts(row_count(self.context, self.table)[0], Basis.SCAN, nulls)


def _from_files_and_log(
    files: _Rows, provider: _Rows, columns: Sequence[str], paths: Sequence[str]
) -> ValueFacts:
    """Fields from the data files; partition values, and fields that no file has yet, from the log."""
    in_files = [name for name in columns if name in files.schema.names]
    in_log = [name for name in columns if name not in files.schema.names]
    parts = [
        rows.nulls(names, paths) for rows, names in ((files, in_files), (provider, in_log)) if names
    ]
    nulls = {path: count for part in parts for path, count in part.nulls.items()}
    return ValueFacts(parts[0].rows, Basis.SCAN, nulls)
