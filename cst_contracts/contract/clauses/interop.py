"""The clause of libraries that readers take the table into, and in which it has to arrive as it is."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import Key, ListKind, choice_of
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.errors import Problem
from cst_contracts.location import Location


class Library(StrEnum):
    """One that takes Arrow streams, by the name under which it is installed and imported."""

    POLARS = "polars"
    PANDAS = "pandas"
    DUCKDB = "duckdb"


class InteropContract(Struct, frozen=True):
    """One library in which the table arrives with the same names, types and rows."""

    name: Library
    place: Location


def _build(scope: Scope) -> tuple[InteropContract, ...]:
    names = scope.form.texts("interop")
    refuse_repeats(names, "library", scope.problems)
    if names:
        scope.problems.extend(_endless(scope.form.value("source", Form), names[0].place))
    return tuple(InteropContract(Library(name.text), name.place) for name in names)


def _endless(source: Form | None, place: Location) -> Iterator[Problem]:
    if source is not None and source.flag("unbounded"):
        what = "the rows of an unbounded table come once, and nobody can hand them to a library"
        yield Problem(place, what, "leave `interop` out, or promise a table that has an end")


INTEROP = Clause(
    Key(
        "interop",
        ListKind(choice_of(Library), "a library"),
        "Libraries in which the table's Arrow stream arrives with the same names, types and rows.",
        "[polars, duckdb]",
        default=(),
    ),
    _build,
)
