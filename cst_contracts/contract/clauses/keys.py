"""The clause that names the sets of fields which are unique over the table."""

from collections.abc import Sequence

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
from cst_contracts.contract.forms import Form, Items, Value, texts
from cst_contracts.contract.kinds import (
    FIELD_NAMES,
    EitherKind,
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
from cst_contracts.errors import Problem
from cst_contracts.location import Location


class KeyContract(Struct, frozen=True):
    fields: tuple[str, ...]
    place: Location
    severity: Severity = Severity.ERROR
    tolerance: Tolerance = NOTHING_TOLERATED


_RECORD = Record(
    "key",
    "A set of fields that is unique over the table.",
    keys_by_name(
        required_key(
            "fields",
            FIELD_NAMES,
            "The fields, or paths into lists and structs.",
            "[file_id, bstart, bend]",
            "[…]",
        ),
        severity_key("key"),
        at_most_key("rows or elements more than there are keys"),
    ),
    foreign=(
        Foreign(
            ("field", "column", "columns", "name", "on"), "write `fields: $list`", means="fields"
        ),
        Foreign(("level",), "write `severity: $value`"),
        FOREIGN_TOLERANCE,
    ),
)


def _build(scope: Scope) -> tuple[KeyContract, ...]:
    keys: dict[frozenset[str], KeyContract] = {}
    for item in scope.form.items("keys"):
        key = _key(item, scope)
        if key is None:
            continue
        first = keys.setdefault(frozenset(key.fields), key)
        if first is not key:
            instead = f"remove one, the first is on line {first.place.line}"
            scope.problems.append(Problem(key.place, "the same key is promised twice", instead))
    return tuple(keys.values())


def _key(item: Value, scope: Scope) -> KeyContract | None:
    """Of a list of fields, or of a mapping that says more of them."""
    match item:
        case Items(place=place):
            return KeyContract(_paths(texts(item), scope), place)
        case Form(place=place):
            paths = _paths(item.texts("fields"), scope)
            return KeyContract(paths, place, item.choice("severity", Severity), tolerance_of(item))
        case _:
            return None


def _paths(written: Sequence[Scalar], scope: Scope) -> tuple[str, ...]:
    refuse_repeats(written, "field", scope.problems)
    scope.promised.refuse_unknown_paths(written, scope.problems)
    return tuple(map(scope.promised.path_of, written))


KEYS = Clause(
    Key(
        "keys",
        ListKind(
            EitherKind(
                FIELD_NAMES,
                RecordKind("key"),
                "a list of field names, or a mapping with `fields`",
            ),
            "a key",
        ),
        "Sets of fields that are unique over the table; paths such as refs[].ref_id reach "
        "into lists.",
        "[[ref_id], {fields: [file_id, bstart, bend], severity: warn}]",
        default=(),
    ),
    _build,
    {"key": _RECORD},
)
