"""Syntax → rows of `defs`, `docstrings` and `decorators`."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import libcst as cst

from cst_contracts.extract.nodes import Attrs
from cst_contracts.extract.scopes import QName
from cst_contracts.extract.syntax import Syntax
from cst_contracts.extract.text import storable
from cst_contracts.extract.tree import Placed

Documented: TypeAlias = cst.Module | cst.FunctionDef | cst.ClassDef


class Owner(NamedTuple):
    """A def, or the module, which is no def: neither id nor span."""

    def_id: str | None
    kind: str
    bstart: int | None
    bend: int | None


class Def(NamedTuple):
    file_id: str
    path: str
    file_sha256: str | None
    def_id: str
    container_def_kind: str
    container_def_bstart: int | None
    container_def_bend: int | None
    kind: str
    name: str
    def_bstart: int
    def_bend: int
    name_bstart: int
    name_bend: int
    qnames: list[QName]
    def_fqns: list[str]
    docstring: str | None
    decorator_count: int
    attrs: Attrs


class Docstring(NamedTuple):
    file_id: str
    path: str
    file_sha256: str | None
    owner_def_id: str | None
    owner_kind: str
    owner_def_bstart: int | None
    owner_def_bend: int | None
    docstring: str
    bstart: int
    bend: int


class Decorator(NamedTuple):
    """The span and the text are those of the expression after the `@`."""

    file_id: str
    path: str
    file_sha256: str | None
    owner_def_id: str | None
    owner_kind: str
    owner_def_bstart: int | None
    owner_def_bend: int | None
    decorator_text: str
    decorator_index: int
    bstart: int
    bend: int


def defs(syntax: Syntax) -> Iterator[Def]:
    for placed, node in syntax.defs():
        container = owner(syntax, placed.owner)
        names, documentation = syntax.scopes.defined(placed, node.name.value), node.get_docstring()
        yield Def(
            *syntax.identity.common,
            syntax.def_id(node),
            container.kind,
            container.bstart,
            container.bend,
            def_kind(node),
            node.name.value,
            *syntax.span(node),
            *syntax.span(node.name),
            qnames=names,
            def_fqns=syntax.full_names(names),
            docstring=None if documentation is None else storable(documentation),
            decorator_count=len(node.decorators),
            attrs=_attrs(node),
        )


def _attrs(node: cst.FunctionDef | cst.ClassDef) -> Attrs:
    generic = node.type_parameters
    entries = (
        ("bases", len(node.bases) if isinstance(node, cst.ClassDef) else None),
        ("parameters", _parameters(node.params) if isinstance(node, cst.FunctionDef) else None),
        ("type_parameters", len(generic.params) if generic is not None else None),
    )
    return tuple((key, str(count)) for key, count in entries if count is not None)


def _parameters(params: cst.Parameters) -> int:
    starred = [params.star_arg, params.star_kwarg]
    named = (*params.posonly_params, *params.params, *params.kwonly_params)
    return len(named) + sum(1 for each in starred if isinstance(each, cst.Param))


def docstrings(syntax: Syntax) -> Iterator[Docstring]:
    module = (owner(syntax, None), syntax.module)
    for of, node in [module, *((owner(syntax, placed), node) for placed, node in syntax.defs())]:
        text, literal = node.get_docstring(), _first_expression(node)
        if text is not None and literal is not None:
            yield Docstring(
                *syntax.identity.common,
                of.def_id,
                of.kind,
                of.bstart,
                of.bend,
                storable(text),
                *syntax.span(literal),
            )


def decorators(syntax: Syntax) -> Iterator[Decorator]:
    for placed, node in syntax.defs():
        of = owner(syntax, placed)
        for index, decorator in enumerate(node.decorators):
            expression = decorator.decorator
            yield Decorator(
                *syntax.identity.common,
                of.def_id,
                of.kind,
                of.bstart,
                of.bend,
                syntax.text(expression),
                index,
                *syntax.span(expression),
            )


def owner(syntax: Syntax, placed: Placed | None) -> Owner:
    if placed is None:
        return Owner(None, "module", None, None)
    return Owner(syntax.def_id(placed.node), def_kind(placed.node), *syntax.span(placed.node))


def def_kind(node: cst.CSTNode) -> str:
    match node:
        case cst.FunctionDef(asynchronous=None):
            return "function"
        case cst.FunctionDef():
            return "async_function"
        case _:
            return "class"


def _first_expression(documented: Documented) -> cst.BaseExpression | None:
    """The literal that `get_docstring` reads, if there is one."""
    at: cst.CSTNode = documented
    while isinstance(at, (cst.Module, *_BODIES)) and at.body:
        at = at.body if isinstance(at.body, cst.BaseSuite) else at.body[0]
    return at.value if isinstance(at, cst.Expr) else None


_BODIES = (cst.FunctionDef, cst.ClassDef, cst.BaseSuite, cst.SimpleStatementLine)
