"""Plans queries of contracts, which may read, and nothing else."""

import re
from collections.abc import Mapping

import pyarrow as pa
from datafusion import DataFrame, SessionContext, SQLOptions

from cst_contracts.engine.session.bounds import refuse_deep
from cst_contracts.engine.session.trouble import IntrospectionError

READ_ONLY = (
    SQLOptions()
    .with_allow_ddl(allow=False)
    .with_allow_dml(allow=False)
    .with_allow_statements(allow=False)
)
#: What DataFusion 55 says of text that is no query, or a statement.
NO_QUERY = re.compile(r"\b(?:DDL|DML|Statement) not supported|\bSQL error: ")
#: How a query begins, after comments and brackets.
_QUERY = re.compile(
    r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*(?:select|with|values|from|table)\b", re.IGNORECASE | re.DOTALL
)


def refuse_statement(sql: str, relation: str) -> None:
    """DataFusion 55 plans some statements before it asks whether they are allowed, and fails for another
    reason. The session's own view would hide that."""
    if not _QUERY.match(sql):
        raise IntrospectionError("its `sql` is no query", relation=relation)


def planned(
    context: SessionContext,
    sql: str,
    relation: str,
    values: Mapping[str, pa.Scalar] | None = None,
) -> DataFrame:
    """A single query; parameters stay open where there are no `values`. `relation` is what the query is
    called in errors. Raises what the engine raises, and IntrospectionError for what is no query."""
    refuse_deep(sql, relation)
    refuse_statement(sql, relation)
    return context.sql_with_options(sql, READ_ONLY, param_values=dict(values or {}))
