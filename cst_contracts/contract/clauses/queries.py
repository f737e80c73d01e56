"""The clause of readers' queries: what they are given, what comes of them, and what they read."""

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.clauses.field import FIELD_LIST, FieldContract, build_fields
from cst_contracts.contract.clauses.reads import FOREIGN_READS, READS, build_reads
from cst_contracts.contract.clauses.value_constraints import read_value
from cst_contracts.contract.folded import refuse_folded
from cst_contracts.contract.forms import Form, Value
from cst_contracts.contract.kinds import (
    ARROW_TYPE,
    FLAG,
    NAME,
    SQL,
    EitherKind,
    Foreign,
    Key,
    ListKind,
    PairsKind,
    Record,
    RecordKind,
    ValueKind,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.parameters import NAMELESS, parameter_names
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.type_text import read_type
from cst_contracts.contract.wording import shown
from cst_contracts.errors import Problem
from cst_contracts.location import Location


class ParameterContract(Struct, frozen=True):
    """A value that a reader hands to a query as `$name`. `example` is one, as it is written."""

    name: str
    type: pa.DataType
    place: Location
    example: str | None = None


class QueryContract(Struct, frozen=True):
    """A query that readers run. `fields` are its output; `reads` None: it may read whatever it does."""

    name: str
    sql: str
    place: Location
    parameters: tuple[ParameterContract, ...] = ()
    fields: tuple[FieldContract, ...] = ()
    reads: tuple[str, ...] | None = None
    allow_empty: bool = False

    @property
    def subject(self) -> str:
        """What stands for it where engine and findings name a relation: no table is called so."""
        return f"query[{self.name}]"


_PARAMETER = Record(
    "parameter",
    "The type of a parameter, and a value of it with which the query can be run.",
    keys_by_name(
        required_key("type", ARROW_TYPE, "Type as Arrow prints it.", "string"),
        Key("example", ValueKind(), "A value with which the query has rows.", "attr/_make.py"),
    ),
    foreign=(
        Foreign(("value", "default", "sample"), "write `example: $value`"),
        Foreign(("data_type", "dtype"), "write `type: $value`", means="type"),
    ),
)

_RECORD = Record(
    "query",
    "A query that readers run.",
    keys_by_name(
        required_key(
            "name", NAME, "Name of the query, which its check is called by.", "refs_of_file", "…"
        ),
        required_key(
            "sql",
            SQL,
            "The query; what readers hand in stands in it as `$name`.",
            '"SELECT ref_id, bstart FROM cst_refs WHERE path = $path"',
            "…",
        ),
        Key(
            "parameters",
            PairsKind(
                EitherKind(ARROW_TYPE, RecordKind("parameter"), "an Arrow type, or a mapping"),
                "a parameter",
            ),
            "The parameters by name, each with its type, or with its type and an example of a value.",
            "{path: string}",
        ),
        Key(
            "fields",
            FIELD_LIST,
            "The promised fields of the output, in order.",
            "[{name: ref_id, type: string}, {name: bstart, type: int64}]",
        ),
        READS,
        Key(
            "allow_empty",
            FLAG,
            "Whether a query is kept that gives no row.",
            "true",
            default=False,
        ),
    ),
    foreign=(
        Foreign(("query", "select", "statement", "definition"), "write `sql: $value`", means="sql"),
        Foreign(("params", "arguments", "args", "binds"), "write `parameters: {name: type}`"),
        Foreign(("columns", "output", "returns", "schema", "result"), "write `fields:`"),
        FOREIGN_READS,
        Foreign(("id", "title"), "write `name: $value`", means="name"),
    ),
)


def _build(scope: Scope) -> tuple[QueryContract, ...]:
    forms = scope.form.forms("queries")
    names = (form.text("name") for form in forms)
    refuse_repeats(filter(None, names), "query", scope.problems)
    return tuple(_query(form, scope) for form in forms)


def _query(form: Form, scope: Scope) -> QueryContract:
    sql = form.text("sql")
    if sql is not None:
        refuse_folded(sql, scope.promised.columns.types, scope.problems)
        _compare_parameters(sql, form, scope.problems)
    parameters = (_parameter(name, each, scope.problems) for name, each in form.pairs("parameters"))
    return QueryContract(
        form.words("name"),
        form.words("sql"),
        form.place,
        tuple(filter(None, parameters)),
        build_fields(form.forms("fields"), scope.problems),
        build_reads(form, scope.promised, scope.problems),
        form.flag("allow_empty"),
    )


def _compare_parameters(sql: Scalar, form: Form, problems: Problems) -> None:
    """Those of the text with those that are promised."""
    promised = {name.text: name for name, _ in form.pairs("parameters")}
    used = tuple(dict.fromkeys(parameter_names(sql.text)))
    if NAMELESS in used:
        what = "the query has a parameter without a name, `?`"
        problems.append(Problem(sql.place, what, "write `$name`"))
    for name in used:
        if name not in promised and name != NAMELESS:
            what = f"the query has a parameter `${name}` that `parameters` does not have"
            instead = f"write `parameters: {{{name}: …}}` with its type"
            problems.append(Problem(sql.place, what, instead))
    for name, written in promised.items():
        if name not in used:
            what = f"{shown(name)} is no parameter of the query"
            instead = f"write `${name}` in `sql`, or leave it out"
            problems.append(Problem(written.place, what, instead))


def _parameter(name: Scalar, value: Value, problems: Problems) -> ParameterContract | None:
    form = value if isinstance(value, Form) else None
    text = form.text("type") if form is not None else value
    type_ = read_type(text, problems) if isinstance(text, Scalar) else None
    if type_ is None:
        return None
    example = None if form is None else form.text("example")
    if example is not None:
        read_value(example, type_, problems)
    return ParameterContract(name.text, type_, name.place, example.text if example else None)


QUERIES = Clause(
    Key(
        "queries",
        ListKind(RecordKind("query"), "a query"),
        "What readers run: planned and run with typed parameters, its output promised.",
        '[{name: refs_of_file, sql: "SELECT ref_id FROM cst_refs WHERE path = $path", '
        "parameters: {path: string}}]",
        default=(),
    ),
    _build,
    {"query": _RECORD, "parameter": _PARAMETER},
)
