"""Calls the fields of a Delta table's data files as its log does: under column mapping these differ."""

from collections.abc import Iterable

import pyarrow as pa

_PHYSICAL = b"delta.columnMapping.physicalName"


def with_logical_names(stored: pa.Schema, log: pa.Schema) -> pa.Schema:
    """The schema of a data file, its fields at any depth called as in the log's; one that the log does not
    know keeps its name."""
    return pa.schema(_renamed(stored, log))


def _renamed(stored: Iterable[pa.Field], log: Iterable[pa.Field]) -> list[pa.Field]:
    known = {_physical_name(field): field for field in log}
    return [
        _logical(field, known[field.name]) if field.name in known else field for field in stored
    ]


def _physical_name(field: pa.Field) -> str:
    name: bytes = (field.metadata or {}).get(_PHYSICAL, field.name.encode())
    return name.decode()


def _logical(stored: pa.Field, log: pa.Field) -> pa.Field:
    return stored.with_name(log.name).with_type(_type(stored.type, log.type))


def _type(stored: pa.DataType, log: pa.DataType) -> pa.DataType:
    types = pa.types
    if types.is_struct(stored) and types.is_struct(log):
        return pa.struct(_renamed(stored, log))
    if types.is_map(stored) and types.is_map(log):
        sides = (stored.key_field, log.key_type), (stored.item_field, log.item_type)
        return pa.map_(*(side.with_type(_type(side.type, named)) for side, named in sides))
    if types.is_list(stored) and types.is_list(log):
        return pa.list_(stored.value_field.with_type(_type(stored.value_type, log.value_type)))
    return stored
