"""Joins to the data files of a Delta table the fields that only its log knows, with nothing NOT NULL."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from datafusion import DataFrame, Expr, col, udf

from cst_contracts.engine.access.scannable import ScannableFiles, engine_name
from cst_contracts.engine.formats.delta.log import added_files
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.sql.keys import PLACES
from cst_contracts.sql.names import identifier

if TYPE_CHECKING:
    from deltalake import DeltaTable

_PARTITION = "partition."


def log_fields(source: ScannableFiles, opened: "DeltaTable") -> pa.Table | None:
    """For each data file a row: its partition values, and nulls for the fields that no file has yet. None
    where there are no such fields, or the log names files in another way than we know. Raises
    IntrospectionError."""
    storage = source.storage
    wanted = [field for field in storage.schema if field.name not in source.schema.names]
    if not wanted:
        return None
    with looking_at(source.table, storage.location):
        added = added_files(storage.location, opened)
        rows = pc.index_in(pa.array(storage.files, pa.string()), value_set=added.column("path"))
        if rows.null_count:
            return None
        columns = [_column(added, field, rows) for field in wanted]
        return pa.table(columns, [field.name for field in wanted])


def _column(added: pa.Table, field: pa.Field, rows: pa.Array) -> pa.ChunkedArray | pa.Array:
    name = f"{_PARTITION}{field.name}"
    if name not in added.column_names:
        return pa.nulls(len(rows), field.type)
    return added.column(name).take(rows).cast(field.type)


def with_log_fields(source: ScannableFiles, fields: pa.Table) -> DataFrame:
    """The rows of the files, each with what the fields are for its file. Raises what the engine raises."""
    frame = source.frame()
    names = [engine_name(url) for url in source.storage.files]
    in_file = frame.parse_sql_expr(PLACES["__cst_file"])
    beside = [_of_file(names, name, fields.column(name), in_file) for name in fields.column_names]
    return frame.select(*(col(identifier(name)) for name in source.schema.names), *beside)


def _of_file(names: Sequence[str], name: str, values: pa.ChunkedArray, in_file: Expr) -> Expr:
    """Looked up for each row: past a join, DataFusion 55 no longer knows where a row stands."""
    known, held = pa.array(names, pa.string()), values.combine_chunks()

    def found(files: pa.Array) -> pa.Array:
        rows = pc.index_in(files, value_set=known)
        if rows.null_count:
            other = files.filter(pc.is_null(rows))[0]
            raise ValueError(f"the engine reads {other}, which the log does not name")
        return held.take(rows)

    look_up = udf(found, [pa.string()], held.type, "volatile", f"__cst_log_{name}")
    return look_up(in_file).alias(name)
