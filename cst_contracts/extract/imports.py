"""Syntax → rows of `imports`: one for every name of every import statement."""

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from cst_contracts.extract.module_names import absolute
from cst_contracts.extract.nodes import Attrs
from cst_contracts.extract.syntax import Syntax
from cst_contracts.extract.tree import Placed, dotted


class Import(NamedTuple):
    """`import a.b` has a module and no name; `from a import b` has both; a star's name is `*`."""

    file_id: str
    path: str
    file_sha256: str | None
    kind: str
    module: str | None
    relative_level: int
    name: str | None
    asname: str | None
    is_star: bool
    stmt_bstart: int
    stmt_bend: int
    alias_bstart: int
    alias_bend: int
    attrs: Attrs


def imports(syntax: Syntax) -> Iterator[Import]:
    for placed in syntax.placed:
        match placed.node:
            case cst.Import():
                yield from _plain(syntax, placed, placed.node)
            case cst.ImportFrom():
                yield from _from(syntax, placed, placed.node)
            case _:
                pass


def _plain(syntax: Syntax, placed: Placed, statement: cst.Import) -> Iterator[Import]:
    for alias in statement.names:
        yield Import(
            *syntax.identity.common,
            "import",
            dotted(alias.name),
            0,
            None,
            alias.evaluated_alias,
            False,  # noqa: FBT003  # a row's field, in the schema's order
            *syntax.span(statement),
            *syntax.span(alias),
            _attrs(syntax, placed, statement),
        )


def _from(syntax: Syntax, placed: Placed, statement: cst.ImportFrom) -> Iterator[Import]:
    names = [statement.names] if isinstance(statement.names, cst.ImportStar) else statement.names
    for alias in names:
        star = isinstance(alias, cst.ImportStar)
        yield Import(
            *syntax.identity.common,
            "from",
            dotted(statement.module) if statement.module else None,
            len(statement.relative),
            "*" if isinstance(alias, cst.ImportStar) else alias.evaluated_name,
            None if isinstance(alias, cst.ImportStar) else alias.evaluated_alias,
            star,
            *syntax.span(statement),
            *syntax.span(alias),
            _attrs(syntax, placed, statement),
        )


def _attrs(syntax: Syntax, placed: Placed, statement: cst.Import | cst.ImportFrom) -> Attrs:
    """The scope that the statement stands in, and what module a relative import is from."""
    entries = (
        ("written_in", syntax.scopes.written_in(placed)),
        ("absolute_module", _absolute(syntax, statement)),
    )
    return tuple((key, value) for key, value in entries if value is not None)


def _absolute(syntax: Syntax, statement: cst.Import | cst.ImportFrom) -> str | None:
    if not isinstance(statement, cst.ImportFrom) or not statement.relative:
        return None
    module = dotted(statement.module) if statement.module else None
    return absolute(syntax.module_name.package, len(statement.relative), module or "")
