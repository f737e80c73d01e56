"""Explains how one sequence of names became another: the fewest names that moved, and where to."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from cst_contracts.datatypes.order import stayed


class Move(Struct, frozen=True):
    """A name that moved.

    `before` and `after` are the nearest names in front of it that stayed; None: it came first.
    """

    name: str
    before: str | None
    after: str | None


def moves(before: Sequence[str], after: Sequence[str]) -> tuple[Move, ...]:
    """The fewest names whose moving explains the change, in order of `before`.

    Both orders hold the same names, each once. Turned around, the same names move back.
    """
    if list(before) == list(after):
        return ()
    kept = stayed(before, after)
    anchors_before = dict(_anchors(before, kept))
    anchors_after = dict(_anchors(after, kept))
    return tuple(
        Move(name, anchors_before[name], anchors_after[name]) for name in before if name not in kept
    )


def _anchors(order: Sequence[str], kept: frozenset[str]) -> Iterator[tuple[str, str | None]]:
    anchor = None
    for name in order:
        yield name, anchor
        anchor = name if name in kept else anchor
