"""Quotes text of a contract file in messages: on one line, in backticks, never long."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60


def shown(text: str) -> str:
    """The text in backticks, with what does not print escaped."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return f"`{printable(cut)}`"


def printable(text: str) -> str:
    """The text with what does not print escaped."""
    return text if text.isprintable() else repr(text)[1:-1]


def listed(names: Iterable[str], last: str = "or") -> str:
    """Names in a sentence: `a`, `b` or `c`."""
    *front, end = map(shown, names)
    return f"{', '.join(front)} {last} {end}" if front else end


def nearest(name: str, known: Iterable[str]) -> str | None:
    close = get_close_matches(name[:_LONGEST], known, n=1)
    return close[0] if close else None
