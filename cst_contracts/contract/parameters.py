"""Finds the parameters in the text of a query: `$name`, where it stands for a value."""

import re
from collections.abc import Iterator

#: What may hold a dollar or a question mark that is no parameter (texts, names, comments), and parameters.
_TOKENS = re.compile(
    r"""
      '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | (?P<dollar>\$(?:[^\W\d]\w*)?\$).*?(?P=dollar)
    | --[^\n]* | /\*.*?\*/
    | [^\W\d][\w$]*
    | \$(?P<name>\w+) | (?P<nameless>\?)
    """,
    re.VERBOSE | re.DOTALL,
)
#: A parameter that has no name.
NAMELESS = "?"


def parameter_names(sql: str) -> Iterator[str]:
    """Each time that one is written; `NAMELESS` for one without a name."""
    for token in _TOKENS.finditer(sql):
        if token["name"] or token["nameless"]:
            yield token["name"] or NAMELESS
