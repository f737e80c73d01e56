"""Rows as tuples in the schema's order → Arrow arrays."""

from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Any

import pyarrow as pa


def array(type_: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """`values` are nested as the type is: a struct is a tuple, a list a list. No struct is null."""
    if pa.types.is_struct(type_):
        return _struct(type_, values)
    if pa.types.is_list(type_) and pa.types.is_struct(type_.value_type):
        return _list(type_, values)
    return pa.array(values, type_)


def _struct(type_: pa.StructType, values: Sequence[Any]) -> pa.Array:
    columns = zip(*values, strict=True) if values else ((),) * type_.num_fields
    arrays = [
        array(field.type, column) for field, column in zip(type_.fields, columns, strict=True)
    ]
    return pa.StructArray.from_arrays(arrays, fields=type_.fields)


def _list(type_: pa.ListType, values: Sequence[Sequence[Any]]) -> pa.Array:
    offsets = pa.array(accumulate(map(len, values), initial=0), pa.int32())
    elements = array(type_.value_type, list(chain.from_iterable(values)))
    return pa.ListArray.from_arrays(offsets, elements, type=type_)
