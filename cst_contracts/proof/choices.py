"""Where the choices come from that a table is made by: a seed, or whoever draws examples for a test."""

from random import Random
from typing import Protocol


class Choices(Protocol):
    """Less and smaller choices make simpler tables: of bytes, 0 is the simplest."""

    def number(self, low: int, high: int) -> int:
        """One of the whole numbers from `low` to `high`, both included."""

    def bytes(self, count: int) -> bytes:
        """As many as are asked for. One call makes the choices for all values of a column."""

    def simple(self) -> bool:
        """Whether all that comes next is to be as simple as it can be. Whoever makes a failing example
        simpler leaves whole columns out of it by this."""

    def apart(self) -> "Choices":
        """Choices for what matters less: all of them follow from one."""


class Seeded:
    """The same seed makes the same choices."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 — tables, not secrets

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def simple(self) -> bool:
        return False

    def apart(self) -> Choices:
        return self


class Simplest:
    """Chooses the simplest, whatever there is."""

    def number(self, low: int, high: int) -> int:  # noqa: ARG002
        return low

    def bytes(self, count: int) -> bytes:
        return bytes(count)

    def simple(self) -> bool:
        return True

    def apart(self) -> Choices:
        return self
