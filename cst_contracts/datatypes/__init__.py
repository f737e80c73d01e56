"""Arrow types: text to `pa.DataType` and back, equality, differences, and paths to nodes."""

from cst_contracts.datatypes.differences import (
    DifferenceKind,
    TypeDifference,
    moved_names,
    same_type,
    type_differences,
)
from cst_contracts.datatypes.nodes import (
    TypeNode,
    child_nodes,
    child_path,
    find_node,
    is_list,
    leads_to,
    top_level,
    walk_nodes,
    ways_to,
)
from cst_contracts.datatypes.parser import has_open_struct, parse_type
from cst_contracts.datatypes.printer import print_name, print_type

__all__ = [
    "DifferenceKind",
    "TypeDifference",
    "TypeNode",
    "child_nodes",
    "child_path",
    "find_node",
    "has_open_struct",
    "is_list",
    "leads_to",
    "moved_names",
    "parse_type",
    "print_name",
    "print_type",
    "same_type",
    "top_level",
    "type_differences",
    "walk_nodes",
    "ways_to",
]
