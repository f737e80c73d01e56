"""Names, calls, definitions, docstrings, decorators and annotations compared with `ast`."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.extract_oracle.source import Difference, Source, Span, only_on_one_side
from cst_contracts.extract.binding import CONSTANTS

_CONTEXTS: dict[type[ast.expr_context], str] = {
    ast.Load: "LOAD",
    ast.Store: "STORE",
    ast.Del: "DEL",
}
_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def differences(source: Source) -> Iterator[Difference]:
    nodes = list(ast.walk(ast.parse(source.data)))
    python = {
        "names": _names(source, nodes),
        "arguments": _arguments(source, nodes),
        "callees": _callees(source, nodes),
        "definitions": _definitions(source, nodes),
        "docstrings": _docstrings(nodes),
        "decorators": _decorators(source, nodes),
        "annotations": _annotations(source, nodes),
        "imports": _imports(nodes),
    }
    rows = {
        "names": _of(source, "refs", "bstart", "bend", "ref_text", "expr_ctx"),
        "arguments": _of(source, "call_args", "bstart", "bend", "keyword"),
        "callees": _of(source, "callsites", "callee_bstart", "callee_bend", "arg_count"),
        "definitions": _of(source, "defs", "def_bstart", "def_bend", "name", "decorator_count"),
        "docstrings": _of(source, "docstrings", "owner_kind", "docstring"),
        "decorators": _of(source, "decorators", "bstart", "bend"),
        "annotations": _of(source, "type_exprs", "bstart", "bend"),
        "imports": _of(source, "imports", "module", "relative_level", "name", "asname"),
    }
    for kind, answers in python.items():
        told = rows[kind] if kind != "names" else _expressions(source, answers)
        yield from only_on_one_side(kind, source, answers, told)


def _of(source: Source, table: str, *columns: str) -> dict[Any, int]:
    first = columns[0]
    return {
        tuple(row[column] for column in columns): (
            source.line(row[first]) if isinstance(row[first], int) else 0
        )
        for row in source.rows(table)
    }


def _expressions(source: Source, python: Mapping[Any, int]) -> dict[Any, int]:
    """Names that are nodes of their own in `ast`; those of definitions and imports are text there, and so
    is the name of an exception, which only the other side tells from that of a `with`."""
    found: dict[Any, int] = {}
    for row in source.rows("refs"):
        key = (row["bstart"], row["bend"], row["ref_text"], row["expr_ctx"])
        text = row["parent_kind"] in _TEXT_IN_AST or row["ref_text"] in CONSTANTS
        if (
            row["ref_kind"] == "name"
            and not text
            and (row["parent_kind"] != "AsName" or key in python)
        ):
            found[key] = source.line(row["bstart"])
    return found


_TEXT_IN_AST = frozenset(
    {"NameItem", "MatchAs", "MatchStar", "MatchMapping", "TypeVar", "TypeVarTuple", "ParamSpec"}
)


def _span(source: Source, node: Any) -> Span:
    return (
        source.offset(node.lineno, node.col_offset),
        source.offset(node.end_lineno, node.end_col_offset),
    )


def _names(source: Source, nodes: list[ast.AST]) -> dict[Any, int]:
    return {
        (*_span(source, node), node.id, _CONTEXTS[type(node.ctx)]): node.lineno
        for node in nodes
        if isinstance(node, ast.Name)
    }


def _arguments(source: Source, nodes: list[ast.AST]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        for arg in call.args:
            value = arg.value if isinstance(arg, ast.Starred) else arg
            found[(*_span(source, value), None)] = value.lineno
        for keyword in call.keywords:
            found[(*_span(source, keyword.value), keyword.arg)] = keyword.value.lineno
    return found


def _callees(source: Source, nodes: list[ast.AST]) -> dict[Any, int]:
    return {
        (*_span(source, node.func), len(node.args) + len(node.keywords)): node.lineno
        for node in nodes
        if isinstance(node, ast.Call)
    }


def _definitions(source: Source, nodes: list[ast.AST]) -> dict[Any, int]:
    return {
        (*_without_semicolon(source, node), node.name, len(node.decorator_list)): node.lineno
        for node in nodes
        if isinstance(node, _DEFS)
    }


def _without_semicolon(source: Source, node: ast.AST) -> Span:
    """LibCST, and `def_bend` with it, leaves out the semicolon that may end the last line."""
    start, end = _span(source, node)
    return start, start + len(source.data[start:end].rstrip(b"; \t"))


def _docstrings(nodes: list[ast.AST]) -> dict[Any, int]:
    kinds: dict[type[ast.AST], str] = {
        ast.Module: "module",
        ast.ClassDef: "class",
        ast.FunctionDef: "function",
        ast.AsyncFunctionDef: "async_function",
    }
    return {
        (kinds[type(node)], text.encode("utf-8", "backslashreplace").decode()): 0
        for node in nodes
        if isinstance(node, (ast.Module, *_DEFS)) and (text := ast.get_docstring(node)) is not None
    }


def _decorators(source: Source, nodes: list[ast.AST]) -> dict[Any, int]:
    return {
        _span(source, decorator): decorator.lineno
        for node in nodes
        if isinstance(node, _DEFS)
        for decorator in node.decorator_list
    }


def _annotations(source: Source, nodes: list[ast.AST]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for node in nodes:
        match node:
            case ast.AnnAssign(annotation=said) | ast.arg(annotation=ast.expr() as said):
                found[_span(source, said)] = said.lineno
            case ast.FunctionDef(returns=ast.expr() as said):
                found[_span(source, said)] = said.lineno
            case ast.AsyncFunctionDef(returns=ast.expr() as said):
                found[_span(source, said)] = said.lineno
            case _:
                pass
    return found


def _imports(nodes: list[ast.AST]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for node in nodes:
        match node:
            case ast.Import(names=names):
                found |= {(each.name, 0, None, each.asname): node.lineno for each in names}
            case ast.ImportFrom(module=module, level=level, names=names):
                found |= {(module, level, each.name, each.asname): node.lineno for each in names}
            case _:
                pass
    return found
