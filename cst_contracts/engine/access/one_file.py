"""Reads one data file of a table alone, or a share of it, for a machine that shares a scan with others."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import pyarrow as pa
from datafusion import DataFrame, SessionContext
from msgspec import Struct

from cst_contracts.engine.access.files import READING
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.schema import make_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.sql.names import table_name

_Stream = TypeVar("_Stream")


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


def rows_of_file(context: SessionContext, table: str, schema: pa.Schema, url: str) -> DataFrame:
    """The rows of one file, as a scan of all files of the table shows what stands in them.

    They have the table's name in the session, until the next file takes it. `schema` is what that scan reads
    files as. The file has to be there: of one that is not, DataFusion 55 reads no rows, and says nothing. It
    panics over a single file that is registered with fields that stand in the names of folders, and of
    constants in their place it finds `IS NOT NULL` true; therefore these fields are left out. Raises what the
    engine raises.
    """
    name = table_name(table)
    make_schema(context, table)
    context.deregister_table(name)
    context.register_parquet(name, url, file_extension="", skip_metadata=False, schema=schema)
    return context.table(name)
