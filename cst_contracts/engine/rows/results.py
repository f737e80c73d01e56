"""The answers about rows, many of one pass kept apart: one that could not be had spoils no other."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import (
    AggregateCount,
    CouldNotLook,
    KeyCount,
    NewestValue,
    NullCount,
    ReferenceCount,
    RowOrder,
    RuleCount,
    ValueCount,
    ValueSpread,
)
from cst_contracts.needs import AnyRowNeed

RowFact: TypeAlias = (
    NullCount
    | KeyCount
    | ReferenceCount
    | RuleCount
    | AggregateCount
    | RowOrder
    | NewestValue
    | ValueCount
    | ValueSpread
)
Result: TypeAlias = RowFact | CouldNotLook
Results: TypeAlias = dict[AnyRowNeed, Result]


def attempt(look: Callable[[], RowFact]) -> Result:
    """The fact, or what stood in the way of it."""
    try:
        return look()
    except IntrospectionError as error:
        return error.answer


def all_failed(needs: Iterable[AnyRowNeed], error: IntrospectionError) -> Results:
    """One trouble that stands in the way of every answer."""
    return dict.fromkeys(needs, error.answer)
