"""Folds promises that are red for one thing into one cause, and what waits for it behind it."""

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from cst_contracts.checks.check import Group
from cst_contracts.report.html.states import State, is_notable, state_of
from cst_contracts.report.manifest_file import Outcome, PromiseRecord

_ORDER = tuple(State)
#: Promises about one field, which its line in the contract makes.
_OF_A_LINE = ("field[", "nulls[", "delta[parity")


class Cause(Struct):
    """Numbers of promises: those that are red for one thing, what tells most of it first, and those that
    could not be looked at because of it."""

    red: list[int]
    waiting: list[int] = field(default_factory=list)


def causes(records: Sequence[PromiseRecord]) -> tuple[Cause, ...]:
    """In the order of the records. What waits for a promise that was not selected has itself for a cause."""
    folded = _Folding(records)
    for number, record in enumerate(records):
        if is_notable(record):
            folded.add(number)
    for number, record in enumerate(records):
        if record.outcome is Outcome.UNDECIDED and not record.failed:
            folded.wait(number)
    for cause in folded.causes:
        cause.red.sort(key=lambda number: rank(records[number]))
    return tuple(folded.causes)


def rank(record: PromiseRecord) -> float:
    """What heads a cause, and a list: what fails before what warns, rows to show before none, a leaf before
    its table, drift last."""
    return (
        (0 if record.failed else 10)
        + _ORDER.index(state_of(record))
        - (0.5 if record.samples else 0)
        + (0.4 if record.group is Group.SNAPSHOT else 0)
        + (0.2 if record.check.startswith("delta[") else 0)
        + (0.1 if record.check.startswith("partition[") else 0)
    )


class _Folding:
    """What was met so far. The manifest does not say which red promises share a cause, therefore one is
    seen in what must be the same thing, and never in numbers that happen to be equal."""

    def __init__(self, records: Sequence[PromiseRecord]) -> None:
        self.causes: list[Cause] = []
        self._records = records
        self._known: dict[tuple[str, ...], Cause] = {}
        self._numbers = {(each.subject, each.check): at for at, each in enumerate(records)}
        self._of: dict[int, Cause] = {}

    def add(self, number: int) -> None:
        keys = tuple(_keys(self._records[number]))
        cause = next((self._known[key] for key in keys if key in self._known), None)
        if cause is None:
            cause = Cause([])
            self.causes.append(cause)
        cause.red.append(number)
        self._of[number] = cause
        for key in keys:
            self._known.setdefault(key, cause)

    def wait(self, number: int) -> None:
        """Behind the last one of those that stand in each other's way."""
        last = self._root(number)
        if last not in self._of:
            self.add(last)
        if last != number:
            self._of[last].waiting.append(number)

    def _root(self, number: int) -> int:
        seen = {number}
        while (cause := self._records[number].cause) is not None and number not in self._of:
            above = self._numbers.get((cause.subject, cause.check))
            if above is None or above in seen:
                return number
            seen.add(above)
            number = above
        return number


def _keys(record: PromiseRecord) -> Iterator[tuple[str, ...]]:
    """Promises that share one of these are red for the same thing."""
    file, line = record.contract, record.place.rsplit(":", 2)[1]
    if record.check.startswith(_OF_A_LINE):
        if int(line) > 1:  # else the contract is written in one line, which says nothing
            yield ("line", file, line)
        if record.field is not None:
            yield ("path", file, record.field)
    elif record.group is Group.SNAPSHOT:
        path = (record.observed or "").partition(": ")[0]
        yield ("path", file, path)
    elif record.group is Group.SCHEMA and record.observed:
        yield ("observed", file, record.observed)
