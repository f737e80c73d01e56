"""Every measure, and the plan that all of them make for one relation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cst_contracts.engine.rows.aggregates import AGGREGATES
from cst_contracts.engine.rows.keys import KEYS
from cst_contracts.engine.rows.measure import Measure
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


def footer_paths(needs: Iterable[AnyRowNeed]) -> list[str]:
    """The paths of which footers may prove something."""
    paths = (path for need in needs for path in measure_of(need).footer_paths(need))
    return list(dict.fromkeys(paths))


def footer_ranges(needs: Iterable[AnyRowNeed]) -> list[str]:
    """The paths of whose values footers may tell the least and the greatest."""
    paths = (path for need in needs for path in measure_of(need).footer_ranges(need))
    return list(dict.fromkeys(paths))


def footer_texts(needs: Iterable[AnyRowNeed]) -> list[str]:
    """The fields of whose texts it may be enough to know which different ones there are."""
    names = (name for need in needs for name in measure_of(need).footer_texts(need))
    return list(dict.fromkeys(names))


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
