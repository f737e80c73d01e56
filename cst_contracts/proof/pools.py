"""The values that a leaf of a table is drawn from: a few of each data type, the simplest first."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import print_type
from cst_contracts.proof.errors import NoData

#: Ticks of one second.
_TICKS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY = 86_400
#: Seconds and days since 1970: times before and after it, a leap day, and a day of this century.
_SECONDS = (0, 1, 951_782_400, 1_767_225_600, -1)
_DAYS = (0, 1, 11_016, 20_454, -1)
_TEXTS = ("", "a", "b", "Z", "ä", "🦀", " x ", "it's", "a longer text than a view holds")
#: What every text format reads back as it was written, and folders can be named after.
_PLAIN_TEXTS = ("a", "b", "Z", "k9")
_BYTES = (b"", b"a", b"\x00", b"\xff\xfe")


class Pool(Struct, frozen=True):
    """`values` are drawn from. `more` makes the n-th of many further values, all different from each other
    and from `values`; None for a type that has no more."""

    values: tuple[Any, ...]
    more: Callable[[int], Any] | None = None

    def preferring(self, values: Iterable[Any]) -> "Pool":
        """The same, with these first."""
        own = tuple(dict.fromkeys((*values, *self.values)))
        return Pool(own, self.more)


def pool_of(type_: pa.DataType, *, plain: bool = False) -> Pool:
    """Times and dates are whole numbers of their unit, which Arrow takes for them.

    `plain`: without what CSV, JSON and the names of folders cannot hold. Raises NoData for a type that no
    value is known of.
    """
    if pa.types.is_dictionary(type_) or pa.types.is_run_end_encoded(type_):
        return pool_of(type_.value_type, plain=plain)
    for fits, made in _POOLS:
        if fits(type_):
            return made(type_, plain)
    raise NoData(f"no value is known for a field of type `{print_type(type_)}`")


def _nulls(_type: pa.DataType, _plain: bool) -> Pool:  # noqa: FBT001
    return Pool((None,))


def _booleans(_type: pa.DataType, _plain: bool) -> Pool:  # noqa: FBT001
    return Pool((False, True))


def _integers(type_: pa.DataType, _plain: bool) -> Pool:  # noqa: FBT001
    signed = pa.types.is_signed_integer(type_)
    low = -(2 ** (type_.bit_width - 1)) if signed else 0
    high = 2 ** (type_.bit_width - int(signed)) - 1
    values = (0, 1, 2, 7, 100, *((-1, low) if signed else ()), high)
    if type_.bit_width == 8:
        return Pool(values, lambda n: 10 + n if n < 80 else -2 - n if signed and n < 120 else None)
    return Pool(values, lambda n: 1_000 + n)


def _floats(type_: pa.DataType, plain: bool) -> Pool:  # noqa: FBT001
    most = 2048.0 if pa.types.is_float16(type_) else 1e6
    special = () if plain else (float("nan"), float("inf"))
    return Pool((0.0, 1.0, 0.5, -1.0, most, *special), lambda n: 3.0 + n)


def _decimals(type_: pa.DataType, _plain: bool) -> Pool:  # noqa: FBT001
    step = Decimal(1).scaleb(-type_.scale)
    most = 10**type_.precision - 1
    values = (0, 1, -1, most) if most > 9 else (0, 1)
    return Pool(tuple(step * each for each in values), lambda n: step * (2 + n))


def _texts(_type: pa.DataType, plain: bool) -> Pool:  # noqa: FBT001
    return Pool(_PLAIN_TEXTS if plain else _TEXTS, lambda n: f"k{10 + n}")


def _binaries(_type: pa.DataType, _plain: bool) -> Pool:  # noqa: FBT001
    return Pool(_BYTES, lambda n: b"k%d" % n)


def _fixed_binaries(type_: pa.DataType, _plain: bool) -> Pool:  # noqa: FBT001
    width = type_.byte_width
    return Pool(
        tuple(dict.fromkeys(bytes([each]) * width for each in (0, 97, 255))),
        lambda n: (n + 256).to_bytes(width, "big"),
    )


def _days(_type: pa.DataType, _plain: bool) -> Pool:  # noqa: FBT001
    return Pool(_DAYS, lambda n: 1_000 + n)


def _milliseconds_of_days(_type: pa.DataType, _plain: bool) -> Pool:  # noqa: FBT001
    day = _DAY * 1_000
    return Pool(tuple(day * each for each in _DAYS), lambda n: day * (1_000 + n))


def _moments(type_: pa.DataType, _plain: bool) -> Pool:  # noqa: FBT001
    tick = _TICKS[type_.unit]
    return Pool(tuple(tick * each for each in _SECONDS), lambda n: tick * (1_000 + n))


def _times(type_: pa.DataType, _plain: bool) -> Pool:  # noqa: FBT001
    tick = _TICKS[type_.unit]
    values = (0, 1, 43_200, _DAY - 1)
    return Pool(tuple(tick * each for each in values), lambda n: tick * (100 + n))


_POOLS: tuple[
    tuple[Callable[[pa.DataType], bool], Callable[[pa.DataType, bool], Pool]],
    ...,
] = (
    (pa.types.is_null, _nulls),
    (pa.types.is_boolean, _booleans),
    (pa.types.is_integer, _integers),
    (pa.types.is_floating, _floats),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_string, _texts),
    (pa.types.is_large_string, _texts),
    (pa.types.is_string_view, _texts),
    (pa.types.is_fixed_size_binary, _fixed_binaries),
    (pa.types.is_binary, _binaries),
    (pa.types.is_large_binary, _binaries),
    (pa.types.is_binary_view, _binaries),
    (pa.types.is_date32, _days),
    (pa.types.is_date64, _milliseconds_of_days),
    (pa.types.is_timestamp, _moments),
    (pa.types.is_duration, _moments),
    (pa.types.is_time, _times),
)
