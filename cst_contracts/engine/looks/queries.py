"""Looks at what a view asks for: its logical plan and the functions that it calls."""

from collections.abc import Iterable

from datafusion import SessionContext

from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.facts import QueryFacts
from cst_contracts.sql.names import table_name
from cst_contracts.sql.plan_text import called_functions, view_lines
from cst_contracts.sql.selects import view_sql


def query_facts(registry: Registry, relation: str, functions: Iterable[str]) -> QueryFacts | None:
    """`functions` are the names that a call may have; None where the relation is no view. Raises
    IntrospectionError."""
    opened = registry.open(relation)
    if opened.storage is not None or opened.stream is not None:
        return None
    with looking_at(relation):
        plan = registry.context.table(table_name(relation)).logical_plan().display_indent()
        lines = view_lines(plan)
        if lines is None:
            return None
        calls = called_functions(lines, functions)
        return QueryFacts((*_defined(registry.context, relation), *lines), calls)


def _defined(context: SessionContext, relation: str) -> tuple[str, ...]:
    """The statement that made a view. DataFusion 55 prints no more than five rows of VALUES in a plan, and no
    argument of a table function; a view that was made of a DataFrame has its plan only."""
    try:
        found = context.sql(view_sql(relation)).to_arrow_table().column(0).to_pylist()
    except ValueError:
        return ()  # the session hides its information_schema, and the check of settings tells
    return tuple(line for text in found if text for line in text.splitlines())
