from typing import Any

import libcst as cst
import pytest
from libcst.metadata import (
    ByteSpanPositionProvider,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    WhitespaceInclusivePositionProvider,
)

from cst_contracts.extract.file import extract_bytes
from cst_contracts.extract.tree import place

Row = dict[str, Any]

SOURCE = """\
# head
class A(B, metaclass=C):
    # inside
    x: int = (1 +  2)  # trailing

    @d
    async def f(self, *args, k=3, **kw) -> "é":
        return [i async for i in args if i], {**kw}, f"{k!r:>{3}}"
if x: pass
elif y: pass
else:
    match z:
        case [1, *_] | {"a": b}: del z
"""


def table(name: str, source: str = SOURCE) -> list[Row]:
    found: list[Row] = extract_bytes("repo", "m.py", source.encode()).column(name)[0].as_py()
    return found


def wrapper(source: str = SOURCE) -> MetadataWrapper:
    return MetadataWrapper(cst.parse_module(source.encode()), unsafe_skip_copy=True)


def test_nodes_are_numbered_in_the_order_of_the_source() -> None:
    nodes = table("nodes")

    assert [node["cst_id"] for node in nodes] == list(range(len(nodes)))
    starts = [node["span"]["byte_span"]["byte_start"] for node in nodes if node["kind"] == "Name"]
    assert starts == sorted(starts)


def test_every_node_but_the_module_has_one_parent() -> None:
    nodes, edges = table("nodes"), table("edges")

    assert [edge["dst"] for edge in edges] == [node["cst_id"] for node in nodes[1:]]
    assert all(edge["src"] < edge["dst"] for edge in edges)
    assert {edge["kind"] for edge in edges} == {"child"}


def test_parents_are_those_of_libcst() -> None:
    wrapped = wrapper()
    parents = wrapped.resolve(ParentNodeProvider)

    placed = place(wrapped.module, wrapped.resolve(ByteSpanPositionProvider))

    compared = 0
    for node in placed[1:]:
        assert node.parent is not None
        if not isinstance(node.node, cst.Comment):  # hangs from whitespace, which is no node here
            compared += 1
            assert parents[node.node] is node.parent.node
    assert compared > 80


def test_no_node_but_whitespace_is_left_out() -> None:
    wrapped = wrapper()
    spans = wrapped.resolve(ByteSpanPositionProvider)
    whitespace = (
        cst.BaseParenthesizableWhitespace,
        cst.TrailingWhitespace,
        cst.EmptyLine,
        cst.Newline,
    )

    placed = {node.node for node in place(wrapped.module, spans)}

    assert placed == {node for node in spans if not isinstance(node, whitespace)}


def test_spans_are_those_of_libcst() -> None:
    wrapped = wrapper()
    bytes_, points, owned = (
        wrapped.resolve(provider)
        for provider in (
            ByteSpanPositionProvider,
            PositionProvider,
            WhitespaceInclusivePositionProvider,
        )
    )
    placed = place(wrapped.module, wrapped.resolve(ByteSpanPositionProvider))

    for node, row in zip(placed, table("nodes"), strict=True):
        for where, provided in (("span", points), ("span_ws", owned)):
            span: Any = provided[node.node]
            assert row[where]["start"] == {"line0": span.start.line - 1, "col": span.start.column}
            assert row[where]["end"] == {"line0": span.end.line - 1, "col": span.end.column}
        stored: Any = bytes_[node.node]
        assert row["span"]["byte_span"] == {"byte_start": stored.start, "byte_len": stored.length}
        assert row["span"]["end_exclusive"] is True
        assert row["span"]["col_unit"] == "utf32"


def test_whitespace_that_a_node_owns_is_in_its_wider_span() -> None:
    (addition,) = [node for node in table("nodes") if node["kind"] == "Add"]

    assert addition["span"]["byte_span"]["byte_len"] == 1
    assert addition["span_ws"]["byte_span"]["byte_len"] == len(" +  ")


@pytest.mark.parametrize(
    ("kind", "slot", "position"),
    [("Comment", "leading_lines", None), ("Decorator", "decorators", 0), ("Else", "orelse", None)],
)
def test_an_edge_names_the_slot_of_the_parent(kind: str, slot: str, position: int | None) -> None:
    ids = {node["cst_id"] for node in table("nodes") if node["kind"] == kind}

    found = {(edge["slot"], edge["idx"]) for edge in table("edges") if edge["dst"] in ids}

    assert (slot, position) in found


def test_names_and_numbers_carry_their_text() -> None:
    values = {dict(node["attrs"]).get("value") for node in table("nodes", "x = 1 + 2.5 + 3j\n")}

    assert values == {None, "x", "1", "2.5", "3j"}


def test_an_empty_file_is_a_module_and_no_error() -> None:
    assert [node["kind"] for node in table("nodes", "")] == ["Module"]
    assert table("parse_errors", "") == []


@pytest.mark.parametrize("source", ["x", "if x:\n  y", "x # c", "# c", "x  ", "x\r\ny", "\n\n  "])
def test_a_file_without_a_last_newline_ends_where_it_ends(source: str) -> None:
    assert table("parse_errors", source) == []
    for node in table("nodes", source):
        for span in (node["span"], node["span_ws"]):
            stored = span["byte_span"]
            assert stored["byte_start"] + stored["byte_len"] <= len(source)
            assert span["end"]["line0"] <= source.count("\n")
