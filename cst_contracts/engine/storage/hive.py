"""Reads `key=value` folders: partition fields, their values, and files that lie under other keys."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from cst_contracts.contract.model import PartitionContract
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.listing import StoredFile
from cst_contracts.facts import PartitionFacts, Trouble
from cst_contracts.sql.names import HIVE_NULL

#: As what DataFusion 55 reads a partition field of which nothing is declared.
FOLDER_TYPE = pa.dictionary(pa.uint16(), pa.string())


def hive_facts(
    files: Sequence[StoredFile], schema: pa.Schema, wanted: Mapping[str, pa.DataType]
) -> tuple[PartitionFacts, ...]:
    """The `key=value` folders that the engine took for fields, in folder order; `wanted` are the promised
    types."""
    values: dict[str, dict[str, None]] = {}
    for file in files:
        for name, value in file.partitions:
            if name in schema.names:
                values.setdefault(name, {})[value] = None
    return tuple(
        PartitionFacts(
            name=name,
            type=schema.field(name).type,
            values=len(found),
            unparsed=tuple(value for value in found if not _parses(value, wanted.get(name))),
            wanted=wanted.get(name),
        )
        for name, found in values.items()
    )


def _parses(value: str, type_: pa.DataType | None) -> bool:
    if value == HIVE_NULL:
        return False
    if type_ is None or pa.types.is_string(type_):
        return True
    try:
        pa.scalar(value, pa.string()).cast(type_)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    # Arrow's own casts read hexadecimal integers, the engine's do not.
    return not (pa.types.is_integer(type_) and "x" in value.lower())


def refuse_mixed(
    table: str, url: str, files: Sequence[StoredFile], promised: Sequence[PartitionContract]
) -> None:
    """The engine opens no folder whose files lie under different keys, and does not say which they are.

    Raises IntrospectionError, of trouble LAYOUT, with the files that do not lie as promised.
    """
    layouts = {_keys(file) for file in files}
    if len(layouts) < 2:
        return
    wanted = tuple(partition.name for partition in promised)
    if wanted not in layouts:
        wanted = max(layouts, key=lambda keys: sum(_keys(file) == keys for file in files))
    outside = tuple(file.relative for file in files if _keys(file) != wanted)
    raise _outside(outside, wanted, table, url)


def _outside(files: Sequence[str], keys: Sequence[str], table: str, url: str) -> IntrospectionError:
    shown = ", ".join(files[:3])
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    lie = "lies" if len(files) == 1 else "lie"
    layout = "".join(f"{key}=…/" for key in keys) or "the table's own folder"
    reason = f"{shown}{more} {lie} outside of {layout}"
    return IntrospectionError(
        reason, relation=table, location=url, trouble=Trouble.LAYOUT, names=files
    )


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
