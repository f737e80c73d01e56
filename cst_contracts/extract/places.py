"""LibCST's syntax errors → the place in the file that they are about.

LibCST 1.9 counts the line of an error from 1 and adds one more, and cuts off what then lies behind the
last line (LibCST issue 1028); errors of its tokenizer have no place and claim the first line (issue 1112).
The text of the message has the line as it is. Its place is still not that of the fault: the parser takes
a token before it refuses it, so that the place is where the next token begins. It does not take a reserved
word where only a name can stand.
"""

import keyword
import re
import tokenize
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import NamedTuple

import libcst as cst

_PLACE = re.compile(r"parser error: error at (\d+):(\d+)")
_NEWLINE = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_BEFORE_NAMES = frozenset({".", "as", "class", "def", "global", "import", "nonlocal"})
_NO_TOKENS = frozenset({tokenize.COMMENT, tokenize.NL})


class Place(NamedTuple):
    """`line` counts from 1; `column` counts code points from 0."""

    line: int
    column: int


class ErrorPlace(NamedTuple):
    """As the columns of `parse_errors` have it; all None where the place is not known."""

    raw_line: int | None = None
    raw_column: int | None = None
    editor_line: int | None = None
    editor_column: int | None = None
    context: str | None = None


def error_place(error: BaseException, data: bytes | None) -> ErrorPlace:
    """`data` is what LibCST was given."""
    message = error.message if isinstance(error, cst.ParserSyntaxError) else ""
    told = _PLACE.match(message)
    if told is None or data is None:
        return ErrorPlace()
    lines = _lines(data)
    line, column = _refused(lines, Place(int(told[1]), int(told[2])))
    text = lines[line - 1].rstrip("\r\n") if line <= len(lines) else ""
    editor_column = len(text[:column].expandtabs()) + 1
    caret = " " * (editor_column - 1) + "^"
    return ErrorPlace(line, column, line, editor_column, f"{text.expandtabs()}\n{caret}")


def _lines(data: bytes) -> list[str]:
    encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
    return [line for line in _NEWLINE.split(data.decode(encoding)) if line]


def _refused(lines: Sequence[str], told: Place) -> Place:
    """The start of the last token before that place; the place itself where there is none."""
    refused, before = told, ""
    comment: Place | None = None
    for token in _tokens(lines):
        start = Place(*token.start)
        if start >= told:
            reserved = start == told and keyword.iskeyword(token.string)
            return told if reserved and before in _BEFORE_NAMES else refused
        if token.type not in _NO_TOKENS:
            # To the parsers, a line ends where its comment begins.
            ends = comment if token.type == tokenize.NEWLINE else None
            refused, before = ends or start, token.string
        comment = start if token.type == tokenize.COMMENT else None
    return refused


def _tokens(lines: Sequence[str]) -> Iterator[tokenize.TokenInfo]:
    """As far as Python's tokenizer comes, which may not be the end."""
    normal = iter([line.rstrip("\r\n") + "\n" for line in lines])
    try:
        yield from tokenize.generate_tokens(lambda: next(normal, ""))
    except (tokenize.TokenError, SyntaxError):
        return
