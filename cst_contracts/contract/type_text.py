"""Reads the types that a contract writes as text, and says how a type of another language is written here."""

import re
from collections.abc import Sequence
from functools import lru_cache

import pyarrow as pa

from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.wording import shown
from cst_contracts.datatypes import child_nodes, parse_type
from cst_contracts.errors import InvalidType, Problem

MAX_LEVELS = 64

# From what people bring along to Arrow's spelling. A result is only suggested where it is a type.
_LISTS = r"\b(?:list|array|sequence|repeated)\s*<"
_RESPELLINGS = (
    (r"(?i)\b(?:list|array|struct|map|dict|row|record)(?=\s*[<\[(])", lambda met: met[0].lower()),
    (r"^\s*(.+?)\s*\[\s*\]\s*$", r"list<\1>"),
    (r"[\[(]", "<"),
    (r"[\])]", ">"),
    (_LISTS, "list<"),
    (r"\bdict\s*<", "map<"),
    (r"\b(?:row|record)\s*<", "struct<"),
)


def read_type(
    text: Scalar, problems: Problems, children: Sequence[pa.Field] | None = None
) -> pa.DataType | None:
    """The type; None where the text spells none, which is told."""
    try:
        return parse_type(text.text, children) if children else _closed_type(text.text)
    except InvalidType as error:
        respelled = _respelled(text.text)
        if respelled is None:
            problems.append(Problem(text.place_of(error.offset), error.what, error.instead))
        else:
            what = f"{shown(text.text)} is no Arrow type"
            problems.append(Problem(text.place, what, f"write {shown(respelled)}"))
        return None


def levels(type_: pa.DataType) -> int:
    """How deep a type is nested: 1 for a leaf."""
    return 1 + max((levels(node.field.type) for node in child_nodes("", type_)), default=0)


@lru_cache(maxsize=1024)
def _closed_type(text: str) -> pa.DataType:
    """A project's contracts say `string` and `int64` thousands of times."""
    return parse_type(text)


def _respelled(text: str) -> str | None:
    """`list<int64>` for `list[int64]`, `Array(int64)` or `int64[]`."""
    respelled = text
    for pattern, replacement in _RESPELLINGS:
        respelled = re.sub(pattern, replacement, respelled)
    if respelled == text:
        return None
    try:
        parse_type(respelled)
    except InvalidType:
        return None
    return respelled
