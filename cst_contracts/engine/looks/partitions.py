"""A table's folder and its promised partition fields to which files lie as promised, and as what types the
engine takes the fields up."""

from collections.abc import Mapping

import pyarrow as pa
from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.engine.formats.opening import register_declared
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import PartitionFacts
from cst_contracts.sql.selects import select

_DECLARED = "__cst_partitioned"


def taken_up(
    beside: SessionContext, table: str, storage: Storage, types: Mapping[str, pa.DataType]
) -> tuple[PartitionFacts, ...]:
    """The partitions, those of folders with what a registration that declares their promised type shows."""
    return tuple(
        _asked(beside, table, storage, each, types[each.name])
        if each.name in storage.hive_partitions and each.name in types
        else each
        for each in storage.partitions
    )


def _asked(
    beside: SessionContext, table: str, storage: Storage, asked: PartitionFacts, type_: pa.DataType
) -> PartitionFacts:
    """The engine parses all partition values of a file it reads, so that one field at a time is declared."""
    others = {each.name: each.type for each in storage.partitions}
    shown = asked
    try:
        with looking_at(table, storage.location):
            register_declared(beside, _DECLARED, storage, {**others, asked.name: type_})
            declared = live_schema(beside, _DECLARED).field(asked.name).type
            shown = replace(asked, declared=declared)
            for _ in beside.sql(select([asked.name], _DECLARED)).execute_stream():
                pass
    except IntrospectionError as error:
        return replace(shown, refusal=error.cause)
    finally:
        beside.deregister_table(_DECLARED)
    return shown
