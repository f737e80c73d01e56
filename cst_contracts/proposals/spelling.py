"""Arrow types as people write them in contracts, with the struct left open whose fields stand below."""

from collections.abc import Callable

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import TypeNode, child_nodes, is_list, print_name, print_type

_WITHOUT_VIEWS = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}
#: Arrow says their one unit, too.
_DATES = {pa.date32(): "date32", pa.date64(): "date64"}


class OpenType(Struct, frozen=True):
    """A type whose one `struct` is left open, and the fields of that struct."""

    text: str
    children: tuple[TypeNode, ...]


def spelled(type_: pa.DataType) -> str:
    """Short where the language counts two spellings as one: no views, no dictionaries of plain values, no
    names of a list's child or a map's sides."""
    if isinstance(type_, pa.BaseExtensionType):
        return spelled(type_.storage_type)
    if pa.types.is_dictionary(type_) and not type_.value_type.num_fields:
        return spelled(type_.value_type)
    if pa.types.is_struct(type_):
        children = (f"{print_name(child.name)}: {_tail(child)}" for child in type_)
        return f"struct<{', '.join(children)}>"
    if pa.types.is_map(type_):
        return _map(type_, _tail(type_.item_field))
    if is_list(type_):
        return _list(type_, _tail(type_.field(0)))
    return _DATES.get(type_) or print_type(_WITHOUT_VIEWS.get(type_, type_))


def opened(path: str, type_: pa.DataType) -> OpenType | None:
    """None where no struct is reached through lists and the values of maps, or it has no fields."""
    if isinstance(type_, pa.BaseExtensionType):
        return opened(path, type_.storage_type)
    if pa.types.is_struct(type_):
        return OpenType("struct", child_nodes(path, type_)) if type_.num_fields else None
    if not pa.types.is_map(type_) and not is_list(type_):
        return None
    inner = child_nodes(path, type_)[-1]
    below = opened(inner.path, inner.field.type)
    if below is None:
        return None
    tail = below.text if inner.field.nullable else f"{below.text} not null"
    return OpenType((_map if pa.types.is_map(type_) else _list)(type_, tail), below.children)


def loosened(path: str, type_: pa.DataType, may_be_null: Callable[[str], bool]) -> pa.DataType:
    """The type with null allowed at nodes below a field at `path` that may be null."""

    def child(node: TypeNode) -> pa.Field:
        nullable = node.field.nullable or may_be_null(node.path)
        inner = loosened(node.path, node.field.type, may_be_null)
        return node.field.with_type(inner).with_nullable(nullable)

    below = child_nodes(path, type_)
    if pa.types.is_struct(type_):
        return pa.struct([child(node) for node in below])
    if pa.types.is_map(type_):
        return pa.map_(below[0].field, child(below[1]))
    if pa.types.is_list(type_):
        return pa.list_(child(below[0]))
    if pa.types.is_large_list(type_):
        return pa.large_list(child(below[0]))
    return type_


def _map(type_: pa.MapType, value: str) -> str:
    return f"map<{spelled(type_.key_type)}, {value}>"


def _list(type_: pa.DataType, child: str) -> str:
    kind = print_type(type_).partition("<")[0]
    size = f"[{type_.list_size}]" if pa.types.is_fixed_size_list(type_) else ""
    return (
        f"{kind}<{child}>{size}"
        if not child.endswith(" not null")
        else f"{kind}<item: {child}>{size}"
    )


def _tail(field: pa.Field) -> str:
    """What holds nothing but nulls is not promised to hold none."""
    open_ = field.nullable or pa.types.is_null(field.type)
    return spelled(field.type) if open_ else f"{spelled(field.type)} not null"
