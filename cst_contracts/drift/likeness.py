"""Says which of the names that went are likely to be which of the names that came."""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

#: From here on, two names are taken for one that was changed: `order_id` and `orderid`, not `a` and `b`.
_ALIKE = 0.6


def likeness(one: str, other: str) -> float:
    """From 0 to 1, the same in both directions; how words are joined does not count."""
    first, second = sorted((_letters(one), _letters(other)))
    return SequenceMatcher(None, first, second).ratio()


def alike(pairs: Iterable[tuple[float, str, str]]) -> Iterator[tuple[str, str]]:
    """The pairs of names that belong together, the likest first, and each name in one pair only."""
    taken: set[str] = set()
    likely = (pair for pair in pairs if pair[0] >= _ALIKE)
    for _, before, after in sorted(likely, key=_likest):
        if before not in taken and after not in taken:
            taken.update((before, after))
            yield before, after


def _likest(pair: tuple[float, str, str]) -> tuple[float, list[str]]:
    """Turned around, the same pairs come in the same order."""
    likeness_, before, after = pair
    return -likeness_, sorted((before, after))


def _letters(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
