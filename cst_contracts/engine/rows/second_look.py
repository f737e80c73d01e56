"""Finds rows that break promises, once it is known that some do.

Knowing where each row stands slows a scan down, and null counts of footers tell no places at all. Only rows
of broken promises are ever named. Therefore the first look counts, and a second one, for the broken promises
alone, finds rows.
"""

from collections.abc import Callable, Collection, Iterable
from typing import TypeAlias, TypeVar

from msgspec.structs import replace

from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import KeyCount, NullCount, ReferenceCount, RowOrder, RuleCount, Sample
from cst_contracts.needs import AnyRowNeed

Counted: TypeAlias = NullCount | KeyCount | ReferenceCount | RuleCount | RowOrder
C = TypeVar("C", bound=Counted)
#: Raises IntrospectionError.
Look: TypeAlias = Callable[[AnyRowNeed], Counted]


class SecondLook:
    """`count` answers without rows, and `find` with some, after `prepare` was told what it is for."""

    def __init__(self, count: Look, prepare: Callable[[AnyRowNeed], object], find: Look) -> None:
        self._count, self._prepare, self._find = count, prepare, find
        self._prepared: set[AnyRowNeed] = set()

    def __call__(self, need: AnyRowNeed, counted: C, siblings: Iterable[AnyRowNeed]) -> C:
        """`siblings` are the other needs of the relation: the broken ones are looked into together."""
        if not violations(counted) or counted.samples:
            return counted
        for each in (need, *siblings):
            if each not in self._prepared and self._is_broken(each):
                self._prepared.add(each)
                self._prepare(each)
        try:
            samples: Collection[Sample] = self._find(need).samples
        except IntrospectionError as error:
            samples = (Sample(None, (("not found again", error.reason),)),)
        return replace(counted, samples=tuple(filter(_tells, samples)))

    def _is_broken(self, need: AnyRowNeed) -> bool:
        try:
            return violations(self._count(need)) > 0
        except IntrospectionError:
            return False  # whoever asks for it is told why


def violations(counted: Counted) -> int:
    """How many rows, or values, break what was asked about."""
    match counted:
        case NullCount(nulls=nulls):
            return nulls
        case KeyCount(duplicates=duplicates):
            return duplicates
        case ReferenceCount(dangling=dangling):
            return dangling
        case RuleCount(violations=broken) | RowOrder(violations=broken):
            return broken


def _tells(sample: Sample) -> bool:
    """A row that has no place, and of which nothing may be shown, tells nothing."""
    return sample.place is not None or bool(sample.values)
