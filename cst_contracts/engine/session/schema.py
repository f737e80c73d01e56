"""Asks a session for the schema of a relation, and makes the schemas that qualified names need."""

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.sql.names import name_parts, table_name


def live_schema(context: SessionContext, table: str) -> pa.Schema:
    """The session's own word on a table: nested nullability and metadata included."""
    return pa.schema(context.table(table_name(table)).schema())


def has_table(context: SessionContext, table: str) -> bool:
    try:
        context.table(table_name(table))
    except KeyError:
        return False
    except RuntimeError as error:
        if "failed to resolve" in str(error):  # a catalog or schema that does not exist
            return False
        raise
    return True


def make_schema(context: SessionContext, table: str) -> None:
    """The catalog and schema that a qualified table name needs."""
    match name_parts(table):
        case (schema, _):
            context.sql(f"CREATE SCHEMA IF NOT EXISTS {table_name(schema)}")
        case (catalog, schema, _):
            context.sql(f"CREATE DATABASE IF NOT EXISTS {table_name(catalog)}")
            context.sql(f"CREATE SCHEMA IF NOT EXISTS {table_name(f'{catalog}.{schema}')}")
        case _:
            pass
