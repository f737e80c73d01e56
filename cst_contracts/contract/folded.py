"""Finds the names in SQL text that stand without quotes, and that the engine folds to those of other fields.

DataFusion 55 takes `Id` for `id`, as SQL does: a table that has both fields is asked about the other one.
"""

import re
from collections.abc import Collection, Iterable, Iterator

from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.wording import listed
from cst_contracts.errors import Problem

#: What holds names that are none (texts, quoted names, comments), an alias, and last a name.
_TOKENS = re.compile(
    r"""
      '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | (?P<dollar>\$\w*\$).*?(?P=dollar)
    | --[^\n]* | /\*.*?\*/
    | \b(?i:as)\s+[^\W\d][\w$]*
    | (?P<name>[^\W\d][\w$]*)(?P<called>\s*\()?
    """,
    re.VERBOSE | re.DOTALL,
)


def folded_names(sql: str, fields: Collection[str]) -> Iterator[str]:
    """The fields that the SQL text names without quotes, though no name without quotes can mean them."""
    for token in _TOKENS.finditer(sql):
        name = token["name"]
        if name and not token["called"] and name in fields and name != name.lower():
            yield name


def quoted(names: Iterable[str]) -> str:
    """Names as they have to be written."""
    return listed([f'"{name}"' for name in dict.fromkeys(names)], "and")


def refuse_folded(sql: Scalar, fields: Collection[str], problems: Problems) -> None:
    names = tuple(dict.fromkeys(folded_names(sql.text, fields)))
    if names:
        lower = listed([name.lower() for name in names], "and")
        what = f"SQL reads {listed(names, 'and')} without quotes as {lower}"
        problems.append(Problem(sql.place, what, f"write {quoted(names)}"))
