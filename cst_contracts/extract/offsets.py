"""LibCST's offsets (UTF-8 of the code it would print) → offsets in the file as stored, and lines.

They differ where the file starts with a byte order mark, is not encoded in UTF-8, or has form feeds
that LibCST drops.
"""

import codecs
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from msgspec import Struct

_NEWLINE = re.compile(rb"\r\n?|\n")
_FORM_FEED = "\f"
_DROPPED_AT_END = "\f\r\n"  # LibCST takes no lone carriage return for a last newline


class Point(NamedTuple):
    line0: int
    col: int


class UnknownOffsetsError(Exception):
    """LibCST would print other code than it read, and not for its form feeds."""


class Lines(Struct, frozen=True):
    """Text by lines: columns count code points, offsets count bytes of UTF-8."""

    utf8: bytes
    starts: Sequence[int]
    ascii: bool

    @classmethod
    def of(cls, text: str) -> "Lines":
        utf8 = text.encode()
        return cls(utf8, (0, *(end.end() for end in _NEWLINE.finditer(utf8))), text.isascii())

    def point(self, offset: int) -> Point:
        line0 = bisect_right(self.starts, offset) - 1
        start = self.starts[line0]
        if self.ascii:
            return Point(line0, offset - start)
        return Point(line0, len(self.utf8[start:offset].decode()))

    def offset(self, line0: int, col: int) -> int:
        if line0 == len(self.starts):  # after the newline that LibCST counts and does not print
            return len(self.utf8)
        start = self.starts[line0]
        if self.ascii:
            return start + col
        end = self.starts[line0 + 1] if line0 + 1 < len(self.starts) else len(self.utf8)
        return start + len(self.utf8[start:end].decode()[:col].encode())


class Offsets(Struct, frozen=True):
    """`code` is what LibCST would print, `text` what it read. No table: nothing to look up."""

    code: Lines
    text: Lines
    code_to_text: Sequence[int] | None
    text_to_file: Sequence[int] | None
    start: int

    @classmethod
    def of(cls, data: bytes, encoding: str, text: str, code: str) -> "Offsets":
        """`encoding` is LibCST's name for it: `utf-8-sig` where there is a byte order mark."""
        read = Lines.of(text)
        same = code == text
        utf8 = encoding in {"utf-8", "utf-8-sig"}
        return cls(
            code=read if same else Lines.of(code),
            text=read,
            code_to_text=None if same else _without_form_feeds(code, text),
            text_to_file=None if utf8 else _stored(data, encoding, text),
            start=len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0,
        )

    def in_text(self, offset: int) -> int:
        """LibCST counts a newline at the end of the code even where it prints none."""
        offset = min(offset, len(self.code.utf8))
        return offset if self.code_to_text is None else self.code_to_text[offset]

    def in_file(self, text_offset: int) -> int:
        if self.text_to_file is not None:
            return self.text_to_file[text_offset]
        return self.start + text_offset


def _widths(text: str) -> list[int]:
    return [len(character.encode()) for character in text]


def _without_form_feeds(code: str, text: str) -> list[int]:
    """Per byte of `code` and one past its end: the offset in `text`."""
    table: list[int] = []
    at, offset = 0, 0
    for character in code:
        while at < len(text) and text[at] != character and text[at] == _FORM_FEED:
            at, offset = at + 1, offset + 1
        if at == len(text) or text[at] != character:
            raise UnknownOffsetsError
        width = len(character.encode())
        table.extend(range(offset, offset + width))
        at, offset = at + 1, offset + width
    if text[at:].strip(_DROPPED_AT_END):
        raise UnknownOffsetsError
    return [*table, offset]


def _stored(data: bytes, encoding: str, text: str) -> list[int]:
    """Per byte of `text` in UTF-8 and one past its end: the offset in `data`.

    The decoder is fed byte by byte, so that encodings with shift sequences come out too.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    ends = [0]
    for count, byte in enumerate(data, start=1):
        ends.extend([count] * len(decoder.decode(bytes((byte,)))))
    if len(ends) != len(text) + 1:
        raise UnknownOffsetsError
    starts = accumulate(_widths(text), initial=0)
    table: list[int] = []
    for index, (start, end) in enumerate(pairwise(starts)):
        table.extend([ends[index]] * (end - start))
    return [*table, len(data)]
