"""Text of plans and planning errors to facts: the engine offers no other way to ask (datafusion 55)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import zip_longest

from cst_contracts.facts import SortTerm

_ORDERINGS = re.compile(r"output_ordering(?:=\[|s=\[\[)")
#: A field's name stands unquoted and may hold anything, so only what follows it tells where it ends.
_TERM = re.compile(
    r"(?P<field>.+?)@\d+ (?P<direction>ASC|DESC)(?: NULLS (?P<nulls>FIRST|LAST))?"
    r"(?P<end>, |\], \[|\])"
)
_METADATA_ANSWER = "PlaceholderRowExec"


def output_orderings(plan: str) -> tuple[tuple[SortTerm, ...], ...]:
    """The orders of a scan's rows, as its plan declares them: none, one, or several at once."""
    found = _ORDERINGS.search(plan)
    at = len(plan) if found is None else found.end()
    orderings: list[tuple[SortTerm, ...]] = []
    terms: list[SortTerm] = []
    while term := _TERM.match(plan, at):
        terms.append(_term(term))
        at = term.end()
        if term["end"] != ", ":
            orderings.append(tuple(terms))
            terms = []
        if term["end"] == "]":
            break
    return tuple(orderings)


def _term(found: re.Match[str]) -> SortTerm:
    return SortTerm(
        field=found["field"],
        descending=found["direction"] == "DESC",
        # The plan names the place of nulls only where they come last.
        nulls_first=found["nulls"] != "LAST",
    )


_CONSTRAINTS = re.compile(r", constraints=\[(.*?\))\]")
_UNIQUE = re.compile(r"(?:PrimaryKey|Unique)\(\[([0-9]{1,6}(?:, [0-9]{1,6})*)\]\)")


def unique_fields(plan: str, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The keys that a scan of all fields declares. `names` are those of the fields, in order: DataFusion 55
    tells keys as their numbers. A field may be called what looks like a key of other fields."""
    found = _CONSTRAINTS.search(plan.partition("\n")[0])
    if found is None:
        return ()
    keys = [[int(number) for number in key.split(", ")] for key in _UNIQUE.findall(found[1])]
    return tuple(tuple(names[at] for at in key) for key in keys if max(key) < len(names))


def answered_from_metadata(plan: str) -> bool:
    """No part of the plan reads anything: all of its leaves hold their rows already."""
    lines = plan.splitlines()
    leaves = [
        line for line, below in zip_longest(lines, lines[1:], fillvalue="") if not _in(line, below)
    ]
    return bool(leaves) and all(leaf.lstrip().startswith(_METADATA_ANSWER) for leaf in leaves)


def _in(line: str, below: str) -> bool:
    return len(below) - len(below.lstrip()) > len(line) - len(line.lstrip())


class Pruned(Enum):
    NONE = "none"
    SOME = "some"


_ROW_GROUPS = re.compile(
    r"row_groups_pruned_statistics=(\S+(?: [KMGT])?) total → (\S+(?: [KMGT])?) "
)
_FILES = re.compile(r"files_ranges_pruned_statistics=(\d+) total")


def pruned_row_groups(analysis: str) -> Pruned:
    """Of a plan that was run. Numbers are told in thousands and more where they are large."""
    found = _ROW_GROUPS.findall(analysis)
    return Pruned.SOME if any(total != matched for total, matched in found) else Pruned.NONE


def pruned_files(analysis: str) -> int | None:
    """Of a plan that was run: the files that it came to at all. None where it does not tell."""
    found = _FILES.findall(analysis)
    return sum(map(int, found)) if found else None


def reads_without_end(plan: str) -> bool:
    return "infinite_source=true" in plan


def scans_files(plan: str) -> bool:
    """The plan reads files, and does nothing else."""
    return plan.lstrip().startswith("DataSourceExec: file_groups=")


def sorts_rows(plan: str) -> bool:
    """Merging streams that are sorted already is no sort."""
    return any(line.lstrip().startswith("SortExec") for line in plan.splitlines())


#: A view in a plan is its query under an alias; a stored table is a scan.
_VIEW = "SubqueryAlias: "
#: Text stands in plans as it is, so what follows its end tells where it ends.
_TEXT = re.compile(r'Utf8(?:View)?\(".*?"\)(?=$|[\s,)\]])', re.DOTALL)
#: `unnest` is a node of its own, and no call.
_UNNEST = re.compile(r"^\s*Unnest: ", re.MULTILINE)


def view_lines(plan: str) -> tuple[str, ...] | None:
    """The logical plan of a relation without the view's name; None where the relation is no view."""
    first, *lines = plan.splitlines() or [""]
    if not first.startswith(_VIEW):
        return None
    return tuple(line.removeprefix("  ") for line in lines)


def called_functions(lines: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """Of the known functions. Names stand unquoted in plans: a field that is called like a call, such as
    `abs(x)`, counts as one where no table's name stands before it."""
    plan = _TEXT.sub("", "\n".join(lines))
    names = "|".join(map(re.escape, known))
    called = re.findall(rf"(?<![\w.])({names})\(", plan) if names else []
    return tuple(sorted({*called, *(["unnest"] if _UNNEST.search(plan) else [])}))


_UNKNOWN_FUNCTION = re.compile(
    r"Invalid function '(?P<name>.*?)'\.|table function '(?P<table>.*?)' not found"
)


def unknown_function(error: str) -> str | None:
    """The function that the planner's error says the session does not have."""
    found = _UNKNOWN_FUNCTION.search(error)
    return None if found is None else found["name"] or found["table"]


def generates(plan: str, function: str) -> bool:
    """The engine's own table function makes the rows of this physical plan."""
    return f"batch_generators=[{function}: " in plan


_BRACKET = re.compile(r"[()]")


def column_casts(plan: str, table: str) -> Iterator[tuple[str, str]]:
    """A table's columns that the plan casts, each with the type's name. A name with a bracket in it may hide
    where a type ends: then it is none."""
    for cast in re.finditer(rf"CAST\({re.escape(table)}\.(\w+) AS ", plan):
        end = _closing(plan, cast.end())
        if end is not None:
            yield cast[1], plan[cast.end() : end]


def _closing(plan: str, start: int) -> int | None:
    """Where the bracket that is open at `start` is closed."""
    depth = 1
    for found in _BRACKET.finditer(plan, start):
        depth += 1 if found[0] == "(" else -1
        if not depth:
            return found.start()
    return None
