"""Text of a physical plan to facts: the engine offers no other way to ask (datafusion 55)."""

import re

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


def answered_from_metadata(plan: str) -> bool:
    """No part of the plan reads anything: all of its leaves hold their rows already."""
    lines = plan.splitlines()
    leaves = [
        line for line, below in zip(lines, [*lines[1:], ""], strict=True) if not _in(line, below)
    ]
    return all(leaf.lstrip().startswith(_METADATA_ANSWER) for leaf in leaves)


def _in(line: str, below: str) -> bool:
    return len(below) - len(below.lstrip()) > len(line) - len(line.lstrip())


def sorts_rows(plan: str) -> bool:
    """Merging streams that are sorted already is no sort."""
    return any(line.lstrip().startswith("SortExec") for line in plan.splitlines())
