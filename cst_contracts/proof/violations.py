"""Which promises about rows some rows break, read naively: a filter before the gate is asked."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from cst_contracts.checks.aggregates import AggregateHolds
from cst_contracts.checks.check import Check
from cst_contracts.checks.freshness import RowsFresh
from cst_contracts.checks.keys import KeyUnique
from cst_contracts.checks.nulls import NoNulls
from cst_contracts.checks.references import ReferencesExist
from cst_contracts.checks.rules import RuleHolds
from cst_contracts.checks.value_constraints import ValuesKept
from cst_contracts.contract.model import TableContract
from cst_contracts.proof.aggregates import truths_of_groups
from cst_contracts.proof.keys import identity
from cst_contracts.proof.kinds import kind_of
from cst_contracts.proof.limits import limits_passed
from cst_contracts.proof.moments import oldest_young
from cst_contracts.proof.references import hanging, whole
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.rules import truths
from cst_contracts.proof.staging import Stage


def violations(
    contract: TableContract, checks: tuple[Check, ...], stage: Stage, now: datetime
) -> set[str]:
    """The ids of checks of nulls, values, keys, references, rules, aggregates and freshness that these rows
    break."""
    rows, checks = stage.rows, tuple(map(kind_of, checks))
    made = {**stage.others, contract.name: rows}
    rules = tuple(check for check in checks if isinstance(check, RuleHolds))
    found = set(_false_rules(contract, rows, rules))
    for check in checks:
        if isinstance(check, NoNulls | ValuesKept | KeyUnique | ReferencesExist):
            broken, looked_at = _counted(check, rows, made)
            if not check.tolerance.allows(broken, looked_at):
                found.add(check.id)
        elif isinstance(check, AggregateHolds):
            found.update(_of_aggregate(check, rows))
        elif isinstance(check, RowsFresh) and _is_stale(check, rows, now):
            found.add(check.id)
    return found


def _of_aggregate(check: AggregateHolds, rows: Rows) -> Iterator[str]:
    """One that is NULL is not broken, and not kept, either."""
    held = truths_of_groups(check.table, rows.table(), check.aggregate) if rows.count else []
    if False in held:
        yield check.id
    elif None in held:
        yield f"{check.id}, of which nothing is known"


def _is_stale(check: RowsFresh, rows: Rows, now: datetime) -> bool:
    name = check.freshness.field
    youngest = oldest_young(check.freshness, rows.schema.field(name).type, now)
    return not any(each is not None and each >= youngest for each in rows.columns[name])


def _counted(
    check: NoNulls | ValuesKept | KeyUnique | ReferencesExist, rows: Rows, made: Mapping[str, Rows]
) -> tuple[int, int]:
    """The violations, and what was looked at for them."""
    match check:
        case NoNulls():
            values = [slot.value for slot in rows.slots(check.field.path)]
            return values.count(None), len(values)
        case ValuesKept(constraint=constraint):
            slots = rows.slots(check.field.path)
            values = [slot.value for slot in slots if slot.value is not None]
            passed = limits_passed(check.field, values)
            return sum(constraint.limit in limits for limits in passed), len(values)
        case KeyUnique():
            keys = [identity(slots) for slots in whole(rows, check.key.fields)]
            return len(keys) - len(set(keys)), len(keys)
        case ReferencesExist():
            references = list(whole(rows, check.reference.fields))
            return len(hanging(rows, check.reference, made)), len(references)


def _false_rules(
    contract: TableContract, rows: Rows, rules: tuple[RuleHolds, ...]
) -> Iterator[str]:
    if not rules or not rows.count:
        return
    told = truths(contract.name, rows.table(), [check.rule for check in rules])
    for check, column in zip(rules, zip(*told, strict=True), strict=True):
        if not check.rule.tolerance.allows(column.count(False), rows.count):
            yield check.id
