"""The words that the findings of several kinds of checks share."""

from collections.abc import Sequence
from typing import Protocol

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Finding
from cst_contracts.facts import RowDifference, SortTerm
from cst_contracts.location import Location


class Promise(Protocol):
    """What a finding takes of the check that it belongs to."""

    @property
    def place(self) -> Location: ...

    @property
    def subject(self) -> str:
        """What the promise is about, such as `table.field`."""


def finding(
    promise: Promise, code: FindingCode, promised: str, observed: str, hint: str = ""
) -> Finding:
    """A finding at the line of the promise."""
    return Finding(code, promise.place, promise.subject, promised, observed, hint)


def counted(count: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def difference_in_words(difference: RowDifference) -> str:
    """Of rows that there should be, and of rows that there are."""
    told = (
        f"{counted(difference.missing, 'row')} missing" if difference.missing else "",
        f"{counted(difference.extra, 'row')} too many" if difference.extra else "",
    )
    return ", ".join(filter(None, told))


def some(names: Sequence[str], most: int = 3, between: str = ", ") -> str:
    """`a, b, c and 2 more`: the first of them, and how many others there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{between.join(names[:most])}{more}"


def sort_order(terms: Sequence[SortTerm]) -> str:
    return ", ".join(map(str, terms)) if terms else "no order"
