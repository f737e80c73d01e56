"""Compares the run of one environment with that of another over the same contracts and the same data."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.wording import counted
from cst_contracts.drift.changes import Change, diff
from cst_contracts.drift.comparison import RunFacts, compare
from cst_contracts.drift.fields import ArrowTypeChanged
from cst_contracts.drift.rule import Compatibility
from cst_contracts.drift.rules import RULES
from cst_contracts.drift.telling import Told, by_severity, line_of, weigh
from cst_contracts.drift.views import PlanChanged
from cst_contracts.report.comparable import comparable
from cst_contracts.report.lines import Line, Span, Style, line
from cst_contracts.report.manifest_file import (
    ContractKind,
    Manifest,
    Outcome,
    PromiseRecord,
    TableEntry,
)

_BREAKING, _COMPATIBLE = Compatibility.BREAKING, Compatibility.COMPATIBLE
_SESSION = "the session"
_STYLES = {
    Compatibility.BREAKING: Style.BROKEN,
    Compatibility.COMPATIBLE: Style.PLAIN,
    Compatibility.COSMETIC: Style.QUIET,
}


class Part(Struct, frozen=True):
    """The session, a table or a view. `compared` says how much of it was looked at on both sides, `told` what
    differs, what breaks first, and `unknown` what could not be compared, and why."""

    name: str
    compared: str
    told: tuple[Told, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def breaks(self) -> bool:
        return any(each.compatibility is _BREAKING for each in self.told)


class Rehearsal(Struct, frozen=True):
    """Two runs compared. `versions` has those of each package here and there."""

    versions: Mapping[str, tuple[str, str]]
    parts: tuple[Part, ...]

    @property
    def breaks(self) -> bool:
        """Whether something is worse there than it is here."""
        return any(each.breaks for each in self.parts)

    @property
    def unknown(self) -> bool:
        return any(each.unknown for each in self.parts)


def rehearsal(here: Manifest, there: Manifest) -> Rehearsal:
    """What differs where the contracts of the run `here` are looked at in another environment."""
    names = {**here.versions, **there.versions}
    versions = {
        each: (here.versions.get(each, "absent"), there.versions.get(each, "absent"))
        for each in names
    }
    return Rehearsal(versions, tuple(_parts(here, there)))


def _parts(here: Manifest, there: Manifest) -> Iterator[Part]:
    before, after = comparable(here), comparable(there)
    verdicts = _by_part(here, there)
    yield _session(before, after, verdicts.pop(_SESSION, []))
    old, new = ({each.table: each for each in side.tables} for side in (here, there))
    for name in (*old, *(each for each in new if each not in old)):
        yield _Relation(name, old.get(name), new.get(name)).part(
            before, after, verdicts.pop(name, [])
        )
    for name, pairs in verdicts.items():
        yield _part(name, (), pairs)


class _Pair(Struct, frozen=True):
    """One promise in both runs, of which one may not have it."""

    before: PromiseRecord | None
    after: PromiseRecord | None


def _by_part(here: Manifest, there: Manifest) -> dict[str, list[_Pair]]:
    old, new = (
        {(each.contract, each.check): each for each in side.promises} for side in (here, there)
    )
    sessions = {each.file for each in here.contracts if each.kind is ContractKind.SESSION}
    views = {each.table for each in here.tables if each.view is not None}
    found: dict[str, list[_Pair]] = {}
    for key in (*old, *(each for each in new if each not in old)):
        record = old.get(key) or new[key]
        pair = _Pair(old.get(key), new.get(key))
        found.setdefault(_part_of(record, sessions, views), []).append(pair)
    return found


def _part_of(record: PromiseRecord, sessions: set[str], views: set[str]) -> str:
    view = record.check.partition("view[")[2].removesuffix("]")
    if view in views:
        return view
    return _SESSION if record.contract in sessions else record.subject or record.contract


def _part(
    name: str,
    told: Iterable[Told],
    pairs: Sequence[_Pair],
    compared: str = "",
    unknown: Iterable[str] = (),
) -> Part:
    known = counted(len(pairs), "promise")
    return Part(
        name,
        ", ".join(filter(None, (compared, known if pairs else ""))),
        tuple(by_severity((*told, *_verdicts(pairs)))),
        (*unknown, *_undecided(pairs)),
    )


def _session(before: RunFacts, after: RunFacts, pairs: Sequence[_Pair]) -> Part:
    if not before.session.functions or not after.session.functions:
        where = "here" if not before.session.functions else "there"
        return _part(_SESSION, (), pairs, "", (f"nobody could look at its functions {where}",))
    old, new = (
        replace(each, versions={}, required={}, tables={}, promises={}) for each in (before, after)
    )
    functions = counted(len(before.session.functions), "function")
    settings = counted(len(before.settings), "setting")
    return _part(_SESSION, compare(old, new), pairs, f"{functions}, {settings}")


class _Relation(Struct, frozen=True):
    """A table or a view in both runs, of which one may not have looked at it."""

    name: str
    here: TableEntry | None
    there: TableEntry | None

    def part(self, before: RunFacts, after: RunFacts, pairs: Sequence[_Pair]) -> Part:
        was, now = self._trouble(self.here), self._trouble(self.there)
        if was is not None:
            return _part(self.name, (), pairs, "", (f"could not be looked at here: {was}",))
        if now is not None:
            return _part(self.name, self._gone(now, pairs), pairs)
        old, new = before.tables[self.name], after.tables[self.name]
        fields = counted(len(old.fields), "field")
        plan = ["a plan"] if old.query.plan else []
        told = (*_weighed(diff(old, new)), *self._rows())
        return _part(self.name, told, pairs, ", ".join((fields, *plan)))

    def _trouble(self, entry: TableEntry | None) -> str | None:
        return "nobody asked for it" if entry is None else entry.error

    def _gone(self, why: str, pairs: Iterable[_Pair]) -> Iterator[Told]:
        """Unless a promise of it says why, too."""
        said = (pair.after.observed or "" for pair in pairs if pair.after is not None)
        if not any(why in each for each in said):
            yield Told(f"could not be looked at there: {why} ({_BREAKING})", _BREAKING)

    def _rows(self) -> Iterator[Told]:
        """Counts of the same data, where both sides have one."""
        was, now = (None if each is None else each.rows for each in (self.here, self.there))
        if was is not None and now is not None and was != now:
            yield Told(f"{was:,} → {now:,} rows ({_BREAKING})", _BREAKING)


def _weighed(changes: Sequence[Change]) -> Iterator[Told]:
    """A plan is in other words under another version of the engine: its contract still defines the view
    as before."""
    respelled = RULES["plan-respelled"].readers
    plans = [each for each in changes if isinstance(each, PlanChanged)]
    for change in plans:
        yield Told(f"{line_of(change)} ({respelled})", respelled)
    yield from weigh([each for each in changes if each not in plans and not _is_unasked(each)])


def _is_unasked(change: Change) -> bool:
    """Nobody asked the engine on one side, for something that is red there."""
    return isinstance(change, ArrowTypeChanged) and None in (change.before, change.after)


def _verdicts(pairs: Iterable[_Pair]) -> Iterator[Told]:
    """A promise that is undecided for something red elsewhere is counted, and told there."""
    following = 0
    for pair in pairs:
        if _outcome(pair.before) == _outcome(pair.after):
            continue
        if pair.after is not None and pair.after.cause is not None:
            following += 1
            continue
        yield _verdict(pair)
    if following:
        told = f"{counted(following, 'promise')} undecided there for what is red elsewhere"
        yield Told(f"{told} ({_BREAKING})", _BREAKING)


def _verdict(pair: _Pair) -> Told:
    record = pair.after or pair.before
    check = "" if record is None else record.check
    why = (
        f": {pair.after.observed}"
        if pair.after is not None and pair.after.failed and pair.after.observed
        else ""
    )
    weight = _BREAKING if _is_worse(pair) else _COMPATIBLE
    return Told(
        f"{check}: {_outcome(pair.before)} → {_outcome(pair.after)}{why} ({weight})", weight
    )


def _outcome(record: PromiseRecord | None) -> str:
    return "not promised" if record is None else record.outcome


def _is_worse(pair: _Pair) -> bool:
    before, after = pair.before, pair.after
    was_red = before is not None and before.failed
    if after is None:
        return not was_red
    return after.failed and not was_red


def _undecided(pairs: Iterable[_Pair]) -> Iterator[str]:
    """What is undecided on both sides is not alike: nobody has looked."""
    sides = ((pair.before, pair.after) for pair in pairs)
    both = [
        before
        for before, after in sides
        if before is not None
        and before.cause is None
        and _outcome(before) == _outcome(after) == Outcome.UNDECIDED
    ]
    yield from (f"{each.check} is undecided on both sides: {each.observed}" for each in both)


def rehearsal_lines(found: Rehearsal) -> Iterator[Line]:
    """The versions; a line for the session and for each table and view, with what differs; the sum."""
    yield from _version_lines(found.versions)
    for part in found.parts:
        yield _head(part)
        for told in part.told:
            yield line(f"    {told.line}", _STYLES[told.compatibility])
        for unknown in part.unknown:
            yield line(f"    not compared: {unknown}", Style.WARNED)
    counts = Counter(each.compatibility for part in found.parts for each in part.told)
    sums = [f"{counts[each]} {each}" for each in Compatibility]
    if missing := sum(len(part.unknown) for part in found.parts):
        sums.append(f"{missing} not compared")
    yield line(", ".join(sums))


def _version_lines(versions: Mapping[str, tuple[str, str]]) -> Iterator[Line]:
    moved = {name: pair for name, pair in versions.items() if pair[0] != pair[1]}
    for name, (was, now) in moved.items():
        yield line(f"{name} is {was} here and {now} there")
    if not moved:
        yield line("the same versions here and there", Style.WARNED)
    if "cst_contracts" in moved:
        why = "what differs may come from cst-contracts itself, of which the versions differ"
        yield line(why, Style.WARNED)


def _head(part: Part) -> Line:
    if part.told:
        word, style = "differs", Style.BROKEN if part.breaks else Style.HEAD
    elif part.unknown:
        word, style = "not compared", Style.WARNED
    else:
        word, style = "alike", Style.KEPT
    what = f" ({part.compared})" if part.compared else ""
    return (Span(f"{part.name}: "), Span(word, style), Span(what))
