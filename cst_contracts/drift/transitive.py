"""Finds what a change breaks for older versions of a contract, whose `evolution` promises it to all of them.

A field that goes, and comes back later as another type, breaks nothing in either step, and all who kept what
was written at first. Only what the newest state does anew is told: what was accepted once stays accepted.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from cst_contracts.contract.model import Contract, Evolution
from cst_contracts.drift.merging import Compared, Entry, Standing, State, compare_states
from cst_contracts.drift.rule import Rule
from cst_contracts.drift.versions import Step


class History(Struct, frozen=True):
    """The states of a project before one, the newest first. `unread` says why one of them is left out, and
    `missing` why there may be others that nobody can see; empty where all are here."""

    states: tuple[State, ...] = ()
    unread: tuple[str, ...] = ()
    missing: str = ""


class TransitiveBreak(Struct, frozen=True):
    """A change against an older state, named `since`. `version` is the one that the contract had there."""

    contract: Contract
    entry: Entry
    since: str
    version: str | None

    def is_waived(self, today: date) -> bool:
        waiver = self.entry.waiver
        return waiver is not None and waiver.expires >= today


def is_transitive(contract: Contract) -> bool:
    evolution = contract.evolution
    return (
        evolution is not None and evolution.overall is not None and evolution.overall.is_transitive
    )


def any_transitive(state: State) -> bool:
    return any(map(is_transitive, state.contracts))


def transitive_breaks(
    before: State, after: State, earlier: Sequence[State], today: date
) -> Iterator[TransitiveBreak]:
    """`earlier` are the states before `before`, the newest first. Each change is told against the newest
    state that it breaks. A major step of the version since then allows it."""
    contracts = {each.file: each for each in after.contracts if is_transitive(each)}
    told = set(_known(compare_states(before, after, today)))
    for state in (before, *earlier):
        had = set(_known(compare_states(state, before, today), of_told=True))
        for each in compare_states(state, after, today):
            contract = contracts.get(each.file)
            if contract is None or each.step is Step.MAJOR:
                continue
            for entry in each.entries:
                key = _key(each, entry)
                if key not in told and key not in had and _breaks(entry.rule, contract):
                    told.add(key)
                    yield TransitiveBreak(contract, entry, state.name, each.version_before)


def _known(compared: Sequence[Compared], *, of_told: bool = False) -> Iterator[str]:
    """Of the changes that are red, waived or allowed already; `of_told`: of all."""
    for each in compared:
        for entry in each.entries:
            if of_told or entry.standing is not Standing.TOLD:
                yield _key(each, entry)


def _key(compared: Compared, entry: Entry) -> str:
    """A change as it was accepted. Behind which field one moved depends on what else came and went."""
    if entry.rule.id != "field-moved":
        return entry.fingerprint
    return f"{compared.file} {entry.line.partition(': moved')[0]} moved"


def _breaks(rule: Rule, contract: Contract) -> bool:
    overall = None if contract.evolution is None else contract.evolution.overall
    match overall:
        case Evolution.BACKWARD_TRANSITIVE:
            return rule.breaks_writers
        case Evolution.FORWARD_TRANSITIVE:
            return rule.breaks_readers
        case Evolution.FULL_TRANSITIVE:
            return rule.breaks_readers or rule.breaks_writers
        case Evolution.BACKWARD | Evolution.FORWARD | Evolution.FULL:
            return False
        case Evolution.NONE | Evolution.FREEZE | None:
            return False
