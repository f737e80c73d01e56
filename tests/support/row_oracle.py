"""A naive reader of rows, as `to_pylist()` gives them: what is null, twice, dangling or out of order."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cmp_to_key
from itertools import pairwise
from typing import Any, TypeAlias

from cst_contracts.facts import (
    KeyCount,
    ReferenceCount,
    RowPlace,
    RuleCount,
    Sample,
    SortTerm,
    ValueCount,
)

Row: TypeAlias = dict[str, Any]
Files: TypeAlias = dict[str, list[Row]]  # rows by the file's name


def rows_of(files: Files) -> list[tuple[RowPlace, Row]]:
    return [
        (RowPlace(name, number), row)
        for name in sorted(files)
        for number, row in enumerate(files[name])
    ]


def steps(path: str) -> list[str]:
    """`l[].a{}.value.b` to its steps from the row down."""
    for mark in ("[]", "{}"):
        path = path.replace(mark, f".{mark}")
    return path.split(".")


def slots(value: Any, below: Sequence[str]) -> Iterator[Any]:
    """The values at the end of the steps, of which all parents are there."""
    if not below:
        yield value
        return
    if value is None:
        return
    step, *rest = below
    if step == "[]":
        for element in value:
            yield from slots(element, rest)
    elif step == "{}":
        side, *deeper = rest
        for pair in value:
            yield from slots(pair[side == "value"], deeper)
    else:
        yield from slots(value[step], rest)


def nulls(files: Files, path: str) -> tuple[int, int, list[RowPlace]]:
    """(values, nulls, where)"""
    values, found, places = 0, 0, []
    for place, row in rows_of(files):
        here = list(slots(row, steps(path)))
        values += len(here)
        found += here.count(None)
        if None in here:
            places.append(place)
    return values, found, places


def keys(files: Files, paths: Sequence[str]) -> list[tuple[RowPlace, tuple[Any, ...]]]:
    """One per row, or per innermost element of the list or map that some of the paths reach into."""
    chains = [steps(path) for path in paths]
    return [(place, key) for place, row in rows_of(files) for key in _keys(row, chains)]


def _keys(value: Any, chains: list[list[str]]) -> Iterator[tuple[Any, ...]]:
    """The chains part at structs; below a list or a map, all that go on go on together."""
    entered = next((chain for chain in chains if {"[]", "{}"} & set(chain)), None)
    if entered is None:
        yield tuple(_one(value, chain) for chain in chains)
        return
    at = next(i for i, step in enumerate(entered) if step in ("[]", "{}"))
    head = entered[: at + 1]
    several = _one(value, head[:-1])
    for element in several or ():
        taken = list(element) if head[-1] == "{}" else element
        below: list[tuple[Any, list[str]]] = [
            (taken, chain[at + 1 :]) if chain[: at + 1] == head else (value, chain)
            for chain in chains
        ]
        yield from _below(below)


def _below(parts: list[tuple[Any, list[str]]]) -> Iterator[tuple[Any, ...]]:
    if any({"[]", "{}"} & set(chain) for _, chain in parts):
        ((value, chain),) = parts  # two levels deep, keys of one field alone
        yield from _keys({"_": value}, [["_", *chain]])
        return
    yield tuple(_one(value, chain) for value, chain in parts)


def _one(value: Any, chain: Sequence[str]) -> Any:
    for step in chain:
        if value is None:
            return None
        if step in ("key", "value") and isinstance(value, list):
            value = value[step == "value"]
        else:
            value = value[step]
    return value


def same(value: Any) -> Any:
    """Equal for the values that the engine takes for equal: zeros are one, and NaN is itself."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    return value


def key_count(files: Files, paths: Sequence[str], most: int = 0) -> KeyCount:
    found = [(place, tuple(map(same, key))) for place, key in keys(files, paths)]
    complete = [(place, key) for place, key in found if None not in key]
    duplicates = len(complete) - len({key for _, key in complete})
    told = tuple(Sample(place, ()) for place in together(complete)[:most])
    return KeyCount(len(complete), duplicates, len(found) - len(complete), told)


def together(keys: Sequence[tuple[RowPlace, Any]]) -> list[RowPlace]:
    """Where rows share a key, each with those that it shares one with, where the first of these stands."""
    by_first: dict[RowPlace, list[RowPlace]] = {}
    for place, key in keys:
        same = [each for each, other in keys if other == key]
        if len(same) > 1 and place == min(same):
            by_first.setdefault(place, []).extend(same)
    found = [each for first in sorted(by_first) for each in sorted(by_first[first])]
    return list(dict.fromkeys(found))


def reference_count(
    files: Files, paths: Sequence[str], to: Sequence[str], most: int = 0
) -> ReferenceCount:
    there = {tuple(map(same, key)) for _, key in keys(files, to)}
    found = [(place, tuple(map(same, key))) for place, key in keys(files, paths)]
    complete = [(place, key) for place, key in found if None not in key]
    dangling = [place for place, key in complete if key not in there]
    return ReferenceCount(len(complete), len(dangling), samples(set(dangling), most))


def rule_count(files: Files, holds: Callable[[Row], bool | None], most: int = 0) -> RuleCount:
    rows = rows_of(files)
    wrong = {place for place, row in rows if holds(row) is False}
    known = not rows or any(holds(row) is not None for _, row in rows)
    return RuleCount(len(rows), len(wrong), samples(wrong, most), known)


def value_count(
    files: Files, path: str, offends: Callable[[Any], bool], most: int = 0
) -> ValueCount:
    """`offends` is asked of each value that is not null."""
    rows = [(place, list(slots(row, steps(path)))) for place, row in rows_of(files)]
    found = [(place, each) for place, here in rows for each in here if each is not None]
    wrong = [(place, each) for place, each in found if offends(each)]
    told = Counter(repr(each) if isinstance(each, str) else str(each) for _, each in wrong)
    frequent = sorted(told.items(), key=lambda each: (-each[1], each[0]))
    return ValueCount(
        len(found),
        len(wrong),
        tuple(frequent[:5]),
        max(0, len(frequent) - 5),
        samples=samples({place for place, _ in wrong}, most),
        rows=len(rows),
    )


def out_of_order(files: Files, terms: Sequence[SortTerm]) -> list[RowPlace]:
    return [
        RowPlace(name, number + 1)
        for name in sorted(files)
        for number, (first, second) in enumerate(pairwise(files[name]))
        if belongs_before(second, first, terms)
    ]


def belongs_before(second: Row, first: Row, terms: Sequence[SortTerm]) -> bool:
    def compare(one: Row, other: Row) -> int:
        for term in terms:
            a, b = one[term.field], other[term.field]
            if (a is None) != (b is None):
                return -1 if (a is None) == term.nulls_first else 1
            if a is not None and total_order(a) != total_order(b):
                smaller = total_order(a) < total_order(b)
                return -1 if smaller != term.descending else 1
        return 0

    return bool(cmp_to_key(compare)(second) < cmp_to_key(compare)(first))


def total_order(value: Any) -> tuple[Any, ...]:
    """Text by its bytes, floats by IEEE 754's total order."""
    if isinstance(value, str):
        return (value.encode(),)
    if isinstance(value, float):
        return (math.inf, 2.0) if math.isnan(value) else (value, math.copysign(1, value))
    return (value,)


def samples(places: set[RowPlace], most: int) -> tuple[Sample, ...]:
    return tuple(Sample(place, ()) for place in sorted(places)[:most])
