"""Module → its nodes in the order of the source, each with its parent, its slot there and its def.

Whitespace is no node of its own here; the comments inside it hang from the node that owns it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import NamedTuple, Optional

import libcst as cst
from libcst.metadata import CodeSpan

DEFS = (cst.FunctionDef, cst.ClassDef)

_BLANK = (cst.SimpleWhitespace, cst.Newline)
_WHITESPACE = (cst.BaseParenthesizableWhitespace, cst.TrailingWhitespace, cst.EmptyLine)


class Placed(NamedTuple):
    """`owner` is the innermost def around the node, a def not being around itself. `through` is the kind
    of whitespace between the parent and a comment."""

    cst_id: int
    node: cst.CSTNode
    parent: Optional["Placed"]
    slot: str
    position: int | None
    owner: Optional["Placed"]
    through: str | None


class _Child(NamedTuple):
    node: cst.CSTNode
    slot: str
    position: int | None
    through: str | None = None


Spans = Mapping[cst.CSTNode, CodeSpan]


@cache
def _slots(node_type: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(slot.name for slot in fields(node_type))


def _direct(node: cst.CSTNode) -> Iterator[_Child]:
    for slot in _slots(type(node)):
        value = getattr(node, slot)
        if isinstance(value, cst.CSTNode):
            yield _Child(value, slot, None)
        elif isinstance(value, (list, tuple)):
            for index, element in enumerate(value):
                if isinstance(element, cst.CSTNode):
                    yield _Child(element, slot, index)


def _visible(node: cst.CSTNode) -> Iterator[_Child]:
    for child in _direct(node):
        if isinstance(child.node, _BLANK):
            continue
        if isinstance(child.node, _WHITESPACE):
            for comment in _visible(child.node):
                holder = comment.through or type(child.node).__name__
                yield _Child(comment.node, child.slot, None, holder)
        else:
            yield child


def place(module: cst.Module, spans: Spans) -> list[Placed]:
    """All nodes in preorder, siblings by where they start."""
    placed: list[Placed] = []
    # A list of what is still to be placed, no recursion: trees may be deeper than the stack.
    waiting: list[tuple[_Child, Placed | None, Placed | None]] = [
        (_Child(module, "", None), None, None)
    ]
    while waiting:
        child, parent, owner = waiting.pop()
        this = Placed(
            len(placed), child.node, parent, child.slot, child.position, owner, child.through
        )
        placed.append(this)
        below = this if isinstance(child.node, DEFS) else owner
        children = list(_visible(child.node))
        if len(children) > 1:
            children.sort(key=lambda sibling: spans[sibling.node].start)
        waiting.extend((sibling, this, below) for sibling in reversed(children))
    return placed


def dotted(node: cst.CSTNode) -> str | None:
    """`a.b.c`, or None where anything but names and attributes takes part."""
    names: list[str] = []
    while isinstance(node, cst.Attribute):
        names.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    return ".".join([node.value, *reversed(names)])


def leftmost(node: cst.CSTNode) -> cst.CSTNode:
    """The name that `a.b(c).d` starts with."""
    while isinstance(node, (cst.Attribute, cst.Call)):
        node = node.value if isinstance(node, cst.Attribute) else node.func
    return node


def called(node: cst.CSTNode) -> str | None:
    """The name of an expression as LibCST's `get_full_name_for_node` has it: `a.b` of `a[0].b()`.

    None where it does not start with a name: LibCST calls `"".join` `None.join`.
    """
    names: list[str] = []
    while isinstance(node, (cst.Attribute, cst.Call, cst.Subscript)):
        if isinstance(node, cst.Attribute):
            names.append(node.attr.value)
        node = node.func if isinstance(node, cst.Call) else node.value
    if not isinstance(node, cst.Name):
        return None
    return ".".join([node.value, *reversed(names)])
