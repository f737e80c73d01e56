"""The clause of SQL expressions that are true of all rows together, or of each group of them."""

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.clauses.severity import Severity, severity_key
from cst_contracts.contract.folded import refuse_folded
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    FIELD_NAMES,
    FLAG,
    NAME,
    SQL,
    Foreign,
    Key,
    ListKind,
    Record,
    RecordKind,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.wording import shown
from cst_contracts.datatypes import print_type
from cst_contracts.errors import Problem
from cst_contracts.location import Location


class AggregateContract(Struct, frozen=True):
    """A condition on all rows together or, where fields are named in `per`, on those of each group."""

    name: str
    sql: str
    place: Location
    per: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    allow_empty: bool = False


_RECORD = Record(
    "aggregate",
    "A boolean SQL expression of aggregates that is true of all rows together, or of each group.",
    keys_by_name(
        required_key(
            "name",
            NAME,
            "Name of the aggregate, which its check is called by.",
            "enough_files",
            "…",
        ),
        required_key(
            "sql",
            SQL,
            "The expression, of aggregates over the table's columns.",
            "count(DISTINCT path) >= 100",
            "…",
        ),
        Key(
            "per",
            FIELD_NAMES,
            "Fields whose values make the groups; without them, all rows are one.",
            "[file_id]",
        ),
        severity_key("aggregate"),
        Key(
            "allow_empty",
            FLAG,
            "Whether an aggregate that is NULL, as over fields without a value, is kept.",
            "true",
            default=False,
        ),
    ),
    foreign=(
        Foreign(
            ("expression", "expr", "check", "condition", "aggregate"),
            "write `sql: $value`",
            means="sql",
        ),
        Foreign(("group_by", "by", "groups", "partition_by"), "write `per: $list`"),
        Foreign(("id", "title"), "write `name: $value`", means="name"),
        Foreign(("level",), "write `severity: $value`"),
    ),
    short="sql",
)


def _build(scope: Scope) -> tuple[AggregateContract, ...]:
    forms = scope.form.forms("aggregates")
    names = (form.text("name") for form in forms)
    refuse_repeats(filter(None, names), "aggregate", scope.problems)
    return tuple(_aggregate(form, scope) for form in forms)


def _aggregate(form: Form, scope: Scope) -> AggregateContract:
    per = form.texts("per")
    refuse_repeats(per, "field", scope.problems)
    scope.promised.refuse_unknown_columns(per, scope.problems)
    for name in per:
        _refuse_ungrouped(name, scope)
    if (sql := form.text("sql")) is not None:
        refuse_folded(sql, scope.promised.columns.types, scope.problems)
    return AggregateContract(
        form.words("name"),
        form.words("sql"),
        form.place,
        tuple(name.text for name in per),
        form.choice("severity", Severity),
        form.flag("allow_empty"),
    )


def _refuse_ungrouped(name: Scalar, scope: Scope) -> None:
    """Refuses what has parts, and floats, of which equal ones need not make one group."""
    type_ = scope.promised.columns.types.get(name.text)
    if type_ is not None and (pa.types.is_nested(type_) or pa.types.is_floating(type_)):
        what = f"{shown(name.text)} is {shown(print_type(type_))}, which makes no groups"
        instead = "name a field of text, whole numbers, times or flags"
        scope.problems.append(Problem(name.place, what, instead))


AGGREGATES = Clause(
    Key(
        "aggregates",
        ListKind(RecordKind("aggregate"), "an aggregate"),
        "Boolean SQL expressions of aggregates, true of all rows together or of each group.",
        "[{name: enough_files, sql: count(DISTINCT path) >= 100, per: [file_id]}]",
        default=(),
    ),
    _build,
    {"aggregate": _RECORD},
)
