"""Reads the types that a contract writes as text, and says how a type of another language is written here."""

import re
from collections.abc import Sequence
from functools import lru_cache

import pyarrow as pa

from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.wording import printable, shown
from cst_contracts.datatypes import child_nodes, parse_type
from cst_contracts.errors import InvalidType, Problem

MAX_LEVELS = 64

# From the brackets and the words that people bring along to Arrow's. What comes of it is only
# suggested where it is a type.
_RESPELLINGS: tuple[tuple[str, str], ...] = (
    (r"^\s*(.+?)\s*\[\s*\]\s*$", r"list<\1>"),
    (r"(?i)\b(?:list|array|sequence|repeated)\s*[<(\[]", "list<"),
    (r"(?i)\b(?:map|dict)\s*[<(\[]", "map<"),
    (r"(?i)\b(?:struct|row|record)\s*[<(\[]", "struct<"),
    (r"(?i)^\s*optional\s*[<(\[](.*)[>)\]]\s*$", r"\1"),
)
_CLOSING = {"<": ">", "[": "]", "(": ")"}
_SUGGESTED = re.compile(r"`(\w+(?:\[\w+\])?)`$")
_WORD = re.compile(r"\w+")
_MOST_WORDS = 16
_LONGEST = 500


def read_type(
    text: Scalar, problems: Problems, children: Sequence[pa.Field] | None = None
) -> pa.DataType | None:
    """The type that a text spells; reports a problem and returns None if it spells none."""
    try:
        return parse_type(text.text, children) if children else _closed_type(text.text)
    except InvalidType as error:
        respelled = _respelled(text.text)
        if respelled is None:
            place = text.place_of(error.offset)
            problems.append(Problem(place, printable(error.what), printable(error.instead)))
        else:
            what = f"{shown(text.text)} is no Arrow type"
            problems.append(Problem(text.place, what, f"write {shown(respelled)}"))
        return None


def levels(type_: pa.DataType) -> int:
    """How deep a type is nested: 1 for a leaf."""
    return 1 + max((levels(node.field.type) for node in child_nodes("", type_)), default=0)


@lru_cache(maxsize=1024)
def _closed_type(text: str) -> pa.DataType:
    """Remembers types, since a project's contracts say `string` and `int64` thousands of times."""
    return parse_type(text)


def _respelled(text: str) -> str | None:
    """Arrow's spelling of another language's type: `list<int64>` for `list[int64]` or `Array(BIGINT)`."""
    respelled = text if len(text) <= _LONGEST else ""
    for pattern, replacement in _RESPELLINGS:
        respelled = re.sub(pattern, replacement, respelled)
    if respelled in (text, ""):
        return None
    return _with_known_words(_closed_as_opened(respelled))


def _closed_as_opened(text: str) -> str:
    """Closes each bracket as it was opened: `list<timestamp[us]>` for `list<timestamp[us]]`."""
    closing: list[str] = []
    characters: list[str] = []
    for character in text:
        if character in _CLOSING:
            closing.append(_CLOSING[character])
        elif character in _CLOSING.values() and closing:
            character = closing.pop()  # noqa: PLW2901 - what is written in its place
        characters.append(character)
    return "".join(characters)


def _with_known_words(text: str) -> str | None:
    """Replaces each word that is no type by the one suggested for it; None if that does not make a type."""
    for _ in range(_MOST_WORDS):
        try:
            parse_type(text)
        except InvalidType as error:
            suggested, word = _SUGGESTED.search(error.instead), _WORD.match(text, error.offset)
            if suggested is None or word is None:
                return None
            text = f"{text[: error.offset]}{suggested[1]}{text[word.end() :]}"
        else:
            return text
    return None
