"""A field's type to its nodes: every nested field, with the path that names it."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes.printer import quote_name
from cst_contracts.datatypes.scanner import JSON_STRING

_AMBIGUOUS = re.compile(r'[.\[\]{}"]')
_STEP_END = re.compile(r"[.\[{]")


class TypeNode(Struct, frozen=True):
    """`name` is the field's own: a list's child is called `item`, its path ends in `[]`."""

    path: str
    name: str
    field: pa.Field


def walk_nodes(fields: Iterable[pa.Field]) -> Iterator[TypeNode]:
    """Every field of a schema and every node below, parents first, in schema order.

    A dictionary is one node: its type says all of what is below it.
    """
    for field in fields:
        yield from _walk(_node(child_path("", field.name), field))


def find_node(schema: pa.Schema, path: str) -> TypeNode | None:
    """The node at a path of a schema, of its first field of that name; None where there is none."""
    name = top_level(path)
    step = child_path("", name)
    indices = schema.get_all_field_indices(name) if leads_to(step, path) else []
    return _below(_node(step, schema.field(indices[0])), path) if indices else None


def child_nodes(path: str, type_: pa.DataType) -> tuple[TypeNode, ...]:
    """The nodes one step below a field at `path`.

    `path.name` for a struct's children, `path[]` for a list's element, `path{}.key` and
    `path{}.value` for a map's sides whatever these are called. A dictionary has those of its values,
    a run-end-encoded type and a union have none.
    """
    if isinstance(type_, pa.BaseExtensionType):
        return child_nodes(path, type_.storage_type)
    if pa.types.is_dictionary(type_):
        return child_nodes(path, type_.value_type)
    if pa.types.is_struct(type_):
        return tuple(_node(child_path(path, child.name), child) for child in type_)
    if pa.types.is_map(type_):
        key, value = f"{path}{{}}.key", f"{path}{{}}.value"
        return (_node(key, type_.key_field), _node(value, type_.item_field))
    if is_list(type_):
        return (_node(f"{path}[]", type_.field(0)),)
    return ()


@lru_cache(maxsize=4096)  # a run asks for the same few names over and over
def child_path(parent: str, name: str) -> str:
    """The path of a struct's child, or of a schema's field where the parent is empty.

    A name stands raw, but for one that is empty, cannot be seen or holds one of `. [ ] { } "`: that
    one is a JSON string.
    """
    raw = name and name.isprintable() and not _AMBIGUOUS.search(name)
    step = name if raw else quote_name(name)
    return f"{parent}.{step}" if parent else step


def top_level(path: str) -> str:
    """The name of the schema's field that a node's path starts at."""
    quoted = JSON_STRING.match(path)
    return str(json.loads(quoted[0])) if quoted else _STEP_END.split(path, maxsplit=1)[0]


def is_list(type_: pa.DataType) -> bool:
    """Of any of the five kinds; a map is none."""
    return bool(
        pa.types.is_list(type_)
        or pa.types.is_large_list(type_)
        or pa.types.is_list_view(type_)
        or pa.types.is_large_list_view(type_)
        or pa.types.is_fixed_size_list(type_)
    )


def _walk(node: TypeNode) -> Iterator[TypeNode]:
    yield node
    if pa.types.is_dictionary(node.field.type):
        return
    for child in child_nodes(node.path, node.field.type):
        yield from _walk(child)


def _below(node: TypeNode, path: str) -> TypeNode | None:
    if node.path == path:
        return node
    for child in _toward(node, path):
        if leads_to(child.path, path):
            return _below(child, path)
    return None


def _toward(node: TypeNode, path: str) -> Sequence[TypeNode]:
    """The nodes one step below that may lead to a path. A struct is asked for the one of that name: it may
    have thousands."""
    type_, step = node.field.type, path[len(node.path) :]
    if not pa.types.is_struct(type_) or not step.startswith("."):
        return child_nodes(node.path, type_)
    name = top_level(step[1:])
    indices = type_.get_all_field_indices(name)
    return [_node(child_path(node.path, name), type_.field(min(indices)))] if indices else []


def _node(path: str, field: pa.Field) -> TypeNode:
    return TypeNode(path, field.name, field)


def ways_to(paths: Collection[str]) -> frozenset[str]:
    """All that leads to one of these paths: the paths, the nodes above them, and maybe texts that are no
    node's path."""
    above = (path[: end.start()] for path in paths for end in _STEP_END.finditer(path))
    return frozenset((*paths, *above))


def leads_to(ancestor: str, path: str) -> bool:
    """Whether a node's path is that of another, or of what is below it."""
    return path == ancestor or (path.startswith(ancestor) and path[len(ancestor)] in ".[{")
