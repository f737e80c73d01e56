"""The clause of SQL expressions that are true of every row."""

from msgspec import Struct

from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.clauses.severity import Severity, severity_key
from cst_contracts.contract.clauses.source import SourceFormat
from cst_contracts.contract.clauses.tolerance import (
    FOREIGN_TOLERANCE,
    NOTHING_TOLERATED,
    Tolerance,
    at_most_key,
    tolerance_of,
)
from cst_contracts.contract.folded import refuse_folded
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    FLAG,
    NAME,
    SQL,
    Condition,
    Foreign,
    Key,
    ListKind,
    Record,
    RecordKind,
    Refusal,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.errors import Problem
from cst_contracts.location import Location


class RuleContract(Struct, frozen=True):
    """A condition on every row. `enforced`: the Delta log has a constraint that says the same, so that no
    writer can break it."""

    name: str
    sql: str
    place: Location
    severity: Severity = Severity.ERROR
    enforced: bool = False
    allow_empty: bool = False
    tolerance: Tolerance = NOTHING_TOLERATED


_RECORD = Record(
    "rule",
    "A boolean SQL expression that is true of every row.",
    keys_by_name(
        required_key(
            "name", NAME, "Name of the rule, which its check is called by.", "span_is_forward", "…"
        ),
        required_key("sql", SQL, "The expression, of the table's columns.", "bend >= bstart", "…"),
        severity_key("rule"),
        at_most_key("rows for which it is false"),
        Key(
            "enforced",
            FLAG,
            "Whether the Delta log has to have a constraint that says the same.",
            "true",
            default=False,
        ),
        Key(
            "allow_empty",
            FLAG,
            "Whether a rule that is NULL for every row is kept.",
            "true",
            default=False,
        ),
    ),
    conditions=(
        Condition(
            "at_most",
            refuses=(
                Refusal(
                    "enforced",
                    "`enforced: true` beside `at_most`",
                    "leave one of them out: what the log enforces no row breaks",
                    only_true=True,
                ),
            ),
        ),
    ),
    foreign=(
        Foreign(
            ("expression", "expr", "check", "condition", "rule"),
            "write `sql: $value`",
            means="sql",
        ),
        Foreign(("id", "title"), "write `name: $value`", means="name"),
        Foreign(("level",), "write `severity: $value`"),
        FOREIGN_TOLERANCE,
    ),
    short="sql",
)


def _build(scope: Scope) -> tuple[RuleContract, ...]:
    forms = scope.form.forms("rules")
    names = (form.text("name") for form in forms)
    refuse_repeats(filter(None, names), "rule", scope.problems)
    _refuse_unenforceable(forms, scope)
    for form in forms:
        if (sql := form.text("sql")) is not None:
            refuse_folded(sql, scope.promised.columns.types, scope.problems)
    return tuple(
        RuleContract(
            form.words("name"),
            form.words("sql"),
            form.place,
            form.choice("severity", Severity),
            enforced=form.flag("enforced"),
            allow_empty=form.flag("allow_empty"),
            tolerance=tolerance_of(form),
        )
        for form in forms
    )


def _refuse_unenforceable(rules: tuple[Form, ...], scope: Scope) -> None:
    """Refuses `enforced` beside any source but Delta: only a Delta log says what its writers are held to."""
    source = scope.form.value("source", Form)
    if source is not None and source.words("format") == SourceFormat.DELTA:
        return
    for rule in rules:
        if rule.flag("enforced"):
            what = "`enforced: true` in a contract whose source enforces nothing"
            instead = "write `format: delta` under `source`, or leave `enforced` out"
            scope.problems.append(Problem(rule.key_places["enforced"], what, instead))


RULES = Clause(
    Key(
        "rules",
        ListKind(RecordKind("rule"), "a rule"),
        "Boolean SQL expressions that are true of every row; NULL counts as kept.",
        "[{name: span_is_forward, sql: bend >= bstart}]",
        default=(),
    ),
    _build,
    {"rule": _RECORD},
)
