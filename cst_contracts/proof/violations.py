"""Which promises about rows some rows break, read naively: a filter before the gate is asked."""

from collections.abc import Iterator

from cst_contracts.checks.check import Check
from cst_contracts.checks.keys import KeyUnique
from cst_contracts.checks.nulls import NoNulls
from cst_contracts.checks.references import ReferencesExist
from cst_contracts.checks.rules import RuleHolds
from cst_contracts.contract.model import TableContract
from cst_contracts.proof.keys import identity
from cst_contracts.proof.references import dangling, tuples
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.rules import truths
from cst_contracts.proof.staging import Stage


def violations(contract: TableContract, checks: tuple[Check, ...], stage: Stage) -> set[str]:
    """The ids of checks of nulls, keys, references and rules that these rows break."""
    rows = stage.rows
    made = {**stage.others, contract.name: rows}
    rules = tuple(check for check in checks if isinstance(check, RuleHolds))
    found = set(_false_rules(contract, rows, rules))
    for check in checks:
        match check:
            case NoNulls() if any(slot.value is None for slot in rows.slots(check.field.path)):
                found.add(check.id)
            case KeyUnique() if _repeats(rows, check):
                found.add(check.id)
            case ReferencesExist() if dangling(rows, [check.reference], made):
                found.add(check.id)
            case _:
                pass
    return found


def _repeats(rows: Rows, check: KeyUnique) -> bool:
    keys = [
        identity(slots)
        for slots in tuples(rows, check.key.fields)
        if all(slot.value is not None for slot in slots)
    ]
    return len(keys) > len(set(keys))


def _false_rules(
    contract: TableContract, rows: Rows, rules: tuple[RuleHolds, ...]
) -> Iterator[str]:
    if not rules or not rows.count:
        return
    told = truths(contract.name, rows.table(), [check.rule for check in rules])
    for check, column in zip(rules, zip(*told, strict=True), strict=True):
        if False in column:
            yield check.id
