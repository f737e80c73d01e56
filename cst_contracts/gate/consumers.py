"""Finds the consumers that a failed promise concerns: those that read the fields that it is about."""

import re
from collections.abc import Iterable

from cst_contracts.checks.check import Check
from cst_contracts.contract.model import Contract, SessionContract, TableContract
from cst_contracts.datatypes import child_path, top_level
from cst_contracts.drift.consumers import Affected, reading

_ID = re.compile(r"(\w+)\[(.*)\]", re.DOTALL)
#: Kinds whose brackets hold a name, and no path of a field; a field may have the same name.
_NAMED = frozenset(
    {
        "aggregate",
        "catalog",
        "files",
        "function",
        "metadata",
        "query",
        "rule",
        "setting",
        "snapshot",
    }
)


def concerned(
    contract: Contract, check: Check, tables: Iterable[TableContract]
) -> tuple[Affected, ...]:
    """What is about no field, such as a rule, concerns whoever reads the table at all."""
    match contract:
        case TableContract():
            paths, view = _subject(contract, check.id)
            return reading(paths, contract, tables, view)
        case SessionContract():
            return ()


def _subject(contract: TableContract, check: str) -> tuple[tuple[str, ...], str]:
    """The fields that a check is about, or the view."""
    found = _ID.fullmatch(check)
    if found is None or found[1] in _NAMED:
        return (), ""
    if found[1] == "view":
        return (), found[2]
    paths = tuple(found[2].partition("→")[0].split(","))
    tops = (child_path("", top_level(each)) for each in paths)
    return (paths, "") if all(each in contract.nodes for each in tops) else ((), "")
