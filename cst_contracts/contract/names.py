"""Tells which names in a contract are used twice, and which ones refer to nothing that it promises."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.wording import listed, nearest, shown
from cst_contracts.datatypes import child_path
from cst_contracts.errors import Problem

# None: the type cannot be told.
Types: TypeAlias = Mapping[str, pa.DataType | None]


class Columns(Struct, frozen=True):
    """The columns of a relation, with their types as far as they are known."""

    relation: str
    types: Types


class Promised(Struct, frozen=True):
    """What the other clauses of a table contract may refer to.

    `complete` is False where a field's name could not be read: then nothing is told to be missing.
    """

    columns: Columns
    paths: tuple[str, ...]
    complete: bool

    def refuse_unknown_columns(self, names: Iterable[Scalar], problems: Problems) -> None:
        if self.complete:
            refuse_unknown_columns(names, self.columns, problems)

    def path_of(self, written: Scalar) -> str:
        """The path that a contract means by what it wrote: a path, or a top-level field's plain name.

        The two differ for names with dots or quotes in them. A text that is some field's path means that
        field, even if it is another field's name.
        """
        path = child_path("", written.text)
        named = written.text in self.columns.types and written.text not in self.paths
        return path if named else written.text

    def refuse_unknown_paths(self, paths: Iterable[Scalar], problems: Problems) -> None:
        for path in paths:
            if self.complete and not self._knows(self.path_of(path)):
                what = f"{shown(path.text)} is no promised field"
                problems.append(Problem(path.place, what, _suggestion(path.text, self.paths)))

    def _knows(self, path: str) -> bool:
        if path in self.paths:
            return True
        untyped = (
            child_path("", name) for name, type_ in self.columns.types.items() if type_ is None
        )
        return any(
            path == top or path.startswith((f"{top}.", f"{top}[", f"{top}{{")) for top in untyped
        )


def refuse_unknown_columns(names: Iterable[Scalar], columns: Columns, problems: Problems) -> None:
    for name in names:
        if name.text not in columns.types:
            what = f"{shown(name.text)} is no promised field of {shown(columns.relation)}"
            problems.append(Problem(name.place, what, _suggestion(name.text, columns.types)))


def refuse_repeats(names: Iterable[Scalar], noun: str, problems: Problems) -> None:
    """Reports each name that was there before. `noun` is as in "field `a` is written twice"."""
    first_lines: dict[str, int] = {}
    for name in names:
        if name.text in first_lines:
            instead = f"rename or remove one, the first is on line {first_lines[name.text]}"
            problems.append(
                Problem(name.place, f"{noun} {shown(name.text)} is written twice", instead)
            )
        else:
            first_lines[name.text] = name.place.line


def _suggestion(name: str, known: Iterable[str]) -> str:
    names = tuple(known)
    if meant := nearest(name, names):
        return f"did you mean {shown(meant)}?"
    return f"promised are {listed(names[:12], 'and')}" if names else "promise it under `fields`"
