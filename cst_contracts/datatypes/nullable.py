"""A field to the same field with nothing declared NOT NULL, at any depth."""

import pyarrow as pa


def relaxed(field: pa.Field) -> pa.Field:
    """A map's keys and entries stay as they are: no map can be made otherwise."""
    return field.with_type(_type(field.type)).with_nullable(nullable=True)


def _type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(type_):
        return pa.struct([relaxed(child) for child in type_])
    if pa.types.is_map(type_):
        return pa.map_(type_.key_field, relaxed(type_.item_field))
    if pa.types.is_list(type_):
        return pa.list_(relaxed(type_.value_field))
    if pa.types.is_large_list(type_):
        return pa.large_list(relaxed(type_.value_field))
    return type_
