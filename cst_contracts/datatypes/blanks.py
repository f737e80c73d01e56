"""A value of any Arrow type: zero, empty, false, or the first moment that the type counts from."""

from typing import Any

import pyarrow as pa

from cst_contracts.datatypes.nodes import is_list


def blank(type_: pa.DataType) -> pa.Scalar:
    """Null for types that have no such value, such as `null` itself."""
    try:
        return pa.array([_blank(type_)], type_)[0]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return pa.scalar(None, type_)


def _blank(type_: pa.DataType) -> Any:
    if pa.types.is_dictionary(type_):
        return _blank(type_.value_type)
    if pa.types.is_boolean(type_):
        return False
    if pa.types.is_fixed_size_binary(type_):
        return bytes(type_.byte_width)
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return b""
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return ""
    if type_ in (pa.string_view(), pa.binary_view()):
        return "" if type_ == pa.string_view() else b""
    if pa.types.is_struct(type_):
        return {child.name: _blank(child.type) for child in type_}
    if pa.types.is_fixed_size_list(type_):
        return [_blank(type_.value_type)] * type_.list_size
    if is_list(type_) or pa.types.is_map(type_):
        return []
    if type_ == pa.month_day_nano_interval():
        return (0, 0, 0)
    return None if pa.types.is_null(type_) else 0
