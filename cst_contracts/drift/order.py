"""Two orders of the same names to the names that stayed in place, and where the others went."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Move:
    """`before` and `after` are the nearest names in front that stayed; None: it came first."""

    name: str
    before: str | None
    after: str | None


def moves(before: Sequence[str], after: Sequence[str]) -> tuple[Move, ...]:
    """The fewest names whose moving explains the change, in order of `before`.

    Both orders hold the same names, each once. Turned around, the same names move back.
    """
    if list(before) == list(after):
        return ()
    stayed = _stayed(before, after)
    anchors_before = dict(_anchors(before, stayed))
    anchors_after = dict(_anchors(after, stayed))
    return tuple(
        Move(name, anchors_before[name], anchors_after[name])
        for name in before
        if name not in stayed
    )


def _anchors(order: Sequence[str], stayed: frozenset[str]) -> Iterator[tuple[str, str | None]]:
    anchor = None
    for name in order:
        yield name, anchor
        anchor = name if name in stayed else anchor


def _stayed(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """A longest common subsequence; of several, the one that both directions choose."""
    position = {name: index for index, name in enumerate(after)}
    levels: defaultdict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for index, length in _lengths([position[name] for name in before]):
        levels[length].append((before[index], index, position[before[index]]))
    chosen: list[str] = []
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
