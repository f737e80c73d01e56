"""Two orders of the same keys to the keys that stayed in place."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

Key = TypeVar("Key", str, tuple[str, int])


def stayed(before: Sequence[Key], after: Sequence[Key]) -> frozenset[Key]:
    """A longest common subsequence; of several, the one that both directions choose."""
    position = {name: index for index, name in enumerate(after)}
    levels: defaultdict[int, list[tuple[Key, int, int]]] = defaultdict(list)
    for index, length in _lengths([position[name] for name in before]):
        levels[length].append((before[index], index, position[before[index]]))
    chosen: list[Key] = []
    index, place = -1, -1
    for length in sorted(levels, reverse=True):
        following = [step for step in levels[length] if step[1] > index and step[2] > place]
        name, index, place = min(following)
        chosen.append(name)
    return frozenset(chosen)


def _lengths(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each index, from the last, with the length of the longest rise that starts there."""
    tails: list[int] = []
    for index in range(len(places) - 1, -1, -1):
        length = bisect_left(tails, -places[index])
        tails[length : length + 1] = [-places[index]]
        yield index, length + 1
