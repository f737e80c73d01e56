"""A table's folder and its promised partition fields to which files lie as promised, and as what types the
engine takes the fields up."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.contract.model import PartitionContract
from cst_contracts.engine.failure import looking_at
from cst_contracts.engine.file_formats import register_declared
from cst_contracts.engine.lake import StoredFile
from cst_contracts.engine.session import live_schema
from cst_contracts.engine.sql import select
from cst_contracts.engine.storage import Storage
from cst_contracts.errors import IntrospectionError, OutsideLayout
from cst_contracts.facts import PartitionFacts

_DECLARED = "__cst_partitioned"


def refuse_mixed(
    table: str, url: str, files: Sequence[StoredFile], promised: Sequence[PartitionContract]
) -> None:
    """The engine opens no folder whose files lie under different keys, and does not say which they are.

    Raises OutsideLayout with the files that do not lie as promised.
    """
    layouts = {_keys(file) for file in files}
    if len(layouts) < 2:
        return
    wanted = tuple(partition.name for partition in promised)
    if wanted not in layouts:
        wanted = max(layouts, key=lambda keys: sum(_keys(file) == keys for file in files))
    outside = tuple(file.relative for file in files if _keys(file) != wanted)
    raise OutsideLayout(outside, wanted, table=table, location=url)


def _keys(file: StoredFile) -> tuple[str, ...]:
    return tuple(key for key, _ in file.partitions)


def partition_types(
    promised: Sequence[PartitionContract], fields: pa.Schema
) -> dict[str, pa.DataType]:
    """A partition field's type may be promised under `fields` alone."""
    types = {field.name: field.type for field in fields}
    return {
        partition.name: partition.type or types[partition.name]
        for partition in promised
        if partition.type is not None or partition.name in types
    }


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
