"""Judges whether one state of a project's contracts may follow another: what changed, and whom it breaks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct, field

from cst_contracts.contract.model import Contract, TableContract, WaiverContract
from cst_contracts.drift.changes import Change, diff
from cst_contracts.drift.compatibility import rule_of
from cst_contracts.drift.consumers import Affected, affected
from cst_contracts.drift.contracts import contract_changes, definition
from cst_contracts.drift.fingerprint import change_fingerprint
from cst_contracts.drift.places import Place, place_of_change
from cst_contracts.drift.rule import Compatibility, Rule
from cst_contracts.drift.rules import RULES
from cst_contracts.drift.snapshot import SessionSnapshot, Snapshot
from cst_contracts.drift.subjects import changed_path, changed_view
from cst_contracts.drift.telling import line_of
from cst_contracts.drift.versions import Step, step
from cst_contracts.drift.views import DefinitionChanged, PlanChanged
from cst_contracts.location import Location


class KeptSnapshot(Struct, frozen=True):
    """An accepted snapshot, and the file that it is in."""

    file: str
    snapshot: Snapshot


class State(Struct, frozen=True):
    """The contracts of a project at one time, and their accepted snapshots by contract file.

    `unread` says, by contract file, why a snapshot of another release cannot be compared.
    """

    name: str
    contracts: tuple[Contract, ...]
    snapshots: Mapping[str, KeptSnapshot] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


class Standing(StrEnum):
    """What becomes of one change: it is red for breaking readers, or it is not, for one of these reasons."""

    BREAKS = "breaks"
    WAIVED = "waived"
    STEPPED = "allowed by a major step"
    TOLD = "told"


class Entry(Struct, frozen=True):
    """One change between two states. `accepted`: it is one of the snapshot, and no clause says it."""

    rule: Rule
    line: str
    place: Place
    fingerprint: str
    standing: Standing
    accepted: bool = False
    consumers: tuple[Affected, ...] = ()
    waiver: WaiverContract | None = None


class Compared(Struct, frozen=True):
    """A contract in two states, of which one may not have it, and all that changed in it."""

    name: str
    file: str
    owner: str
    version_before: str | None
    version_after: str | None
    entries: tuple[Entry, ...]

    @property
    def step(self) -> Step:
        return step(self.version_before, self.version_after)

    @property
    def wanted(self) -> Step:
        """The least step of the version that fits what changed, waived breaks aside."""
        if any(each.standing in (Standing.BREAKS, Standing.STEPPED) for each in self.entries):
            return Step.MAJOR
        # What the snapshot alone has was promised to nobody.
        added = any(
            not each.accepted and each.rule.readers is not Compatibility.COSMETIC
            for each in self.entries
        )
        return Step.MINOR if added else Step.NONE

    @property
    def breaks(self) -> tuple[Entry, ...]:
        return tuple(each for each in self.entries if each.standing is Standing.BREAKS)


class Pair(Struct, frozen=True):
    """One contract before and after, of which one may be missing."""

    before: Contract | None
    after: Contract | None

    @property
    def newest(self) -> Contract:
        contract = self.after if self.after is not None else self.before
        if contract is None:
            raise ValueError(self)  # `pairs` makes none without either
        return contract


#: What makes two contracts one in two states, the surest first.
_IDENTITIES: tuple[Callable[[Contract], tuple[object, ...]], ...] = (
    lambda contract: (type(contract), contract.name, contract.file),
    lambda contract: (type(contract), contract.name),
    lambda contract: (type(contract), contract.file),
)


def pairs(before: Iterable[Contract], after: Iterable[Contract]) -> tuple[Pair, ...]:
    """Contracts of one table or session: those of the same file and name first, then of the same name, in
    whatever file, and then of the same file."""
    old, new = list(before), list(after)
    found: list[Pair] = []
    for identity in _IDENTITIES:
        for was in list(old):
            now = next((each for each in new if identity(each) == identity(was)), None)
            if now is not None:
                found.append(Pair(was, now))
                old.remove(was)
                new.remove(now)
    found += [Pair(each, None) for each in old]
    found += [Pair(None, each) for each in new]
    return tuple(sorted(found, key=lambda pair: pair.newest.file))


def compare_states(
    before: State, after: State, today: date, same: Mapping[tuple[str, str], int] | None = None
) -> tuple[Compared, ...]:
    """Every contract in which something changed, in order of the files. `same` has, by table and view, how
    many rows both definitions of a view give, of those that were run and give the same."""
    waivers = {
        waiver.change: waiver
        for contract in after.contracts
        for waiver in contract.waivers
        if waiver.change is not None
    }
    tables = [each for each in before.contracts if isinstance(each, TableContract)]
    judge = _Judge(before, after, waivers, tables, today, same or {})
    compared = (judge.compared(pair) for pair in pairs(before.contracts, after.contracts))
    return tuple(each for each in compared if each.entries or each.step is Step.LOWERED)


class _Judge(Struct, frozen=True):
    before: State
    after: State
    waivers: Mapping[str, WaiverContract]
    tables: Sequence[TableContract]
    today: date
    same: Mapping[tuple[str, str], int]

    def compared(self, pair: Pair) -> Compared:
        before, after = pair.before, pair.after
        was = None if before is None else before.version
        now = None if after is None else after.version
        major = step(was, now) is Step.MAJOR
        owner = pair.newest.owner or (before.owner if before is not None else "")
        entries = (
            self._entry(pair, change, rule, place, major=major)
            for change, rule, place in self._changes(pair)
        )
        return Compared(pair.newest.name, pair.newest.file, owner, was, now, tuple(entries))

    def _entry(
        self, pair: Pair, change: Change, rule: Rule, place: Place | str, *, major: bool
    ) -> Entry:
        fingerprint = change_fingerprint(pair.newest.name, rule.id, change)
        waiver = self.waivers.get(fingerprint)
        accepted = isinstance(place, str)
        return Entry(
            rule=rule,
            line=f"{line_of(change)}{self._run(pair, change)}",
            place=Place(Location(place, 1, 1)) if isinstance(place, str) else place,
            fingerprint=fingerprint,
            standing=self._standing(rule, waiver, major=major),
            accepted=accepted,
            consumers=self._consumers(pair, change) if rule.breaks_readers else (),
            waiver=waiver,
        )

    def _run(self, pair: Pair, change: Change) -> str:
        """What running both definitions of a view has told: empty where they were not run, or differ."""
        if not isinstance(change, DefinitionChanged):
            return ""
        rows = self.same.get((pair.newest.name, change.view))
        return (
            "" if rows is None else f" (both give the same {rows:,} row{'' if rows == 1 else 's'})"
        )

    def _standing(self, rule: Rule, waiver: WaiverContract | None, *, major: bool) -> Standing:
        if not rule.breaks_readers:
            return Standing.TOLD
        if major:
            return Standing.STEPPED
        holds = waiver is not None and waiver.expires >= self.today
        return Standing.WAIVED if holds else Standing.BREAKS

    def _consumers(self, pair: Pair, change: Change) -> tuple[Affected, ...]:
        if not isinstance(pair.before, TableContract):
            return ()
        return affected(change, pair.before, self.tables)

    def _changes(self, pair: Pair) -> Iterator[tuple[Change, Rule, Place | str]]:
        """With the place in a contract, or with the name of the snapshot's file."""
        said: set[tuple[str, str | None, str | None]] = set()
        for change in contract_changes(pair.before, pair.after):
            rule = rule_of(change)
            said.add(_subject(change, rule))
            if self._run(pair, change):
                rule = RULES["plan-respelled"]
            yield change, rule, place_of_change(change, pair.before, pair.after)
        redefined = {view for rule, _, view in said if rule == "view-definition-changed"}
        for change, file in self._drift(pair):
            rule = _drift_rule(change, pair)
            told = isinstance(change, PlanChanged) and change.view in redefined
            if not told and _subject(change, rule) not in said:
                yield change, rule, file

    def _drift(self, pair: Pair) -> Iterator[tuple[Change, str]]:
        """The changes of the accepted snapshot, where both states have one, with its file."""
        if pair.before is None or pair.after is None:
            return
        old = self.before.snapshots.get(pair.before.file)
        new = self.after.snapshots.get(pair.after.file)
        if old is None or new is None:
            return
        if isinstance(old.snapshot, SessionSnapshot) is isinstance(new.snapshot, SessionSnapshot):
            yield from ((change, new.file) for change in diff(old.snapshot, new.snapshot))


def _subject(change: Change, rule: Rule) -> tuple[str, str | None, str | None]:
    """What a clause and the snapshot may both say: then it is told once."""
    path, view = changed_path(change), changed_view(change)
    return rule.id, line_of(change) if path is None and view is None else path, view


def _drift_rule(change: Change, pair: Pair) -> Rule:
    """A plan that changed under a definition that did not is only spelled otherwise."""
    if isinstance(change, PlanChanged) and change.view is not None:
        old, new = (_definition(contract, change.view) for contract in (pair.before, pair.after))
        if old is not None and old == new and change.before and change.after:
            return RULES["plan-respelled"]
    return rule_of(change)


def _definition(contract: Contract | None, view: str) -> str | None:
    views = contract.views if isinstance(contract, TableContract) else ()
    return next((definition(each) for each in views if each.name == view), None)
