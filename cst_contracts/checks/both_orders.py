"""A broken order and the other side of it, declared or measured, in one diagnostic."""

from collections.abc import Sequence

from msgspec.structs import replace

from cst_contracts.checks.model import Check, OrderDeclared, OrderMeasured, OrderPlanned
from cst_contracts.checks.verdict import Broken, Observation, Verdict
from cst_contracts.facts import OrderingFacts, RowOrder, SortTerm, TableFacts


def with_other_side(check: Check, verdict: Verdict, observation: Observation) -> Verdict:
    """As far as the other side was looked at."""
    match check, verdict, observation:
        case OrderMeasured(), Broken(), Observation(
            table=TableFacts(ordering=OrderingFacts() as o)
        ):
            return _told(verdict, f"declared: {_declared(o)}")
        case OrderDeclared() | OrderPlanned(), Broken(), Observation(measured=RowOrder() as order):
            return _told(verdict, f"measured: {_measured(order)}")
        case _:
            return verdict


def _told(broken: Broken, other: str) -> Broken:
    first, *more = broken.findings
    return replace(broken, findings=(replace(first, observed=f"{first.observed}; {other}"), *more))


def _declared(ordering: OrderingFacts) -> str:
    planned = f"the plan shows {_terms(ordering.planned)}"
    claimed = sorted({_terms(each.terms) for each in ordering.stored if each.terms})
    footers = f", footers claim {' and '.join(claimed)}" if claimed else ""
    return f"{planned}{footers}"


def _terms(terms: Sequence[SortTerm]) -> str:
    return ", ".join(map(str, terms)) if terms else "no order"


def _measured(order: RowOrder) -> str:
    """Without values, which may be sensitive."""
    if not order.violations:
        return f"all of {order.rows} rows are in the promised order"
    first = f", first in {order.examples[0].file}" if order.examples else ""
    return f"{order.violations} of {order.rows} rows are out of the promised order{first}"
