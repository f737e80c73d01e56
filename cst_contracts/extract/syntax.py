"""A parsed file with everything that its tables are read from."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

import libcst as cst
from libcst.metadata import CodeRange, ExpressionContext
from msgspec import Struct

from cst_contracts.extract.identity import FileIdentity
from cst_contracts.extract.module_names import ModuleName, absolute
from cst_contracts.extract.offsets import Offsets
from cst_contracts.extract.scopes import QName, Scopes
from cst_contracts.extract.tree import DEFS, Placed, Spans

_Node = TypeVar("_Node", bound=cst.CSTNode)


class Span(NamedTuple):
    """Byte offsets in the file as stored."""

    bstart: int
    bend: int


class Syntax(Struct, frozen=True):
    """`spans` are LibCST's own (see `Offsets`), `ranges` include the whitespace that nodes own.

    `argument_lists` are the spans, brackets included, of generators that are a call's only argument.
    """

    identity: FileIdentity
    module: cst.Module
    module_name: ModuleName
    placed: list[Placed]
    offsets: Offsets
    spans: Spans
    argument_lists: Mapping[cst.CSTNode, tuple[int, int]]
    ranges: Mapping[cst.CSTNode, CodeRange]
    contexts: Mapping[cst.CSTNode, ExpressionContext | None]
    scopes: Scopes
    by_type: Mapping[type[cst.CSTNode], list[Placed]]

    def all(self, node_type: type[_Node]) -> Iterator[tuple[Placed, _Node]]:
        """Every node of exactly this type, in the order of the source."""
        for placed in self.by_type.get(node_type, ()):
            assert isinstance(placed.node, node_type)  # noqa: S101  # by_type's own invariant
            yield placed, placed.node

    def defs(self) -> Iterator[tuple[Placed, cst.FunctionDef | cst.ClassDef]]:
        for placed in self.placed:
            if isinstance(placed.node, DEFS):
                yield placed, placed.node

    def span(self, node: cst.CSTNode) -> Span:
        start, end = self._text_span(node)
        return Span(self.offsets.in_file(start), self.offsets.in_file(end))

    def text(self, node: cst.CSTNode) -> str:
        start, end = self._text_span(node)
        return self.offsets.text.utf8[start:end].decode()

    def def_id(self, node: cst.CSTNode) -> str:
        return self.identity.row_id("def", *self.span(node))

    def call_id(self, node: cst.Call) -> str:
        return self.identity.row_id("call", *self.span(node))

    def full_names(self, names: list[QName]) -> list[str]:
        """Names as other modules import them; without those that leave the package upwards."""
        full = (self._full_name(name) for name in names)
        return sorted({name for name in full if name is not None})

    def _full_name(self, qname: QName) -> str | None:
        bare = qname.name.lstrip(".")
        level = len(qname.name) - len(bare)
        if level:
            return absolute(self.module_name.package, level, bare)
        if qname.source == "LOCAL":
            return f"{self.module_name.name}.{bare}" if self.module_name.name else bare
        return bare

    def _text_span(self, node: cst.CSTNode) -> tuple[int, int]:
        start, end = self._code_span(node)
        return self.offsets.in_text(start), self.offsets.in_text(end)

    def _code_span(self, node: cst.CSTNode) -> tuple[int, int]:
        """LibCST leaves all brackets out of a node's span; those of a tuple or generator are part of it."""
        span = self.spans[node]
        if not isinstance(node, (cst.Tuple, cst.GeneratorExp)):
            return span.start, span.start + span.length
        if node.lpar:
            opening, closing = self.spans[node.lpar[-1]], self.spans[node.rpar[0]]
            return opening.start, closing.start + closing.length
        return self.argument_lists.get(node) or (span.start, span.start + span.length)


def by_type(placed: list[Placed]) -> dict[type[cst.CSTNode], list[Placed]]:
    found: dict[type[cst.CSTNode], list[Placed]] = defaultdict(list)
    for node in placed:
        found[type(node.node)].append(node)
    return dict(found)
