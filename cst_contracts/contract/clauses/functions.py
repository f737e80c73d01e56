"""The clause of functions that the session has to offer."""

from enum import StrEnum
from typing import TypeAlias

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.clauses.clause import EVERYWHERE, Clause, Scope
from cst_contracts.contract.forms import Named
from cst_contracts.contract.kinds import (
    ARROW_TYPE,
    NAME,
    EitherKind,
    Foreign,
    Key,
    ListKind,
    Record,
    RecordKind,
    TextKind,
    choice_of,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.type_text import read_type
from cst_contracts.location import Location


class FunctionKind(StrEnum):
    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"
    TABLE = "table"


class TypeFamily(StrEnum):
    """A nested type whatever its children, as function signatures promise it."""

    LIST = "list"
    MAP = "map"
    STRUCT = "struct"


TypePattern: TypeAlias = pa.DataType | TypeFamily


class FunctionContract(Struct, frozen=True):
    """A function that is needed. What is None, nothing is promised about."""

    name: str
    place: Location
    kind: FunctionKind | None = None
    arguments: tuple[TypePattern, ...] | None = None
    returns: TypePattern | None = None


_RECORD = Record(
    "function",
    "A function that the session has to offer.",
    keys_by_name(
        required_key("name", NAME, "Name of the function.", "map_entries", "…"),
        Key("kind", choice_of(FunctionKind), "What kind of function it is.", "scalar"),
        Key(
            "arguments",
            ListKind(ARROW_TYPE, "an argument type"),
            "Types of the arguments; `list`, `map` and `struct` stand for any such type.",
            "[map]",
        ),
        Key(
            "returns",
            ARROW_TYPE,
            "Type of the result; `list`, `map` and `struct` stand for any such type.",
            "list",
        ),
    ),
    foreign=(
        Foreign(("args", "parameters", "signature"), "write `arguments: $list`"),
        Foreign(("return", "return_type", "result"), "write `returns: $value`"),
        Foreign(("type",), "write `kind: $value`"),
    ),
)


def _build(scope: Scope) -> tuple[FunctionContract, ...]:
    entries = scope.form.named("functions", "name")
    refuse_repeats((entry.name for entry in entries), "function", scope.problems)
    return tuple(_function(entry, scope.problems) for entry in entries)


def _function(entry: Named, problems: Problems) -> FunctionContract:
    form = entry.form
    if form is None:
        return FunctionContract(entry.name.text, entry.place)
    kind, returns = form.text("kind"), form.text("returns")
    patterns = [_pattern(text, problems) for text in form.texts("arguments")]
    return FunctionContract(
        entry.name.text,
        entry.place,
        kind=FunctionKind(kind.text) if kind else None,
        arguments=tuple(filter(None, patterns)) if "arguments" in form.values else None,
        returns=_pattern(returns, problems) if returns else None,
    )


def _pattern(text: Scalar, problems: Problems) -> TypePattern | None:
    """The type or family that a text names; reports a problem and returns None if it names none."""
    if text.text in tuple(TypeFamily):
        return TypeFamily(text.text)
    return read_type(text, problems)


FUNCTIONS = Clause(
    Key(
        "functions",
        ListKind(
            EitherKind(
                TextKind("a function name"),
                RecordKind("function"),
                "a function name, or a mapping with `name`",
            ),
            "a function",
        ),
        "Functions that the session has to offer.",
        "[arrow_typeof, {name: unnest, kind: table}]",
        default=(),
    ),
    _build,
    {"function": _RECORD},
    EVERYWHERE,
)
