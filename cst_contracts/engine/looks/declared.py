"""Looks at what the project's own registration declares of rows, and the engine believes without a look."""

from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.waiting import plan_of
from cst_contracts.facts import DeclaredFacts
from cst_contracts.needs import DeclaredNeed
from cst_contracts.sql.plan_text import output_orderings, unique_fields
from cst_contracts.sql.selects import select_all


def declared_facts(registry: Registry, need: DeclaredNeed) -> DeclaredFacts:
    """Of a relation that is stored, in the project's own session. Raises IntrospectionError."""
    if not registry.open(need.relation).supplied or need.relation in registry.relations.views:
        return DeclaredFacts()
    with looking_at(need.relation):
        schema = live_schema(registry.context, need.relation)
        query = registry.context.sql(select_all(need.relation))
        plan = plan_of(query).display_indent()
        not_null = tuple(field.name for field in schema if not field.nullable)
        if not plan.startswith(_SCAN):
            return DeclaredFacts(
                not_null
            )  # what a query tells of its sources is not said of its rows
        return DeclaredFacts(not_null, unique_fields(plan, schema.names), output_orderings(plan))


_SCAN = "DataSourceExec: "
