"""Lines of text with markup as data: what a part of a line is, and not which colour it has."""

import textwrap
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.contract.wording import visible


class Style(StrEnum):
    """What a span is. How each is shown is for the door to say, which also knows whether colour is wanted
    (a terminal, no NO_COLOR)."""

    PLAIN = "plain"
    HEAD = "head"
    BROKEN = "broken"
    WARNED = "warned"
    KEPT = "kept"
    QUIET = "quiet"


class Span(Struct, frozen=True):
    """A part of a line."""

    text: str
    style: Style = Style.PLAIN


Line: TypeAlias = tuple[Span, ...]

_SGR = {
    Style.HEAD: "1",
    Style.BROKEN: "1;31",
    Style.WARNED: "33",
    Style.KEPT: "32",
    Style.QUIET: "2",
}


def line(text: str, style: Style = Style.PLAIN) -> Line:
    return (Span(text, style),)


def plain(spans: Line) -> str:
    """The text of a line, without markup."""
    return "".join(span.text for span in spans)


def coloured(spans: Line) -> str:
    """The text of a line with the escape sequences of a terminal: no others than these."""
    return "".join(
        f"\x1b[{_SGR[style]}m{text}\x1b[0m" if style in _SGR else text
        for text, style in ((visible(span.text), span.style) for span in spans)
    )


def wrapped(
    text: str, width: int, style: Style = Style.PLAIN, indent: str = "  "
) -> Iterator[Line]:
    """Lines of at most `width` columns, broken at spaces only: a long path stays whole."""
    for part in textwrap.wrap(
        text,
        max(width, 20),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ):
        yield line(part, style)
