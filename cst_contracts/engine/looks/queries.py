"""Looks at what a view asks for: its logical plan and the functions that it calls."""

from collections.abc import Iterable

from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.facts import QueryFacts
from cst_contracts.sql.names import table_name
from cst_contracts.sql.plan_text import called_functions, view_lines


def query_facts(registry: Registry, relation: str, functions: Iterable[str]) -> QueryFacts | None:
    """`functions` are the names that a call may have; None where the relation is no view. Raises
    IntrospectionError."""
    opened = registry.open(relation)
    if opened.storage is not None or opened.stream is not None:
        return None
    with looking_at(relation):
        plan = registry.context.table(table_name(relation)).logical_plan().display_indent()
        lines = view_lines(plan)
        return None if lines is None else QueryFacts(lines, called_functions(lines, functions))
