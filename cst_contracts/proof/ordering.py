"""Sorts rows as a contract's `ordered_by` promises that they are stored."""

import math
from typing import Any

from cst_contracts.contract.model import OrderingTerm, TableContract
from cst_contracts.proof.rows import Rows


def ordered(contract: TableContract, rows: Rows) -> Rows:
    terms = contract.source.ordered_by if contract.source is not None else ()
    if not terms:
        return rows
    numbers = list(range(rows.count))
    for term in reversed(terms):
        numbers = _sorted(numbers, rows.columns[term.field], term)
    return rows.take(numbers)


def _sorted(numbers: list[int], values: list[Any], term: OrderingTerm) -> list[int]:
    """Leaves rows of the same value in their sequence."""
    nulls = [number for number in numbers if values[number] is None]
    others = [number for number in numbers if values[number] is not None]
    others.sort(key=lambda number: rank(values[number]), reverse=term.descending)
    return [*nulls, *others] if term.nulls_first else [*others, *nulls]


def rank(value: Any) -> tuple[Any, ...]:
    """What makes values comparable: NaN is greater than all numbers, and text goes by its bytes."""
    if isinstance(value, float):
        return (math.isnan(value), 0.0 if math.isnan(value) else value)
    if isinstance(value, str):
        return (value.encode(),)
    if isinstance(value, dict):
        return tuple(_ranked(each) for each in value.values())
    return (value,)


def _ranked(value: Any) -> tuple[Any, ...]:
    return (1,) if value is None else (0, rank(value))
