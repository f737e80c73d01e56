"""Changes nodes of a schema, at any depth."""

from collections.abc import Callable

import pyarrow as pa

from cst_contracts.datatypes import child_path, is_list

#: Of a node's path and its field, the field in its place.
Change = Callable[[str, pa.Field], pa.Field]


def retyped(schema: pa.Schema, change: Change) -> pa.Schema:
    """`change` is asked for every node, those below first."""
    fields = [_field(child_path("", each.name), each, change) for each in schema]
    return pa.schema(fields, schema.metadata)


def _field(path: str, field: pa.Field, change: Change) -> pa.Field:
    below = _type(path, field.type, change)
    return change(path, field if below is field.type else field.with_type(below))


def _type(path: str, type_: pa.DataType, change: Change) -> pa.DataType:
    if isinstance(type_, pa.BaseExtensionType):
        return type_
    if pa.types.is_struct(type_):
        return pa.struct([_field(child_path(path, each.name), each, change) for each in type_])
    if pa.types.is_map(type_):
        key = _field(f"{path}{{}}.key", type_.key_field, change)
        value = _field(f"{path}{{}}.value", type_.item_field, change)
        return pa.map_(key, value, keys_sorted=type_.keys_sorted)
    if is_list(type_):
        return _list(type_, _field(f"{path}[]", type_.field(0), change))
    return type_


def _list(type_: pa.DataType, element: pa.Field) -> pa.DataType:
    if pa.types.is_large_list(type_):
        return pa.large_list(element)
    if pa.types.is_fixed_size_list(type_):
        return pa.list_(element, type_.list_size)
    if pa.types.is_list_view(type_):
        return pa.list_view(element)
    if pa.types.is_large_list_view(type_):
        return pa.large_list_view(element)
    return pa.list_(element)
