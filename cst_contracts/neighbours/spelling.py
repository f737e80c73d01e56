"""Types of contracts with one struct left open, whose fields stand below."""

from collections.abc import Callable, Mapping

import pyarrow as pa

from cst_contracts.datatypes import is_list, print_type

#: Stands for the struct that is left open.
OPEN = pa.struct([pa.field("open", pa.null())])

_LISTS: Mapping[str, Callable[[pa.Field], pa.DataType]] = {
    "list": pa.list_,
    "large_list": pa.large_list,
    "list_view": pa.list_view,
    "large_list_view": pa.large_list_view,
}


def written(type_: pa.DataType) -> str:
    """The text of a type, with a bare `struct` for the one that is left open."""
    before, found, after = print_type(type_).rpartition(print_type(OPEN))
    return f"{before}struct{after}" if found else print_type(type_)


def kind(type_: pa.DataType) -> str:
    """The first word of a nested type, with the size of lists that have one."""
    word = print_type(type_).partition("<")[0]
    return f"{word}[{type_.list_size}]" if pa.types.is_fixed_size_list(type_) else word


def list_of(word: str, element: pa.Field) -> pa.DataType | None:
    """The list of a kind; None where the word names none."""
    if word in _LISTS:
        return _LISTS[word](element)
    name, _, size = word.partition("[")
    if name == "fixed_size_list" and size.removesuffix("]").isdigit():
        return pa.list_(element, int(size.removesuffix("]")))
    return None


def is_through(type_: pa.DataType) -> bool:
    """Whether a bare `struct` may stand inside of the type's text."""
    return bool(pa.types.is_map(type_)) or is_list(type_)


def with_open(type_: pa.DataType) -> pa.DataType:
    """The type with the struct open that lists and the values of maps lead to."""
    if pa.types.is_struct(type_):
        return OPEN
    if pa.types.is_map(type_):
        value = type_.item_field.with_type(with_open(type_.item_type))
        return pa.map_(type_.key_field, value, keys_sorted=type_.keys_sorted)
    element = type_.field(0)
    found = list_of(kind(type_), element.with_type(with_open(element.type)))
    if found is None:
        raise TypeError(print_type(type_))
    return found
