"""Tells which texts without quotes YAML reads as something else than text, such as `no` and `1.10`."""

import re

# `y` and `n` are booleans to the letter of YAML 1.1 only: the parsers that people use read text.
_BOOLEANS = frozenset(
    spelling
    for word in ("yes", "no", "on", "off", "true", "false")
    for spelling in (word, word.capitalize(), word.upper())
)
_NULLS = frozenset({"~", "null", "Null", "NULL"})

# Either YAML, 1.1 or 1.2, is enough: which one reads a file is not for its author to know.
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?.*)?", re.ASCII)
_NUMBER = re.compile(
    r"""[-+]?(?:
        0b[01_]+ | 0o[0-7]+ | 0x[0-9a-fA-F_]+
      | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?
      | [0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?
      | \.[0-9_]+(?:[eE][-+]?[0-9]+)?
      | \.(?:inf|Inf|INF)
    ) | \.(?:nan|NaN|NAN)""",
    re.VERBOSE,
)
_FIRST_OF_NUMBER = frozenset("+-.0123456789")


def surprise(text: str) -> str | None:
    """What YAML 1.1 or 1.2 reads a text without quotes as; None if both read text."""
    if not text or text in _NULLS:
        return "no value"
    if text in _BOOLEANS:
        return "a boolean"
    if text[0] not in _FIRST_OF_NUMBER:
        return None
    if _NUMBER.fullmatch(text):
        return "a number"
    return "a date" if _DATE.fullmatch(text) else None
