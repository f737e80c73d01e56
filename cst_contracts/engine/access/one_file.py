"""Registers one data file of a table alone, for a machine that shares a scan with others."""

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.engine.session.schema import make_schema
from cst_contracts.sql.names import table_name


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
