"""What one reading of an unbounded table answers of its promises."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from cst_contracts.checks.model import (
    Check,
    FieldKept,
    FieldsComplete,
    KeyUnique,
    NoNulls,
    OrderMeasured,
    ReferencesExist,
    RowsPresent,
    RuleHolds,
    SchemaSnapshot,
)
from cst_contracts.checks.needs import needs_of
from cst_contracts.checks.verdict import Observation
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Basis, ValueFacts

if TYPE_CHECKING:
    from cst_contracts.engine.live import Live


def streamed(live: "Live", check: Check) -> Observation | None:
    """None for a check that needs no row of an unbounded table."""
    match check:
        case (
            FieldKept(table=table)
            | FieldsComplete(table=table)
            | SchemaSnapshot(table=table)
            | RowsPresent(table=table)
            | NoNulls(table=table)
            | KeyUnique(table=table)
            | ReferencesExist(table=table)
            | RuleHolds(table=table)
            | OrderMeasured(table=table)
        ) if live.catalog.promises_stream(table):
            return _observed(live, check, table)
        case _:
            return None


def _observed(live: "Live", check: Check, table: str) -> Observation:
    facts = live.catalog.facts(table)
    if isinstance(facts, IntrospectionError):
        return Observation(table=facts)
    read = live.measurements.stream(table)
    if isinstance(read, IntrospectionError):
        return Observation(table=read)
    seen = replace(facts, schema=read.schema, text=True, rows=read.rows, rows_basis=Basis.SCAN)
    observation = Observation(table=seen, cut=read.cut)
    for _, need in needs_of(check):
        match read.answers.get(need):
            case ValueFacts() as values:
                return replace(observation, values=values)
            case answer:
                return replace(observation, measured=answer)
    return observation
