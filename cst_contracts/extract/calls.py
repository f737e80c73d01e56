"""Syntax → rows of `callsites` and `call_args`."""

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from cst_contracts.extract.nodes import Attrs
from cst_contracts.extract.scopes import QName
from cst_contracts.extract.syntax import Syntax
from cst_contracts.extract.tree import Placed, dotted


class CallSite(NamedTuple):
    file_id: str
    path: str
    file_sha256: str | None
    call_id: str
    call_bstart: int
    call_bend: int
    callee_bstart: int
    callee_bend: int
    callee_shape: str
    callee_text: str
    arg_count: int
    callee_dotted: str | None
    callee_qnames: list[QName]
    callee_fqns: list[str]
    inferred_type: str | None
    attrs: Attrs


class CallArg(NamedTuple):
    """The span and the text are those of the value."""

    file_id: str
    path: str
    file_sha256: str | None
    call_id: str
    call_bstart: int
    call_bend: int
    arg_index: int
    keyword: str | None
    star: str | None
    arg_text: str
    bstart: int
    bend: int


def callsites(syntax: Syntax) -> Iterator[CallSite]:
    for placed, call in syntax.all(cst.Call):
        names = syntax.scopes.called(placed)
        yield CallSite(
            *syntax.identity.common,
            syntax.call_id(call),
            *syntax.span(call),
            *syntax.span(call.func),
            callee_shape=_shape(call.func),
            callee_text=syntax.text(call.func),
            arg_count=len(call.args),
            callee_dotted=dotted(call.func),
            callee_qnames=names,
            callee_fqns=syntax.full_names(names),
            inferred_type=None,
            attrs=_attrs(placed, call),
        )


def call_args(syntax: Syntax) -> Iterator[CallArg]:
    for _, call in syntax.all(cst.Call):
        head = (*syntax.identity.common, syntax.call_id(call), *syntax.span(call))
        for index, arg in enumerate(call.args):
            yield CallArg(
                *head,
                index,
                arg.keyword.value if arg.keyword else None,
                arg.star or None,
                syntax.text(arg.value),
                *syntax.span(arg.value),
            )


def _attrs(placed: Placed, call: cst.Call) -> Attrs:
    parent = type(placed.parent.node).__name__ if placed.parent else None
    keywords = sum(1 for arg in call.args if arg.keyword is not None)
    entries = (("parent_kind", parent), ("keywords", str(keywords) if keywords else None))
    return tuple((key, value) for key, value in entries if value is not None)


def _shape(callee: cst.BaseExpression) -> str:
    match callee:
        case cst.Name():
            return "name"
        case cst.Attribute():
            return "attribute" if dotted(callee) else "attribute_of_expression"
        case cst.Call():
            return "call"
        case cst.Subscript():
            return "subscript"
        case cst.Lambda():
            return "lambda"
        case _:
            return "expression"
