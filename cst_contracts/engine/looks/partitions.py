"""Looks at the type as which the engine takes a partition field up that is declared to be of one."""

from cst_contracts.engine.formats.formats import stored_format
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import DeclaredPartition
from cst_contracts.needs import PartitionTypeNeed
from cst_contracts.sql.selects import select

_DECLARED = "__cst_partitioned"


def declared_partition(registry: Registry, need: PartitionTypeNeed) -> DeclaredPartition:
    """DataFusion 55 parses all partition values of a file that it reads, therefore one field at a time is
    declared. Raises IntrospectionError where the relation cannot be opened or has no such partition."""
    storage = registry.open(need.relation).storage
    if storage is None or need.name not in storage.hive_partitions:
        reason = f"it has no folders of {need.name}"
        raise IntrospectionError(reason, relation=need.relation)
    types = {each.name: each.type for each in storage.partitions}
    scratch, declared = registry.scratch, None
    try:
        with looking_at(need.relation, storage.location):
            declared_types = {**types, need.name: need.type}
            format_ = stored_format(storage.format, storage.dialect)
            format_.declare_partitions(scratch, _DECLARED, storage, declared_types)
            declared = live_schema(scratch, _DECLARED).field(need.name).type
            for _ in scratch.sql(select([need.name], _DECLARED)).execute_stream():
                pass
    except IntrospectionError as error:
        return DeclaredPartition(declared, error.reason)
    finally:
        scratch.deregister_table(_DECLARED)
    return DeclaredPartition(declared)
