"""Chooses among changes those that break one promise and no other, before the gate is asked."""

from collections.abc import Iterable, Iterator
from itertools import islice

from cst_contracts.checks.aggregates import AggregateHolds
from cst_contracts.checks.check import Check
from cst_contracts.checks.rules import RuleHolds
from cst_contracts.contract.model import TableContract
from cst_contracts.proof.breakers.breaker import Ground
from cst_contracts.proof.kinds import kind_of
from cst_contracts.proof.staging import Stage
from cst_contracts.proof.violations import violations

#: Changes that are looked through for one that breaks nothing else, and how many of them the gate is asked.
_LOOKED_THROUGH = 400
ASKED = 4
#: How many more are looked through once there is one.
_FURTHER = 20


def alone(check: Check, ground: Ground, stages: Iterable[Stage]) -> Iterator[Stage]:
    """The first of those that break nothing else, as far as rows tell; else the first of all."""
    contract = table_of(ground)
    others = tuple(each for each in ground.checks if _is_kept(each, ground))
    unkept = violations(contract, others, ground.stage, ground.now)
    found: list[Stage] = []
    spoiling: list[Stage] = []
    last = _LOOKED_THROUGH
    for number, stage in enumerate(islice(stages, _LOOKED_THROUGH)):
        if number > last:
            break
        broken = violations(contract, others, stage, ground.now) - unkept
        if broken == {check.id}:
            found.append(stage)
            last = min(last, number + _FURTHER)
            if len(found) == ASKED:
                break
        elif check.id in broken:
            spoiling.append(stage)
    return iter(found or spoiling[:1])


def _is_kept(check: Check, ground: Ground) -> bool:
    """Whether it is none of the rules and aggregates that no rows keep."""
    kind, keepable = kind_of(check), ground.keepable
    if not isinstance(keepable, TableContract):
        return True
    if isinstance(kind, RuleHolds):
        return kind.rule in keepable.rules
    return not isinstance(kind, AggregateHolds) or kind.aggregate in keepable.aggregates


def table_of(ground: Ground) -> TableContract:
    if not isinstance(ground.contract, TableContract):
        raise TypeError(f"{ground.contract.name} is no table's contract")
    return ground.contract
