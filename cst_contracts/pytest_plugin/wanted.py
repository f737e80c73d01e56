"""Selected checks to what must be known of each relation's rows."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from cst_contracts.checks.model import Check
from cst_contracts.checks.needs import Need, NullsNeed, RuleNeed, needs_of
from cst_contracts.contract.model import Contract, RuleContract


class Wanted(Struct, frozen=True):
    """By relation: a table or a view."""

    needs: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)

    def null_paths(self, relation: str) -> tuple[str, ...]:
        needs = self.needs.get(relation, ())
        return tuple(need.path for need in needs if isinstance(need, NullsNeed))

    def rules(self, relation: str) -> tuple[RuleContract, ...]:
        needs = self.needs.get(relation, ())
        return tuple(need.rule for need in needs if isinstance(need, RuleNeed))


def wanted_by(selected: Iterable[tuple[Contract, Check]]) -> Wanted:
    needs: dict[str, dict[Need, None]] = {}
    for _, check in selected:
        for relation, need in needs_of(check):
            needs.setdefault(relation, {})[need] = None
    return Wanted({relation: tuple(found) for relation, found in needs.items()})
