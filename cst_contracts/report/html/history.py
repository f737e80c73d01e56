"""What moved since earlier runs: of each promise, and of tables and the session."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.drift.comparison import compare
from cst_contracts.report.comparable import comparable
from cst_contracts.report.html.states import State, state_of
from cst_contracts.report.manifest_file import Manifest, PromiseRecord

#: Of a timeline, at most.
_RUNS = 30
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Run(Struct, frozen=True):
    """A column of the timeline."""

    label: str
    states: dict[State, int]


class Moved(Struct, frozen=True):
    """`was` is what came of the promise in the run before, where that was something else; it is empty of a
    promise that is new. `since` is the number of the oldest run, counted back without a gap, in which it
    came out as now."""

    was: str | None = None
    since: int | None = None


class Shift(Struct, frozen=True):
    """A line of what moved in a table, or elsewhere in the run where `table` is empty."""

    table: str
    line: str
    compatibility: str


class History(Struct, frozen=True):
    """`gone` are the promises of the run before that this one does not have, with what came of them."""

    runs: tuple[Run, ...] = ()
    moved: Mapping[str, Moved] = {}
    gone: tuple[tuple[str, State], ...] = ()
    shifts: tuple[Shift, ...] = ()


def history(manifest: Manifest, earlier: Sequence[Manifest]) -> History:
    """`earlier` are in any order; those without a time count as the oldest. Nothing is said without one."""
    before = sorted(earlier, key=started_at)[-_RUNS + 1 :]
    if not before:
        return History()
    states = [_states(each) for each in (*before, manifest)]
    *_, last, now = states
    return History(
        runs=tuple(_runs((*before, manifest))),
        moved={name: _moved(name, states) for name in now},
        gone=tuple((name, state) for name, state in last.items() if name not in now),
        shifts=tuple(_shifts(before[-1], manifest)),
    )


def promise_name(record: PromiseRecord) -> str:
    """Manifests of earlier releases have no ids."""
    return record.id or f"{record.contract}::{record.check}"


def moment(started: datetime) -> str:
    return f"{started.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def started_at(manifest: Manifest) -> datetime:
    started = None if manifest.run is None else manifest.run.started
    return started or datetime.min.replace(tzinfo=UTC)


def _states(manifest: Manifest) -> dict[str, State]:
    return {promise_name(each): state_of(each) for each in manifest.promises}


def _moved(name: str, states: Sequence[Mapping[str, State]]) -> Moved:
    *_, before, now = states
    state = now[name]
    if name not in before:
        return Moved(was="")
    if before[name] is not state:
        return Moved(was=before[name])
    if state is State.KEPT:
        return Moved()
    since = len(states) - 1
    while since and states[since - 1].get(name) is state:
        since -= 1
    return Moved(since=since)


def _runs(manifests: Sequence[Manifest]) -> Iterator[Run]:
    days = Counter(_day(started_at(each)) for each in manifests)
    for number, each in enumerate(manifests, start=1):
        started = started_at(each)
        label = _day(started)
        if started.year == 1:
            label = f"run {number}"
        elif days[label] > 1:
            label = f"{label} {started.astimezone(UTC):%H:%M}"
        yield Run(label, dict(Counter(map(state_of, each.promises))))


def _day(started: datetime) -> str:
    day = started if started.year == 1 else started.astimezone(UTC)
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def _shifts(before: Manifest, now: Manifest) -> Iterator[Shift]:
    """Promises have lines of their own."""
    old, new = (replace(comparable(each), promises={}) for each in (before, now))
    tables = sorted({*old.tables, *new.tables}, key=len, reverse=True)
    for told in compare(old, new):
        line = told.line.removesuffix(f" ({told.compatibility})")
        table = next((each for each in tables if line.startswith(f"table {each}: ")), "")
        yield Shift(
            table, line.removeprefix(f"table {table}: ") if table else line, told.compatibility
        )
