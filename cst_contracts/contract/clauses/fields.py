"""The clauses about all fields of a table: which ones, in what order, and what else may be there."""

from enum import StrEnum

from cst_contracts.contract.clauses.clause import Clause
from cst_contracts.contract.clauses.field import FIELD, FIELD_LIST, NullabilityMode
from cst_contracts.contract.clauses.value_constraints import INNER
from cst_contracts.contract.kinds import Key, choice_of, required_key


class ExtraFields(StrEnum):
    """What fields of the table mean that nobody promised."""

    FORBID = "forbid"
    ALLOW = "allow"


class FieldOrder(StrEnum):
    """Whether the sequence of the fields is part of the promise."""

    STRICT = "strict"
    ANY = "any"


FIELDS = Clause(
    required_key(
        "fields",
        FIELD_LIST,
        "The promised fields, in order.",
        "[{name: file_id, type: string}]",
        "[{name: …, type: …}]",
    ),
    lambda scope: scope.fields,
    {"field": FIELD, "inner": INNER},
)

NULLABILITY = Clause(
    Key(
        "nullability",
        choice_of(NullabilityMode),
        "What breaks `nullable: false`: nulls that are found, or flags that allow null, too.",
        "strict",
        default=NullabilityMode.VALUES,
    ),
    lambda scope: scope.form.choice("nullability", NullabilityMode),
)

EXTRA_FIELDS = Clause(
    Key(
        "extra_fields",
        choice_of(ExtraFields),
        "Whether the table may have fields that nobody promised.",
        "allow",
        default=ExtraFields.FORBID,
    ),
    lambda scope: scope.form.choice("extra_fields", ExtraFields),
)

FIELD_ORDER = Clause(
    Key(
        "field_order",
        choice_of(FieldOrder),
        "Whether the fields must stand in the promised order.",
        "any",
        default=FieldOrder.STRICT,
    ),
    lambda scope: scope.form.choice("field_order", FieldOrder),
)
