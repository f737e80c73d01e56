"""Syntax → rows of `type_exprs`: every expression that stands where a type is meant."""

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from cst_contracts.extract.defs import owner
from cst_contracts.extract.syntax import Syntax
from cst_contracts.extract.tree import Placed


class TypeExpr(NamedTuple):
    """`expr_kind` is LibCST's class of the expression, `expr_role` what it is the type of."""

    file_id: str
    path: str
    file_sha256: str | None
    owner_def_kind: str
    owner_def_bstart: int | None
    owner_def_bend: int | None
    param_name: str | None
    expr_kind: str
    expr_role: str
    bstart: int
    bend: int
    expr_text: str


class _Role(NamedTuple):
    name: str
    expression: cst.BaseExpression
    param_name: str | None = None


def type_exprs(syntax: Syntax) -> Iterator[TypeExpr]:
    for placed in syntax.placed:
        role = _role(placed)
        if role is not None:
            of = owner(syntax, placed.owner)
            yield TypeExpr(
                *syntax.identity.common,
                of.kind,
                of.bstart,
                of.bend,
                role.param_name,
                type(role.expression).__name__,
                role.name,
                *syntax.span(role.expression),
                syntax.text(role.expression),
            )


def _role(placed: Placed) -> _Role | None:
    parent = placed.parent.node if placed.parent else None
    match placed.node, parent:
        case cst.Annotation(annotation=expression), cst.Param(name=cst.Name(value=name)):
            return _Role("param", expression, name)
        case cst.Annotation(annotation=expression), cst.FunctionDef():
            return _Role("return", expression)
        case cst.Annotation(annotation=expression), _:
            return _Role("variable", expression)
        case cst.TypeAlias(value=expression), _:
            return _Role("alias", expression)
        case cst.TypeVar(bound=cst.BaseExpression() as expression), _:
            return _Role("bound", expression)
        case _:
            return None
