"""`pa.DataType` to the text that reads back as the same type, as Arrow prints it where it can."""

import json
import re

import pyarrow as pa

_PLAIN_NAME = re.compile(r"""[^\s:<>,"'{}\[\]()=\\]+""")
_LIST_NAMES = {
    pa.lib.Type_LIST: "list",
    pa.lib.Type_LARGE_LIST: "large_list",
    pa.lib.Type_LIST_VIEW: "list_view",
    pa.lib.Type_LARGE_LIST_VIEW: "large_list_view",
    pa.lib.Type_FIXED_SIZE_LIST: "fixed_size_list",
}


def print_type(type_: pa.DataType) -> str:
    """Arrow's own text, and what Arrow leaves out: null-ness of map values, field metadata as JSON
    after the field's type, quotes around names that are not plain.

    An extension type prints as its storage type. The name of a map's entries is left out, as
    pyarrow has no type that could carry it back.
    """
    if isinstance(type_, pa.BaseExtensionType):
        return print_type(type_.storage_type)
    if type_.id in _LIST_NAMES:
        size = f"[{type_.list_size}]" if pa.types.is_fixed_size_list(type_) else ""
        return f"{_LIST_NAMES[type_.id]}<{_print_field(type_.field(0))}>{size}"
    if pa.types.is_struct(type_):
        return f"struct<{', '.join(_print_field(child) for child in type_)}>"
    if pa.types.is_map(type_):
        return _print_map(type_)
    if pa.types.is_dictionary(type_):
        values, ordered = print_type(type_.value_type), int(type_.ordered)
        return f"dictionary<values={values}, indices={type_.index_type}, ordered={ordered}>"
    if pa.types.is_run_end_encoded(type_):
        values = print_type(type_.value_type)
        return f"run_end_encoded<run_ends: {type_.run_end_type}, values: {values}>"
    if pa.types.is_union(type_):
        return _print_union(type_)
    return str(type_)


def print_name(name: str) -> str:
    """A struct child's name as it stands in a type, in quotes where it is not plain."""
    return name if _is_plain(name) else quote_name(name)


def quote_name(name: str) -> str:
    """A JSON string; characters that cannot be seen are escaped."""
    return json.dumps(name, ensure_ascii=not name.isprintable())


def _print_map(type_: pa.MapType) -> str:
    key = _print_entry(type_.key_field.with_nullable(nullable=True), "key")
    value = _print_entry(type_.item_field, "value")
    return f"map<{key}, {value}{', keys_sorted' if type_.keys_sorted else ''}>"


def _print_entry(field: pa.Field, usual_name: str) -> str:
    if field.name == usual_name:
        return _print_tail(field)
    name = f"'{field.name}'" if _is_plain(field.name) else quote_name(field.name)
    return f"{_print_tail(field)} ({name})"


def _print_union(type_: pa.UnionType) -> str:
    children = (
        f"{_print_field(type_.field(index))}={code}" for index, code in enumerate(type_.type_codes)
    )
    return f"{type_.mode}_union<{', '.join(children)}>"


def _print_field(field: pa.Field) -> str:
    return f"{print_name(field.name)}: {_print_tail(field)}"


def _print_tail(field: pa.Field) -> str:
    null = "" if field.nullable else " not null"
    metadata = f" {_print_metadata(field.metadata)}" if field.metadata else ""
    return f"{print_type(field.type)}{null}{metadata}"


def _print_metadata(metadata: dict[bytes, bytes]) -> str:
    """Sorted; bytes that are not UTF-8 are written as the lone surrogates they decode to."""
    pairs = sorted((_decoded(key), _decoded(value)) for key, value in metadata.items())
    return "{" + ", ".join(f"{quote_name(key)}: {quote_name(value)}" for key, value in pairs) + "}"


def _decoded(text: bytes) -> str:
    return text.decode(errors="surrogateescape")


def _is_plain(name: str) -> bool:
    return name.isprintable() and _PLAIN_NAME.fullmatch(name) is not None
