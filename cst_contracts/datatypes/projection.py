"""A schema to what of it is asked for: of lists of structs, the files are read leaf by leaf then.

The engine reads whole columns for a query, all leaves of a list of structs, but only those leaves that the
schema of the table has.
"""

from collections.abc import Collection, Set

import pyarrow as pa

from cst_contracts.datatypes import TypeNode, child_nodes, child_path, walk_nodes, ways_to
from cst_contracts.datatypes.nullable import relaxed


def narrowed(schema: pa.Schema, paths: Collection[str]) -> pa.Schema:
    """The fields at `paths`, with all that is below them and only what is needed above; nothing is
    NOT NULL."""
    ways, ends = ways_to(paths), frozenset(paths)
    return pa.schema(
        relaxed(_field(TypeNode(path, field.name, field), ends, ways))
        for field in schema
        if (path := child_path("", field.name)) in ways
    )


def lightest(node: TypeNode) -> str:
    """The path of a leaf at or below a node that is as quick to read as any, to count what lies around
    it."""
    first, *below = walk_nodes([node.field])
    leaves = [each for each in below if not child_nodes(each.path, each.field.type)]
    fixed = [each for each in leaves if pa.types.is_primitive(each.field.type)]
    return node.path + [*fixed, *leaves, first][0].path.removeprefix(first.path)


def _field(node: TypeNode, ends: Set[str], ways: Set[str]) -> pa.Field:
    if node.path in ends:
        return node.field
    type_, below = node.field.type, child_nodes(node.path, node.field.type)
    if pa.types.is_struct(type_):
        kept = [_field(child, ends, ways) for child in below if child.path in ways]
        return node.field.with_type(pa.struct(kept))
    if pa.types.is_list(type_):
        return node.field.with_type(pa.list_(_field(below[0], ends, ways)))
    if pa.types.is_large_list(type_):
        return node.field.with_type(pa.large_list(_field(below[0], ends, ways)))
    return node.field  # a map, and what else is read as a whole
