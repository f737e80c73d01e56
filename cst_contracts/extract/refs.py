"""Syntax → rows of `refs`: one for every name that is written in the source.

`ref_kind` is the part that the name plays: name, attribute, keyword, param, def, import or module.
"""

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from cst_contracts.extract.nodes import Attrs
from cst_contracts.extract.scopes import Binding
from cst_contracts.extract.syntax import Syntax
from cst_contracts.extract.tree import Placed


class Ref(NamedTuple):
    file_id: str
    path: str
    file_sha256: str | None
    ref_id: str
    ref_kind: str
    ref_text: str
    expr_ctx: str | None
    scope_type: str | None
    scope_name: str | None
    scope_role: str | None
    parent_kind: str | None
    inferred_type: str | None
    bstart: int
    bend: int
    attrs: Attrs


def refs(syntax: Syntax) -> Iterator[Ref]:
    for placed, name in syntax.all(cst.Name):
        kind = _kind(placed)
        span = syntax.span(name)
        binding = syntax.scopes.binding(placed, name)
        yield Ref(
            *syntax.identity.common,
            ref_id=syntax.identity.row_id("ref", *span),
            ref_kind=kind,
            ref_text=name.value,
            expr_ctx=_context(syntax, placed, kind),
            scope_type=binding.scope_type if binding else None,
            scope_name=binding.scope_name if binding else None,
            scope_role=binding.role if binding else None,
            parent_kind=type(placed.parent.node).__name__ if placed.parent else None,
            inferred_type=None,
            bstart=span.bstart,
            bend=span.bend,
            attrs=_attrs(syntax, placed, binding),
        )


def _kind(placed: Placed) -> str:
    match placed.parent, placed.slot:
        case (Placed(node=cst.Attribute()), "attr") if not _imported(placed):
            return "attribute"
        case (Placed(node=cst.Arg()), "keyword") | (Placed(node=cst.MatchKeywordElement()), "key"):
            return "keyword"
        case (Placed(node=cst.Param()), "name"):
            return "param"
        case (Placed(node=cst.FunctionDef() | cst.ClassDef()), "name"):
            return "def"
        case _:
            return _imported(placed) or "name"


def _imported(placed: Placed) -> str | None:
    """`import`: what is imported, or what it is called here; `module`: what it is imported from."""
    at = placed
    while at.parent is not None and isinstance(at.node, (cst.Name, cst.Attribute, cst.AsName)):
        if isinstance(at.parent.node, cst.ImportAlias):
            return "import"
        if isinstance(at.parent.node, cst.ImportFrom):
            return "module"
        at = at.parent
    return None


def _context(syntax: Syntax, placed: Placed, kind: str) -> str | None:
    """LibCST's; a keyword is no expression, an attribute has its expression's."""
    if kind == "keyword":
        return None
    of = placed.parent.node if kind == "attribute" and placed.parent else placed.node
    context = syntax.contexts.get(of)
    return None if context is None else context.name


def _attrs(syntax: Syntax, placed: Placed, binding: Binding | None) -> Attrs:
    entries = (
        ("origin", binding.origin if binding else None),
        ("written_in", syntax.scopes.written_in(placed)),
    )
    return tuple((key, value) for key, value in entries if value is not None)
