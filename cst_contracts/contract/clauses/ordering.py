"""The order in which the rows of a table are stored."""

from enum import StrEnum

from msgspec import Struct

from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    FIELD_NAME,
    EitherKind,
    Key,
    ListKind,
    Record,
    RecordKind,
    choice_of,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import Promised, refuse_repeats
from cst_contracts.contract.problems import Problems
from cst_contracts.location import Location


class Direction(StrEnum):
    ASC = "asc"
    DESC = "desc"


class Nulls(StrEnum):
    FIRST = "first"
    LAST = "last"


class OrderingTerm(Struct, frozen=True):
    field: str
    place: Location
    descending: bool = False
    nulls_first: bool = False


ORDERING = Record(
    "ordering field",
    "One field of the order of the stored rows.",
    keys_by_name(
        required_key("field", FIELD_NAME, "Name of the field.", "bstart", "…"),
        Key(
            "direction",
            choice_of(Direction),
            "Whether its values rise or fall.",
            "desc",
            default=Direction.ASC,
        ),
        Key(
            "nulls",
            choice_of(Nulls),
            "Whether nulls come before or after all values.",
            "first",
            default=Nulls.LAST,
        ),
    ),
)

ORDERED_BY = Key(
    "ordered_by",
    ListKind(
        EitherKind(FIELD_NAME, RecordKind("ordering"), "a field name, or a mapping with `field`"),
        "an ordering field",
    ),
    "The order of the stored rows, most significant field first.",
    "[path, {field: bstart, direction: desc}]",
    default=(),
)


def build_ordering(
    source: Form, promised: Promised, problems: Problems
) -> tuple[OrderingTerm, ...]:
    entries = source.named("ordered_by", "field")
    names = [entry.name for entry in entries]
    refuse_repeats(names, "ordering field", problems)
    promised.refuse_unknown_columns(names, problems)
    return tuple(
        OrderingTerm(
            entry.name.text,
            entry.place,
            descending=entry.form is not None and entry.form.words("direction") == Direction.DESC,
            nulls_first=entry.form is not None and entry.form.words("nulls") == Nulls.FIRST,
        )
        for entry in entries
    )
