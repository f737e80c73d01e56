"""The clause that names fields whose every non-null value exists in another table."""

from msgspec import Struct

from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.clauses.severity import Severity, severity_key
from cst_contracts.contract.clauses.tolerance import (
    FOREIGN_TOLERANCE,
    NOTHING_TOLERATED,
    Tolerance,
    at_most_key,
    tolerance_of,
)
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    FIELD_NAMES,
    FLAG,
    TABLE_NAME,
    Foreign,
    Key,
    ListKind,
    Record,
    RecordKind,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.errors import Problem
from cst_contracts.location import Location


class ReferenceContract(Struct, frozen=True):
    fields: tuple[str, ...]
    table: str
    to: tuple[str, ...]
    place: Location
    allow_empty: bool = False
    severity: Severity = Severity.ERROR
    tolerance: Tolerance = NOTHING_TOLERATED


_RECORD = Record(
    "reference",
    "Fields whose every non-null value exists in another table.",
    keys_by_name(
        required_key(
            "fields",
            FIELD_NAMES,
            "Fields of this table, or paths into its lists and structs.",
            "[file_id]",
            "$to",
        ),
        required_key(
            "table", TABLE_NAME, "The table in which the values exist.", "libcst_files_v1", "…"
        ),
        required_key(
            "to",
            FIELD_NAMES,
            "Fields of the other table, one for each of `fields`.",
            "[file_id]",
            "$fields",
        ),
        Key(
            "allow_empty",
            FLAG,
            "Whether a reference that is null in every row is kept.",
            "true",
            default=False,
        ),
        severity_key("reference"),
        at_most_key("values that the other table does not have"),
    ),
    foreign=(
        Foreign(
            ("field", "column", "columns", "from", "name"), "write `fields: $list`", means="fields"
        ),
        Foreign(
            ("references", "to_table", "ref_table", "of", "relation"),
            "write `table: $value`",
            means="table",
        ),
        Foreign(
            ("to_fields", "to_columns", "ref_fields", "ref_columns"),
            "write `to: $list`",
            means="to",
        ),
        Foreign(("level",), "write `severity: $value`"),
        FOREIGN_TOLERANCE,
    ),
)


def _build(scope: Scope) -> tuple[ReferenceContract, ...]:
    references: dict[tuple[object, ...], ReferenceContract] = {}
    for form in scope.form.forms("references"):
        reference = _reference(form, scope)
        identity = (reference.fields, reference.table, reference.to)
        first = references.setdefault(identity, reference)
        if first is not reference:
            what = "the same reference is promised twice"
            instead = f"remove one, the first is on line {first.place.line}"
            scope.problems.append(Problem(form.place, what, instead))
    return tuple(references.values())


def _reference(form: Form, scope: Scope) -> ReferenceContract:
    fields, to = form.texts("fields"), form.texts("to")
    refuse_repeats(fields, "field", scope.problems)
    refuse_repeats(to, "field", scope.problems)
    scope.promised.refuse_unknown_paths(fields, scope.problems)
    if fields and to and len(fields) != len(to):
        what = f"`to` names {len(to)} fields where `fields` names {len(fields)}"
        instead = "name one for each, in the same order"
        scope.problems.append(Problem(form.key_places["to"], what, instead))
    return ReferenceContract(
        tuple(map(scope.promised.path_of, fields)),
        form.words("table"),
        tuple(field.text for field in to),
        form.place,
        form.flag("allow_empty"),
        form.choice("severity", Severity),
        tolerance_of(form),
    )


REFERENCES = Clause(
    Key(
        "references",
        ListKind(RecordKind("reference"), "a reference"),
        "Fields whose every non-null value exists in another table.",
        "[{fields: [file_id], table: libcst_files_v1, to: [file_id]}]",
        default=(),
    ),
    _build,
    {"reference": _RECORD},
)
