"""Arrow types and fields as the Python that makes them."""

import pyarrow as pa

from cst_contracts.datatypes import print_type

_CALLS: dict[pa.DataType, str] = {
    type_: f"pa.{name}()"
    for name, type_ in (
        (name, getattr(pa, name)())
        for name in (
            "null", "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
            "float16", "float32", "float64", "string", "large_string", "string_view", "binary",
            "large_binary", "binary_view", "date32", "date64", "month_day_nano_interval",
        )
    )
}  # fmt: skip
_LISTS = {
    pa.lib.Type_LIST: "list_",
    pa.lib.Type_LARGE_LIST: "large_list",
    pa.lib.Type_LIST_VIEW: "list_view",
    pa.lib.Type_LARGE_LIST_VIEW: "large_list_view",
}


class NoPython(Exception):
    """No call of pyarrow makes the type; the message is its name."""


def type_text(type_: pa.DataType) -> str:
    """Raises NoPython, for the two old kinds of intervals, which pyarrow reads and cannot make."""
    if type_ in _CALLS:
        return _CALLS[type_]
    if type_.id in _LISTS:
        return f"pa.{_LISTS[type_.id]}({field_text(type_.field(0))})"
    if type_.num_fields or pa.types.is_union(type_):
        return _nested(type_)
    return _with_parameters(type_)


def field_text(field: pa.Field) -> str:
    """Raises NoPython, too, for a field of nothing but nulls that is declared not null."""
    if pa.types.is_null(field.type) and not field.nullable:
        raise NoPython("null not null")
    flag = "" if field.nullable else ", nullable=False"
    metadata = "" if not field.metadata else f", metadata={_decoded(field.metadata)!r}"
    return f"pa.field({field.name!r}, {type_text(field.type)}{flag}{metadata})"


def _decoded(metadata: dict[bytes, bytes]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in metadata.items()}


def _nested(type_: pa.DataType) -> str:
    if pa.types.is_fixed_size_list(type_):
        return f"pa.list_({field_text(type_.field(0))}, {type_.list_size})"
    if pa.types.is_map(type_):
        key, value = field_text(type_.key_field), field_text(type_.item_field)
        return f"pa.map_({key}, {value}{', keys_sorted=True' if type_.keys_sorted else ''})"
    if pa.types.is_union(type_):
        children = ", ".join(field_text(type_.field(index)) for index in range(type_.num_fields))
        return f"pa.union([{children}], {type_.mode!r}, {list(type_.type_codes)})"
    if pa.types.is_run_end_encoded(type_):
        return f"pa.run_end_encoded({type_text(type_.run_end_type)}, {type_text(type_.value_type)})"
    return f"pa.struct([{', '.join(map(field_text, type_))}])"


def _with_parameters(type_: pa.DataType) -> str:
    if pa.types.is_struct(type_):
        return "pa.struct([])"
    if pa.types.is_timestamp(type_):
        zone = "" if type_.tz is None else f", tz={type_.tz!r}"
        return f"pa.timestamp({type_.unit!r}{zone})"
    if pa.types.is_time(type_) or pa.types.is_duration(type_):
        return f"pa.{print_type(type_).partition('[')[0]}({type_.unit!r})"
    if pa.types.is_decimal(type_):
        name = print_type(type_).partition("(")[0]
        return f"pa.{name}({type_.precision}, {type_.scale})"
    if pa.types.is_fixed_size_binary(type_):
        return f"pa.binary({type_.byte_width})"
    if pa.types.is_dictionary(type_):
        ordered = ", ordered=True" if type_.ordered else ""
        return (
            f"pa.dictionary({type_text(type_.index_type)}, {type_text(type_.value_type)}{ordered})"
        )
    raise NoPython(print_type(type_))
