"""Measures how deeply an SQL text nests, without an engine.

DataFusion 55 plans an expression by recursion over its operators: some thousand of them in a row overflow the
process's stack, which no exception tells, and the time that it takes grows with their number's cube. So the
text is measured before the engine sees it.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

#: Six seconds of planning for a chain of sums, a quarter of one for a chain of conditions.
MOST_OPERATORS = 500
_TOKEN = re.compile(
    r"""
      (?P<skipped> '(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | \s+ )
    | (?P<open> [(\[] )
    | (?P<close> [)\]] )
    | (?P<comma> , )
    | (?P<operator> ::|[-+*/%|&^=<>!~]+ )
    | (?P<word> [^\W\d]\w* )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_LINKS = frozenset({"and", "or", "union", "intersect", "except", "join"})
_OPERATORS = frozenset({"not", "like", "ilike", "is", "between", "case", "similar", "collate"})


def operators_in_a_row(sql: str) -> int:
    """The most operators that stand within each other or in one chain. Conditions that AND and OR link do not
    stand in each other, nor does what commas set apart, as the values of IN."""
    levels, most = [_Level()], 0
    for kind, word in _tokens(sql):
        match kind:
            case "open":
                levels.append(_Level())
            case "close":
                levels = levels[:-1] or [_Level()]
            case "comma":
                levels[-1] = _Level()
            case "word" if word.lower() in _LINKS:
                levels[-1] = _Level(levels[-1].links + 1)
            case "word" if word.lower() not in _OPERATORS:
                pass
            case _:
                levels[-1] = _Level(levels[-1].links, levels[-1].operators + 1)
        most = max(most, sum(each.links + each.operators + 1 for each in levels) - 1)
    return most


class _Level(Struct, frozen=True):
    """Within one pair of brackets: the links so far, and the operators since the last of them."""

    links: int = 0
    operators: int = 0


def _tokens(sql: str) -> Iterator[tuple[str, str]]:
    for found in _TOKEN.finditer(sql):
        kind = found.lastgroup
        if kind is not None and kind not in ("skipped", "other"):
            yield kind, found.group()
