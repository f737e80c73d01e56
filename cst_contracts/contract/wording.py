"""Quotes text of a contract file in messages: on one line, in backticks, never long."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60
#: Control characters but for tabs and line feeds, and those that turn a line round or have no width.
_OBEYED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad"
    r"\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def shown(text: str) -> str:
    """The text in backticks, with what does not print escaped."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return f"`{printable(cut)}`"


def printable(text: str) -> str:
    """The text with what does not print escaped."""
    return text if text.isprintable() else repr(text)[1:-1]


def visible(text: str) -> str:
    """The text with those characters escaped that a terminal would obey, or that nobody sees. What is in data
    may come from anybody: a field's name may clear the screen, or turn a line round."""
    if text.isprintable():
        return text
    return _OBEYED.sub(lambda each: each[0].encode("unicode_escape").decode(), text)


def listed(names: Iterable[str], last: str = "or") -> str:
    """Names in a sentence: `a`, `b` or `c`."""
    *front, end = map(shown, names)
    return f"{', '.join(front)} {last} {end}" if front else end


def nearest(name: str, known: Iterable[str]) -> str | None:
    close = get_close_matches(name[:_LONGEST], known, n=1)
    return close[0] if close else None
