"""Reads one data file of a table alone, or a share of it, for a machine that shares a scan with others."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import pyarrow as pa
from datafusion import DataFrame, Expr, SessionContext, col, lit
from datafusion import functions as f
from msgspec import Struct

from cst_contracts.engine.access.files import READING
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.schema import make_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.sql.keys import PLACES
from cst_contracts.sql.names import identifier, table_name

_Stream = TypeVar("_Stream")
_FILE = "__cst_one_file"
_NOTHING: Mapping[str, str | None] = MappingProxyType({})


class Share(Struct, frozen=True):
    """The row groups that begin in one of `of` equal stretches of a file's bytes: there may be none."""

    number: int = 0
    of: int = 1

    def picked(self, streams: Sequence[_Stream]) -> Sequence[_Stream]:
        """Of the partitions of a plan over the file, the one that is read. Raises IntrospectionError."""
        if len(streams) > self.of:
            cause = f"the worker's engine reads a file in {len(streams)} parts, not in {self.of}"
            raise IntrospectionError(cause)
        return streams[self.number : self.number + 1]


#: Of a file that is read as a whole.
WHOLE = Share()


def session_of_shares(of: int, urls: Iterable[str]) -> SessionContext:
    """In which the plan of each file has a partition for each of so many shares, whose rows come in the
    file's order. Raises IntrospectionError.

    DataFusion 55 lets a partition that has nothing left to do read what is another's
    (apache/datafusion#23293): one that is read alone would read all shares.
    """
    settings = {
        **READING,
        "datafusion.execution.target_partitions": str(of),
        "datafusion.optimizer.repartition_file_min_size": "0",
        "datafusion.execution.enable_file_stream_work_stealing": "false",
    }
    return open_believing_nothing(settings, stores=urls)


def rows_of_file(
    context: SessionContext,
    table: str,
    schema: pa.Schema,
    url: str,
    outside: Mapping[str, str | None] = _NOTHING,
) -> DataFrame:
    """The rows of one file, as a scan of all files of the table shows them.

    They have the table's name in the session, until the next file takes it. `schema` is what that scan shows;
    `outside` are the values of those fields in it that do not stand in the file, as text. The file has to be
    there: of one that is not, DataFusion 55 reads no rows, and says nothing. Raises what the engine raises.
    """
    name = table_name(table)
    make_schema(context, table)
    context.deregister_table(name)
    if not outside:
        return _registered(context, name, schema, url)
    stored = [field for field in schema if field.name not in outside]
    file = _registered(context, _FILE, pa.schema(stored, schema.metadata), url)
    rows = file.select(*(_column(file, field, outside) for field in schema))
    context.register_view(name, rows)
    return context.table(name)


def _registered(context: SessionContext, name: str, schema: pa.Schema, url: str) -> DataFrame:
    context.deregister_table(name)
    context.register_parquet(name, url, file_extension="", skip_metadata=False, schema=schema)
    return context.table(name)


def _column(file: DataFrame, field: pa.Field, outside: Mapping[str, str | None]) -> Expr:
    """DataFusion 55 panics over a single file that is registered with fields that stand in the names of
    folders, and of constants in their place it may find `IS NOT NULL` true: it takes what depends on a
    file's name for no constant."""
    if field.name not in outside:
        return col(identifier(field.name))
    typed = lit(outside[field.name]).cast(field.type)
    in_file = file.parse_sql_expr(PLACES["__cst_file"]).is_not_null()
    return f.when(in_file, typed).end().alias(field.name)
