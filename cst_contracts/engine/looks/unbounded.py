"""Looks at whether a relation's plan reads a source without an end."""

from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.waiting import plan_of
from cst_contracts.facts import UnboundedFacts
from cst_contracts.sql.plan_text import reads_without_end
from cst_contracts.sql.selects import select_all


def unbounded_facts(registry: Registry, relation: str) -> UnboundedFacts:
    """Planned, not read. Of a table that no contract promises as a stream, nobody can tell whether a pipe
    lies there. Raises IntrospectionError."""
    stream = registry.open(relation).stream
    with looking_at(relation):
        plan = plan_of(registry.context.sql(select_all(relation))).display_indent()
        return UnboundedFacts(reads_without_end(plan), None if stream is None else stream.pipe)
