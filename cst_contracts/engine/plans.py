"""Text of a physical plan to facts: the engine offers no other way to ask (datafusion 55)."""

import re

from cst_contracts.facts import SortTerm

_ORDERING = re.compile(r"output_ordering=\[(?P<terms>[^\]]*)\]")
_TERM = re.compile(
    r"\s*(?P<field>.+?)@\d+ (?P<direction>ASC|DESC)(?: NULLS (?P<nulls>FIRST|LAST))?\s*(?:,|$)"
)
_METADATA_ANSWER = "PlaceholderRowExec"


def output_ordering(plan: str) -> tuple[SortTerm, ...]:
    """The order of a scan's rows, as its plan declares it; empty where it declares none."""
    found = _ORDERING.search(plan)
    if found is None:
        return ()
    return tuple(
        SortTerm(
            field=term["field"],
            descending=term["direction"] == "DESC",
            # The plan names the place of nulls only where they come last.
            nulls_first=term["nulls"] != "LAST",
        )
        for term in _TERM.finditer(found["terms"])
    )


def answered_from_metadata(plan: str) -> bool:
    return _METADATA_ANSWER in plan
