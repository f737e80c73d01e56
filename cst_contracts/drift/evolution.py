"""Says which drift of an accepted snapshot is red, by the contract's `evolution`."""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.contract.model import Evolution, EvolutionContract
from cst_contracts.drift.changes import Change
from cst_contracts.drift.compatibility import rule_of
from cst_contracts.drift.rule import ChangeKind, Rule

#: The rules that each mode of a kind allows, beside `freeze`, which allows none, and `any`, which allows all.
_ALLOWED: Mapping[tuple[str, str], frozenset[str]] = MappingProxyType(
    {
        ("fields", "add"): frozenset({"field-added", "required-field-added"}),
        ("types", "widen"): frozenset({"type-widened"}),
        ("nullability", "loosen"): frozenset({"nullability-loosened"}),
        ("nullability", "tighten"): frozenset({"nullability-tightened"}),
        ("ordering", "extend"): frozenset({"ordering-extended"}),
        ("views", "add"): frozenset({"view-added"}),
        ("functions", "add"): frozenset({"function-added", "signature-added"}),
    }
)


def is_red(change: Change, evolution: EvolutionContract | None) -> bool:
    """Whether a change of what was accepted fails; without an `evolution`, every one does. Of one snapshot,
    the transitive words say what the others do: those before it are compared by `transitive_breaks`."""
    if evolution is None:
        return True
    rule = rule_of(change)
    if evolution.overall is None:
        return not _is_allowed(rule, dict(evolution.kinds))
    match evolution.overall:
        case Evolution.FREEZE:
            return True
        case Evolution.NONE:
            return False
        case Evolution.FORWARD | Evolution.FORWARD_TRANSITIVE:
            return rule.breaks_readers
        case Evolution.BACKWARD | Evolution.BACKWARD_TRANSITIVE:
            return rule.breaks_writers
        case Evolution.FULL | Evolution.FULL_TRANSITIVE:
            return rule.breaks_readers or rule.breaks_writers


def is_frozen(kind: ChangeKind, evolution: EvolutionContract) -> bool:
    """Whether nothing of a kind may change, not even how it is spelled."""
    if evolution.overall is None:
        return dict(evolution.kinds).get(kind, "freeze") == "freeze"
    return evolution.overall is Evolution.FREEZE


def _is_allowed(rule: Rule, modes: Mapping[str, str]) -> bool:
    """What no kind covers, such as another name of the table, is frozen."""
    mode = modes.get(rule.kind, "freeze")
    if mode == "any" and rule.kind is not ChangeKind.PROMISES:
        return True
    return rule.id in _ALLOWED.get((rule.kind, mode), frozenset())
