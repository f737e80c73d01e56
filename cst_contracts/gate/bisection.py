"""Finds where something became red among numbered versions, looking at as few as it can.

Nobody says that what was broken once stays so: a version between two that were looked at may be otherwise.
Therefore the answer says where it looked. It is always a version that is red, after one that is not.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


class State(StrEnum):
    """What is known of one version. `UNKNOWN`: it cannot be read, or not be judged."""

    FINE = "fine"
    RED = "red"
    UNKNOWN = "unknown"


Look: TypeAlias = Callable[[int], State]


class Found(Struct, frozen=True):
    """`red` is red, and `fine`, before it, is not; between them lie only versions of which nothing is known.
    `fine` is None where every version before `red` that can be read was looked at, or is red as far as
    anybody looked. `looked` are all that were looked at."""

    red: int
    fine: int | None
    looked: tuple[int, ...]

    @property
    def between(self) -> range:
        return range(0) if self.fine is None else range(self.fine + 1, self.red)


def bisect(versions: Sequence[int], look: Look) -> Found:
    """`versions` are in order, and the last one is red. Looks back in steps that double, as what broke did so
    lately more often than not, and halves what is left."""
    search = _Search(versions, look)
    fine, red = search.bracket()
    while fine is not None:
        middle = search.known_between(fine, red)
        if middle is None:
            break
        if search.state(middle) is State.FINE:
            fine = middle
        else:
            red = middle
    return search.found(fine, red)


def walk(versions: Sequence[int], look: Look) -> Found:
    """The first of all versions that is red; the last one is. Every one up to it is looked at."""
    search = _Search(versions, look)
    fine: int | None = None
    for index in range(len(versions)):
        match search.state(index):
            case State.RED:
                return search.found(fine, index)
            case State.FINE:
                fine = index
            case State.UNKNOWN:
                continue
    raise AssertionError("the last version is not red")


class _Search:
    """Works on indices, and remembers what was seen."""

    def __init__(self, versions: Sequence[int], look: Look) -> None:
        self._versions, self._look = versions, look
        self._states: dict[int, State] = {}

    def state(self, index: int) -> State:
        if index not in self._states:
            self._states[index] = self._look(self._versions[index])
        return self._states[index]

    def found(self, fine: int | None, red: int) -> Found:
        looked = sorted(self._versions[index] for index in self._states)
        before = None if fine is None else self._versions[fine]
        return Found(self._versions[red], before, tuple(looked))

    def bracket(self) -> tuple[int | None, int]:
        """The newest version that is met, going back, and is fine, and the oldest red one after it."""
        red = place = len(self._versions) - 1
        self.state(red)
        step = 1
        while place > 0:
            place = max(0, place - step)
            step *= 2
            met = (
                place if self.state(place) is not State.UNKNOWN else self.known_between(place, red)
            )
            if met is None:
                continue
            if self.state(met) is State.FINE:
                return met, red
            red = met
        return None, red

    def known_between(self, low: int, high: int) -> int | None:
        """Of the versions between two, the one next to the middle of which anything is known."""
        middle = (low + high) // 2
        inner = sorted(range(low + 1, high), key=lambda index: abs(index - middle))
        return next((each for each in inner if self.state(each) is not State.UNKNOWN), None)
