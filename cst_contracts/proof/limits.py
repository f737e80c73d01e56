"""The values that are within the limits of a field, and those that are beyond exactly one of them."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import pyarrow as pa

from cst_contracts.contract.model import (
    FieldContract,
    Limit,
    Matching,
    OfLength,
    OneOf,
    TableContract,
    ValueConstraint,
    Within,
)
from cst_contracts.datatypes.values import Family, family, value_of, value_type
from cst_contracts.engine.rows.offences import comparable, offends
from cst_contracts.proof.errors import NoData
from cst_contracts.proof.pools import Pool, pool_of

#: Of the further values of a type, those that are tried.
_FURTHER = 1_000
#: Whole numbers and ticks beside a bound that are tried.
_BESIDE = 150
_TEXTS_OF_A_PATTERN = 60


def limited_nodes(contract: TableContract) -> Iterator[FieldContract]:
    """The fields, and nodes below them, of whose values something is promised."""
    for field in contract.fields:
        yield from (node for node in field.walk() if node.constraints)


def within_limits(node: FieldContract, pool: Pool, *, plain: bool) -> Pool:
    """The pool with values within all limits of the node only. Raises NoData where there is none."""
    tried = _tried(node, pool, plain=plain)
    beyond = limits_passed(node, tried)
    kept = [value for value, limits in zip(tried, beyond, strict=True) if not limits]
    if not kept:
        first = node.constraints[0]
        named = " and ".join(f"{each.limit.kind}[{node.path}]" for each in node.constraints)
        raise NoData(f"{first.place}: no value that was tried keeps {named}")
    few = kept[: max(8, len(_listed(node)))]
    more = kept[len(few) :]
    return Pool(tuple(few), lambda number: more[number] if number < len(more) else None)


def beyond_alone(
    node: FieldContract, constraint: ValueConstraint, named: Iterable[Any] = (), *, plain: bool
) -> list[Any]:
    """Values that are beyond this limit of the node, and beyond no other; first those that are `named`."""
    tried = _tried(node, pool_of(node.type, plain=plain).preferring(named), plain=plain)
    beyond = limits_passed(node, tried)
    return [
        value for value, limits in zip(tried, beyond, strict=True) if limits == [constraint.limit]
    ]


def _tried(node: FieldContract, pool: Pool, *, plain: bool) -> list[Any]:
    """What the limits themselves mention first: values as the pools have them, times as numbers."""
    more = [] if pool.more is None else map(pool.more, range(_FURTHER))
    own = pool_of(node.type, plain=plain).values
    mentioned = [value for each in node.constraints for value in _mentioned(each, node.type)]
    found = dict.fromkeys(
        (*mentioned, *pool.values, *own, *(each for each in more if each is not None))
    )
    return [each for each in found if _is_of(each, node.type) and not (plain and each == "")]


def limits_passed(node: FieldContract, values: Sequence[Any]) -> list[list[Limit]]:
    """By value, the limits that it is beyond."""
    stored = value_type(node.type)
    array = comparable(pa.array(values, stored))
    found: list[list[Limit]] = [[] for _ in values]
    for each in node.constraints:
        flags = offends(each.limit, stored, array.type)(array).to_pylist()
        for limits, flag in zip(found, flags, strict=True):
            if flag:
                limits.append(each.limit)
    return found


def _listed(node: FieldContract) -> tuple[str, ...]:
    lists = (each.limit.values for each in node.constraints if isinstance(each.limit, OneOf))
    return next(lists, ())


def _mentioned(constraint: ValueConstraint, type_: pa.DataType) -> Iterator[Any]:
    match constraint.limit:
        case OneOf(values=values):
            yield from (_value(text, type_) for text in values)
        case Within(lower=lower, upper=upper):
            for bound in (lower, upper):
                if bound is not None:
                    yield from _beside(_value(bound, type_))
        case OfLength(least=least, most=most):
            for length in (least, most):
                if length is not None:
                    yield from _of_length(length, type_)
        case Matching(pattern=pattern):
            yield from _matching(pattern, constraint)


def _value(text: str, type_: pa.DataType) -> Any:
    """As pools have it: a time is the number of its ticks."""
    scalar = value_of(text, type_)
    return scalar.value if family(value_type(type_)) is Family.TIME else scalar.as_py()


def _beside(bound: Any) -> Iterator[Any]:
    yield bound
    if isinstance(bound, str):
        yield from (f"{bound}a", bound[:-1], chr(ord(bound[0]) + 1) if bound else "a")
    elif isinstance(bound, bytes):
        yield from (bound + b"a", bound[:-1])
    elif not isinstance(bound, bool):
        for distance in range(1, _BESIDE):
            yield bound + distance
            yield bound - distance


def _of_length(length: int, type_: pa.DataType) -> Iterator[Any]:
    of_text = family(value_type(type_)) is Family.TEXT
    for near in (length, length + 1, length - 1):
        for letter in "abcdefgh" if near > 0 else "":
            text = f"{letter * (near - 1)}{'k' if near else ''}"
            yield text if of_text else text.encode()
    if length <= 1:
        yield "" if of_text else b""


def _matching(pattern: str, constraint: ValueConstraint) -> Iterable[str]:
    """Texts in which it is found: always the same ones."""
    if find_spec("rstr") is None:
        raise NoData(
            f"{constraint.place}: texts that match a pattern need rstr: "
            "pip install 'cst-contracts[proof]'"
        )
    from rstr import Rstr  # noqa: PLC0415 - an extra: contracts without patterns do without

    made = Rstr(random.Random(0))  # noqa: S311 - the same texts each time, and no secret
    try:
        return [made.xeger(pattern)[:200] for _ in range(_TEXTS_OF_A_PATTERN)]
    except (ValueError, KeyError, OverflowError) as error:
        raise NoData(f"{constraint.place}: no text is known that {pattern} matches") from error


def _is_of(value: Any, type_: pa.DataType) -> bool:
    """Whether the type has the value: beside a bound, some lie outside of it."""
    try:
        pa.scalar(value, value_type(type_))
    except (pa.ArrowException, OverflowError, ValueError, TypeError):
        return False
    return True


def limited(contract: TableContract, pools: Mapping[str, Pool], *, plain: bool) -> dict[str, Pool]:
    """By path, the pools of nodes with limits, within these. Raises NoData where some have no value."""
    return {
        node.path: within_limits(
            node, pools.get(node.path) or pool_of(node.type, plain=plain), plain=plain
        )
        for node in limited_nodes(contract)
    }


def pool_at(contract: TableContract, path: str, type_: pa.DataType, *, plain: bool) -> Pool:
    """What the values at a path may be taken from. Raises NoData where some limit leaves none."""
    node = next((each for each in limited_nodes(contract) if each.path == path), None)
    pool = pool_of(type_, plain=plain)
    return pool if node is None else within_limits(node, pool, plain=plain)
