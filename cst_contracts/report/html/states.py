"""How the page shows a promise: its outcome, but that what is broken and only warns has a look of its own."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from cst_contracts.report.manifest_file import Outcome, PromiseRecord


class State(StrEnum):
    """In the order in which bars and lists have them: the worst first."""

    BROKEN = "broken"
    WARN = "warn"
    VACUOUS = "vacuous"
    UNDECIDED = "undecided"
    WAIVED = "waived"
    KEPT = "kept"


#: As the page calls each.
WORDS: Mapping[State, str] = MappingProxyType(
    {
        State.BROKEN: "broken",
        State.WARN: "broken, only warns",
        State.VACUOUS: "vacuous",
        State.UNDECIDED: "not looked at",
        State.WAIVED: "waived",
        State.KEPT: "kept",
    }
)

MEANINGS: Mapping[State, str] = MappingProxyType(
    {
        State.BROKEN: "looked, and it does not hold",
        State.WARN: "does not hold, and its contract or a mark of the project says that this only warns",
        State.VACUOUS: "nothing there to look at",
        State.UNDECIDED: "could not look, because something else is red",
        State.WAIVED: "does not hold, and a waiver says until when that is known",
        State.KEPT: "looked, and it holds",
    }
)


def state_of(record: PromiseRecord) -> State:
    match record.outcome:
        case Outcome.KEPT:
            return State.KEPT
        case Outcome.BROKEN:
            return State.BROKEN if record.failed else State.WARN
        case Outcome.UNDECIDED:
            return State.UNDECIDED
        case Outcome.VACUOUS:
            return State.VACUOUS
        case Outcome.WAIVED:
            return State.WAIVED


def is_notable(record: PromiseRecord) -> bool:
    """Whether somebody should look at it: it failed, does not hold, or is hidden. What is vacuous and
    allowed to be so, or waits for another promise, is not."""
    return record.failed or record.outcome in (Outcome.BROKEN, Outcome.WAIVED)
