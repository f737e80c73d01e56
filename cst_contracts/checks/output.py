"""What is promised of the fields that a view or a query gives: one check answers for all of it."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.checks.field_set import FieldsComplete
from cst_contracts.checks.fields import FieldKept, node_checks
from cst_contracts.checks.nulls import NoNulls, nulls_below
from cst_contracts.checks.value_constraints import ValuesKept, values_below
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.contract.model import (
    ExtraFields,
    FieldContract,
    FieldOrder,
    Severity,
    TableContract,
)
from cst_contracts.location import Location

Part: TypeAlias = FieldKept | FieldsComplete | NoNulls | ValuesKept


class Output(Struct, frozen=True):
    """The promises, in the sequence in which they are told: they have no ids of their own to type."""

    fields: tuple[FieldKept, ...]
    complete: FieldsComplete | None
    nulls: tuple[NoNulls, ...]
    values: tuple[ValuesKept, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        complete = () if self.complete is None else (self.complete,)
        return (*self.fields, *complete, *self.nulls, *self.values)


def output_of(
    contract: TableContract, relation: str, place: Location, promised: Sequence[FieldContract]
) -> Output:
    """That there is nothing to look at is told, and not red: a query of a table with rows may have none."""
    names = tuple(field.name for field in promised)
    ordered = names if contract.field_order is FieldOrder.STRICT else ()
    fields = tuple(
        check
        for field in promised
        for check in node_checks(contract, relation, field, siblings=ordered)
    )
    flags = tuple(check for check in fields if not check.field.nullable)
    forbid_extra = contract.extra_fields is ExtraFields.FORBID
    complete = FieldsComplete(relation, place, names, ordered, forbid_extra, flags)
    nulls = (each for field in promised for each in nulls_below(relation, field, allow_empty=True))
    values = (
        each for field in promised for each in values_below(relation, field, allow_empty=True)
    )
    return Output(fields, complete if names else None, tuple(nulls), tuple(values))


def red_findings(parts: Sequence[Part], verdicts: Sequence[Verdict]) -> Iterator[Finding]:
    """Of the parts that are broken and do not only warn."""
    for part, verdict in zip(parts, verdicts, strict=True):
        if isinstance(verdict, Broken) and part.severity is Severity.ERROR:
            yield from verdict.findings


def notes_of(verdicts: Sequence[Verdict]) -> Iterator[Finding]:
    """Of what is kept as a whole; a part that is broken only warns."""
    for verdict in verdicts:
        match verdict:
            case Kept(notes=notes) | Broken(findings=notes):
                yield from notes
            case Vacuous(finding=found):
                yield found
            case Undecided() | Waived():
                pass
