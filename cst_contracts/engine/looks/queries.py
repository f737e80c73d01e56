"""A relation of the session to what it asks for, where it is a view."""

from collections.abc import Iterable

from datafusion import SessionContext

from cst_contracts.facts import QueryFacts
from cst_contracts.sql.names import table_name
from cst_contracts.sql.plan_text import called_functions, view_lines


def query_facts(context: SessionContext, table: str, functions: Iterable[str]) -> QueryFacts | None:
    """`functions` are the names that a call may have; None where the relation is no view."""
    plan = context.table(table_name(table)).logical_plan().display_indent()
    lines = view_lines(plan)
    return None if lines is None else QueryFacts(lines, called_functions(lines, functions))
