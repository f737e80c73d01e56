"""What text was inferred to be, and what is promised, to the types that its values may be read as."""

from collections.abc import Callable, Set
from typing import TypeAlias

import pyarrow as pa

from cst_contracts.datatypes import child_path, is_list, leads_to, walk_nodes
from cst_contracts.datatypes.nullable import relaxed

#: Whether values of an inferred leaf type may stand for a promised one.
Rule: TypeAlias = Callable[[pa.DataType, pa.DataType], bool]


def any_text(inferred: pa.DataType, promised: pa.DataType) -> bool:
    """CSV knows nothing but text: whatever the engine can read the values as."""
    return not pa.types.is_nested(promised) and inferred != promised


def json_value(inferred: pa.DataType, promised: pa.DataType) -> bool:
    """JSON tells numbers, text and truth values apart, and the engine would read some as others: a
    fraction as an integer, a number as a time."""
    types = pa.types
    if inferred == promised:
        return False
    if types.is_null(inferred):
        return True
    if types.is_integer(inferred):
        return bool(
            types.is_integer(promised) or types.is_floating(promised) or types.is_decimal(promised)
        )
    if types.is_floating(inferred):
        return bool(types.is_floating(promised) or types.is_decimal(promised))
    if types.is_string(inferred):
        return bool(_is_text(promised) or types.is_temporal(promised))
    return False


def _is_text(type_: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_)
    )


def candidates(inferred: pa.Schema, promised: pa.Schema, rule: Rule) -> tuple[str, ...]:
    """The paths at which a promised type may be tried."""
    found: list[str] = []

    def note(path: str) -> bool:
        found.append(path)
        return True

    _fields(inferred, promised, "", rule, note)
    return tuple(found)


def retyped(inferred: pa.Schema, promised: pa.Schema, rule: Rule, accepted: Set[str]) -> pa.Schema:
    """The inferred schema with the promised types at the accepted paths; nothing in it is NOT NULL."""
    return pa.schema(_fields(inferred, promised, "", rule, accepted.__contains__))


def times_in(promised: pa.Schema) -> frozenset[str]:
    """The paths of times, and of maps that hold some."""
    nodes = list(walk_nodes(promised))
    times = [node.path for node in nodes if pa.types.is_temporal(node.field.type)]
    above = (
        node.path
        for node in nodes
        if pa.types.is_map(node.field.type) and any(leads_to(node.path, each) for each in times)
    )
    return frozenset((*times, *above))


def in_promised_order(inferred: pa.Schema, promised: pa.Schema) -> pa.Schema:
    """The keys of JSON objects have no order; at any depth, those that nobody promised come last."""
    return pa.schema(_ordered(inferred, promised))


def _fields(
    inferred: pa.Schema | pa.StructType,
    promised: pa.Schema | pa.StructType,
    above: str,
    rule: Rule,
    accept: Callable[[str], bool],
) -> list[pa.Field]:
    wanted = {field.name: field for field in promised}
    return [
        field.with_type(
            _type(field.type, wanted[field.name].type, child_path(above, field.name), rule, accept)
        )
        if field.name in wanted
        else field
        for field in inferred
    ]


def _type(
    inferred: pa.DataType,
    promised: pa.DataType,
    path: str,
    rule: Rule,
    accept: Callable[[str], bool],
) -> pa.DataType:
    if pa.types.is_struct(inferred) and pa.types.is_struct(promised):
        return pa.struct(_fields(inferred, promised, path, rule, accept))
    if is_list(inferred) and is_list(promised):
        element = promised.value_field
        below = _type(inferred.value_type, element.type, f"{path}[]", rule, accept)
        return pa.list_(inferred.value_field.with_type(below))
    any_keys = pa.types.is_struct(inferred) and pa.types.is_map(promised)
    if (any_keys or rule(inferred, promised)) and accept(path):
        return relaxed(pa.field("", promised)).type
    return inferred


def _ordered(
    inferred: pa.Schema | pa.StructType, promised: pa.Schema | pa.StructType
) -> list[pa.Field]:
    there = {field.name: field for field in inferred}
    first = [
        there[field.name].with_type(_ordered_type(there[field.name].type, field.type))
        for field in promised
        if field.name in there
    ]
    known = {field.name for field in first}
    return [*first, *(field for field in inferred if field.name not in known)]


def _ordered_type(inferred: pa.DataType, promised: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(inferred) and pa.types.is_struct(promised):
        return pa.struct(_ordered(inferred, promised))
    if is_list(inferred) and is_list(promised):
        below = _ordered_type(inferred.value_type, promised.value_type)
        return pa.list_(inferred.value_field.with_type(below))
    return inferred
