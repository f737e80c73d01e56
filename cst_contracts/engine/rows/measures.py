"""Every measure, and the plan that all of them make for one relation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cst_contracts.engine.rows.aggregates import AGGREGATES
from cst_contracts.engine.rows.keys import KEYS
from cst_contracts.engine.rows.measure import FromFooters, Measure
from cst_contracts.engine.rows.newest import NEWEST
from cst_contracts.engine.rows.nulls import NULLS
from cst_contracts.engine.rows.order import ORDER
from cst_contracts.engine.rows.plan import Answer, Queried, RowPlan, Scannable
from cst_contracts.engine.rows.references import REFERENCES
from cst_contracts.engine.rows.results import Result
from cst_contracts.engine.rows.rules import RULES
from cst_contracts.engine.rows.spread import SPREAD
from cst_contracts.engine.rows.values import VALUES
from cst_contracts.facts import CouldNotLook
from cst_contracts.needs import (
    AggregateNeed,
    AnyRowNeed,
    KeyNeed,
    NewestNeed,
    NullsNeed,
    OrderNeed,
    ReferenceNeed,
    RuleNeed,
    SpreadNeed,
    ValuesNeed,
)

#: In the order in which they plan: a key may ride on an order.
MEASURES: Mapping[type[AnyRowNeed], Measure[Any]] = {
    NullsNeed: NULLS,
    ValuesNeed: VALUES,
    SpreadNeed: SPREAD,
    RuleNeed: RULES,
    OrderNeed: ORDER,
    KeyNeed: KEYS,
    ReferenceNeed: REFERENCES,
    NewestNeed: NEWEST,
    AggregateNeed: AGGREGATES,
}


def measure_of(need: AnyRowNeed) -> Measure[Any]:
    return MEASURES[type(need)]


def by_measure(
    needs: Iterable[AnyRowNeed],
) -> Iterator[tuple[Measure[Any], list[AnyRowNeed]]]:
    """The needs of each measure, in the order in which measures plan."""
    wanted = list(dict.fromkeys(needs))
    for kind, measure in MEASURES.items():
        own = [need for need in wanted if type(need) is kind]
        if own:
            yield measure, own


def from_footers(needs: Iterable[AnyRowNeed]) -> FromFooters:
    """What footers may tell that is of use to any of these."""
    found = [measure_of(need).from_footers(need) for need in needs]
    return FromFooters(
        _once(each.nulls for each in found),
        _once(each.ranges for each in found),
        _once(each.texts for each in found),
    )


def _once(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for group in groups for path in group))


def plan_rows(relation: str, needs: Sequence[AnyRowNeed], scannable: Scannable | None) -> RowPlan:
    """Without files to scan, the engine is asked for each answer."""
    if scannable is None:
        why = "it has no files that can be scanned"
        return RowPlan(relation, tuple(Queried(need, why) for need in needs))
    planned: dict[AnyRowNeed, Answer] = {}
    for measure, own in by_measure(needs):
        answers = measure.plan(own, scannable, list(planned.values()))
        planned.update((answer.need, answer) for answer in answers)
    return RowPlan(relation, tuple(planned[need] for need in needs), scannable.evidence.rows)


def is_broken(need: AnyRowNeed, result: Result) -> bool:
    """Whether more rows break the promise than are tolerated; not where nobody could look."""
    if isinstance(result, CouldNotLook):
        return False
    measure = measure_of(need)
    return not need.tolerated.allows(measure.violations(result), measure.looked_at(result))
