"""Looks at what the engine itself says of each node of a relation's schema."""

from cst_contracts.contract.diagnostics import diagnostics_of
from cst_contracts.engine.relations.diagnostics import read_diagnostics
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.facts import FieldDiagnostic


def relation_diagnostics(registry: Registry, relation: str) -> tuple[FieldDiagnostic, ...]:
    """Read from the view of the relation's schema, which is registered for it. Raises IntrospectionError."""
    registry.open(diagnostics_of(relation))
    return read_diagnostics(registry.context, relation)
