"""Finds rows that break promises, once it is known that some do.

Knowing where each row stands slows a scan down, and null counts of footers tell no places at all. Only rows
of broken promises are ever named. Therefore the first look counts, and a second one, for the broken promises
alone, finds rows.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from msgspec.structs import replace

from cst_contracts.engine.rows.measures import is_broken
from cst_contracts.engine.rows.results import RowFact
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import NewestValue, RowOrder, Sample, ValueSpread
from cst_contracts.needs import AnyRowNeed

#: Raises IntrospectionError.
Look: TypeAlias = Callable[[AnyRowNeed], RowFact]


class SecondLook:
    """`count` answers without rows, and `find` with some, after `prepare` was told what it is for."""

    def __init__(self, count: Look, prepare: Callable[[AnyRowNeed], object], find: Look) -> None:
        self._count, self._prepare, self._find = count, prepare, find
        self._prepared: set[AnyRowNeed] = set()

    def with_rows(self, need: AnyRowNeed, fact: RowFact, siblings: Iterable[AnyRowNeed]) -> RowFact:
        """`siblings` are the other needs of the relation: the broken ones are looked into together."""
        if (
            isinstance(fact, NewestValue | ValueSpread)
            or fact.samples
            or not _is_broken(need, fact)
        ):
            return fact
        for each in (need, *siblings):
            if each not in self._prepared and self._was_broken(each):
                self._prepared.add(each)
                self._prepare(each)
        return replace(fact, samples=tuple(filter(_tells, self._rows(need))))

    def _rows(self, need: AnyRowNeed) -> tuple[Sample, ...]:
        try:
            found = self._find(need)
        except IntrospectionError as error:
            return (Sample(None, (("not found again", error.reason),)),)
        return () if isinstance(found, NewestValue | ValueSpread) else found.samples

    def _was_broken(self, need: AnyRowNeed) -> bool:
        try:
            return _is_broken(need, self._count(need))
        except IntrospectionError:
            return False  # whoever asks for it is told why


def _is_broken(need: AnyRowNeed, fact: RowFact) -> bool:
    """The measure of an order has examples of its own, and says that nobody need look for more."""
    if isinstance(fact, RowOrder):
        return fact.violations > 0
    return is_broken(need, fact)


def _tells(sample: Sample) -> bool:
    """A row that has no place, and of which nothing may be shown, tells nothing."""
    return sample.place is not None or bool(sample.values)
