"""Says whether one state may follow another, and what else is wrong: versions, and waivers of changes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from cst_contracts.contract.model import Contract, WaiverContract
from cst_contracts.drift.merging import Compared, Entry, Standing, State, compare_states
from cst_contracts.drift.transitive import (
    History,
    TransitiveBreak,
    is_transitive,
    transitive_breaks,
)
from cst_contracts.drift.versions import Step, stepped
from cst_contracts.location import Location


class NoteCode(StrEnum):
    """What may be said beside the changes."""

    VERSION_LOWERED = "version-lowered"
    WAIVER_EXPIRED = "waiver-expired"
    WAIVER_UNUSED = "waiver-unused"
    WAIVER_MERGED = "waiver-merged"
    STEP_DUE = "step-due"
    SNAPSHOT_UNREADABLE = "snapshot-unreadable"
    BREAKS_EARLIER = "breaks-earlier-version"
    HISTORY_MISSING = "history-missing"
    HISTORY_UNREADABLE = "history-unreadable"

    @property
    def is_red(self) -> bool:
        return self in (
            NoteCode.VERSION_LOWERED,
            NoteCode.WAIVER_EXPIRED,
            NoteCode.WAIVER_UNUSED,
            NoteCode.BREAKS_EARLIER,
            NoteCode.HISTORY_MISSING,
        )


class Note(Struct, frozen=True):
    """Something about a version or a waiver, and what to write instead."""

    code: NoteCode
    place: Location
    what: str
    instead: str


class Difference(Struct, frozen=True):
    """Two states of a project's contracts compared. `looked_at` counts the contracts of either. `further` is
    what the later one breaks of states before both."""

    before: str
    after: str
    compared: tuple[Compared, ...]
    notes: tuple[Note, ...]
    looked_at: int
    further: tuple[TransitiveBreak, ...] = ()

    @property
    def breaks(self) -> tuple[Entry, ...]:
        return tuple(entry for each in self.compared for entry in each.breaks)

    @property
    def is_red(self) -> bool:
        return bool(self.breaks) or any(note.code.is_red for note in self.notes)

    @property
    def counts(self) -> Counter[Standing]:
        return Counter(entry.standing for each in self.compared for entry in each.entries)


def difference(
    before: State,
    after: State,
    today: date,
    history: History | None = None,
    same: Mapping[tuple[str, str], int] | None = None,
) -> Difference:
    """`today` is the day on which waivers hold or have expired. `history` is what was before `before`, for
    contracts whose `evolution` is transitive. `same` are views that were run, as `compare_states` has it."""
    compared = compare_states(before, after, today, same)
    history = history or History()
    further = tuple(transitive_breaks(before, after, history.states, today))
    notes = (
        *_version_notes(after, compared),
        *_waiver_notes(before, after, compared, further, today),
        *_transitive_notes(further, today),
        *_history_notes(after, history),
        *_snapshot_notes(before),
        *_snapshot_notes(after),
    )
    files = {contract.file for state in (before, after) for contract in state.contracts}
    return Difference(before.name, after.name, compared, tuple(notes), len(files), further)


def way_out(compared: Compared) -> str:
    """What to do where changes of a contract break readers."""
    if any(entry.rule.id == "contract-removed" for entry in compared.breaks):
        return "bring it back, or waive this change in another contract"
    if compared.version_after is None:
        step = "the contract has no `version` whose major step could announce it"
    else:
        before = compared.version_before
        step = f"step `version` to {stepped(before or compared.version_after, Step.MAJOR)}"
        if before is None:
            step = "its `version` is new, and no step from the one before"
    return f"{step}; or take the change back, or waive it with `cst-contracts waive`"


def _version_notes(after: State, compared: Sequence[Compared]) -> Iterator[Note]:
    places = {contract.file: contract.place for contract in after.contracts}
    for each in compared:
        place, was, now = places.get(each.file), each.version_before, each.version_after
        if place is None or was is None or now is None:
            continue
        if each.step is Step.LOWERED:
            what = f"the version of {each.name} went back from {was} to {now}"
            yield Note(NoteCode.VERSION_LOWERED, place, what, "versions only rise")
        elif each.wanted is Step.MINOR and each.step < Step.MINOR:
            what = f"what {each.name} promises changed, and its version is {now}"
            instead = f"step `version` to {stepped(was, Step.MINOR)}"
            yield Note(NoteCode.STEP_DUE, place, what, instead)


def _snapshot_notes(state: State) -> Iterator[Note]:
    for file, why in state.unread.items():
        what = f"in {state.name}, the snapshot is not compared: {why}"
        yield Note(NoteCode.SNAPSHOT_UNREADABLE, Location(file, 1, 1), what, "update it")


def _waiver_notes(
    before: State,
    after: State,
    compared: Sequence[Compared],
    further: Sequence[TransitiveBreak],
    today: date,
) -> Iterator[Note]:
    entries = {entry.fingerprint: entry for each in compared for entry in each.entries}
    needed = {each.entry.fingerprint for each in further if each.is_waived(today)}
    merged = {waiver.change for contract in before.contracts for waiver in contract.waivers}
    for waiver in _waivers_of_changes(after.contracts):
        if waiver.change in needed:
            continue
        note = _waiver_note(waiver, entries.get(waiver.change or ""), today, merged)
        if note is not None:
            yield note


def _transitive_notes(further: Sequence[TransitiveBreak], today: date) -> Iterator[Note]:
    for each in further:
        contract, entry = each.contract, each.entry
        if contract.evolution is None or each.is_waived(today):
            continue
        was = f" (version {each.version})" if each.version else ""
        kind = f"{entry.rule.id}, {entry.rule.change_class}"
        what = f"{contract.name} since {each.since}{was}: {entry.line} [{kind}]"
        step_ = (
            "give it a `version`, whose major step can announce it"
            if contract.version is None
            else f"step `version` to {stepped(each.version or contract.version, Step.MAJOR)}"
        )
        instead = f"{step_}; or take the change back, or waive change {entry.fingerprint}"
        yield Note(NoteCode.BREAKS_EARLIER, contract.evolution.place, what, instead)


def _history_notes(after: State, history: History) -> Iterator[Note]:
    first = next((each for each in after.contracts if is_transitive(each)), None)
    if first is None or first.evolution is None:
        return
    place = first.evolution.place
    if history.missing:
        what = f"`evolution` is of all versions, and {history.missing}"
        instead = "compare with a git reference, in a clone with its history"
        yield Note(NoteCode.HISTORY_MISSING, place, what, instead)
    for why in history.unread:
        what = f"an older state is not compared: {why}"
        yield Note(NoteCode.HISTORY_UNREADABLE, place, what, "nothing has to be done")


def _waivers_of_changes(contracts: Sequence[Contract]) -> Iterator[WaiverContract]:
    for contract in contracts:
        yield from (waiver for waiver in contract.waivers if waiver.change is not None)


def _waiver_note(
    waiver: WaiverContract, entry: Entry | None, today: date, merged: set[str | None]
) -> Note | None:
    place, name = waiver.place, f"the waiver of change {waiver.change}"
    if entry is not None and entry.standing is Standing.STEPPED:
        what = f"{name} is not needed: the version makes a major step"
        return Note(NoteCode.WAIVER_UNUSED, place, what, "delete it")
    if entry is not None and not entry.rule.breaks_readers:
        what = f"{name} is not needed: the change breaks no reader"
        return Note(NoteCode.WAIVER_UNUSED, place, what, "delete it")
    if waiver.expires < today:
        what = f"{name} expired on {waiver.expires}"
        instead = f"take the change back, or talk to {waiver.owner}" if entry else "delete it"
        return Note(NoteCode.WAIVER_EXPIRED, place, what, instead)
    if entry is not None:
        return None
    if waiver.change in merged:
        what = f"{name} has done its work: both states have the change"
        return Note(NoteCode.WAIVER_MERGED, place, what, f"delete it before {waiver.expires}")
    what = f"{name} is of none of these changes"
    return Note(NoteCode.WAIVER_UNUSED, place, what, "delete it, or waive the change there is now")
