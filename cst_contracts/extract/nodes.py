"""Syntax → rows of `nodes` and `edges`."""

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from cst_contracts.extract.offsets import Point
from cst_contracts.extract.schema import COLUMN_UNIT
from cst_contracts.extract.syntax import Syntax

Attrs = tuple[tuple[str, str], ...]

_WITH_VALUE = (cst.Name, cst.Integer, cst.Float, cst.Imaginary)


class ByteSpan(NamedTuple):
    byte_start: int
    byte_len: int


class NodeSpan(NamedTuple):
    start: Point
    end: Point
    end_exclusive: bool
    col_unit: str
    byte_span: ByteSpan


class Node(NamedTuple):
    cst_id: int
    kind: str
    span: NodeSpan
    span_ws: NodeSpan
    attrs: Attrs


class Edge(NamedTuple):
    """From parent to child. `slot` is the parent's field, `idx` the place in it.

    `through`, among the attributes of a comment, is LibCST's class of the whitespace that holds it.
    """

    src: int
    dst: int
    kind: str
    slot: str
    idx: int | None
    attrs: Attrs


def nodes(syntax: Syntax) -> Iterator[Node]:
    for placed in syntax.placed:
        node = placed.node
        span = syntax.spans[node]
        yield Node(
            placed.cst_id,
            type(node).__name__,
            _span(syntax, span.start, span.start + span.length),
            _span(syntax, *_owned(syntax, node)),
            (("value", node.value),) if isinstance(node, _WITH_VALUE) else (),
        )


def edges(syntax: Syntax) -> Iterator[Edge]:
    for child in syntax.placed:
        if child.parent is not None:
            through = () if child.through is None else (("through", child.through),)
            yield Edge(
                child.parent.cst_id, child.cst_id, "child", child.slot, child.position, through
            )


def _owned(syntax: Syntax, node: cst.CSTNode) -> tuple[int, int]:
    """The node with its whitespace, in LibCST's offsets."""
    owned, code = syntax.ranges[node], syntax.offsets.code
    return (
        code.offset(owned.start.line - 1, owned.start.column),
        code.offset(owned.end.line - 1, owned.end.column),
    )


def _span(syntax: Syntax, start: int, end: int) -> NodeSpan:
    offsets = syntax.offsets
    start, end = offsets.in_text(start), offsets.in_text(end)
    byte_start = offsets.in_file(start)
    return NodeSpan(
        offsets.text.point(start),
        offsets.text.point(end),
        True,  # noqa: FBT003  # a row's field, in the schema's order
        COLUMN_UNIT,
        ByteSpan(byte_start, offsets.in_file(end) - byte_start),
    )
