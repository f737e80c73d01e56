"""Looks at whether the session reads what the contract's `source` names."""

from cst_contracts.engine.relations.registry import Registry
from cst_contracts.facts import SourceFacts
from cst_contracts.needs import SourceNeed


def source_facts(registry: Registry, need: SourceNeed) -> SourceFacts | None:
    """None where nobody can tell what the session reads. Raises IntrospectionError."""
    opened = registry.open(need.relation)
    if opened.supplied:
        return opened.source
    files = 0 if opened.storage is None else len(opened.storage.files)
    version = None if opened.delta is None else opened.delta.version()
    return SourceFacts(supplied=False, files=files, version=version, promised=version)
