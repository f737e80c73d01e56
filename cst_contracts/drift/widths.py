"""Says whether a type holds every value of another one: then old values can be read as the new type.

DataFusion 55 reads a file's type as a wider one that a table declares, and refuses a value that a narrower
one has no room for; tests read real files both ways. Of timestamps, only equal ones are taken for
compatible: a finer unit has less room for years.
"""

import re
from functools import lru_cache

import pyarrow as pa

from cst_contracts.datatypes import parse_type
from cst_contracts.errors import InvalidType

_FIXED_LIST = re.compile(r"fixed_size_list\[\d+\]")
#: The whole numbers that a floating-point type holds without a gap, in bits.
_WHOLE_BITS = {16: 11, 32: 24, 64: 53}
_TIMES = (pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"))


@lru_cache(maxsize=1024)
def holds_all(wide: str, narrow: str) -> bool:
    """Whether every value of the type `narrow`, spelled as in snapshots, is one of `wide`, which differs."""
    if wide == narrow:
        return False
    if _FIXED_LIST.fullmatch(narrow):
        return wide == "list"
    one, other = _leaf(wide), _leaf(narrow)
    return one is not None and other is not None and _holds(one, other)


def _leaf(text: str) -> pa.DataType | None:
    """None for a container, and for what this process does not know."""
    try:
        return parse_type(text)
    except InvalidType:
        return None


def _holds(wide: pa.DataType, narrow: pa.DataType) -> bool:
    types = pa.types
    if types.is_null(narrow):
        return True
    if types.is_integer(narrow):
        return _holds_integers(wide, narrow)
    if types.is_floating(narrow):
        return bool(types.is_floating(wide) and wide.bit_width > narrow.bit_width)
    if types.is_decimal(narrow):
        return bool(types.is_decimal(wide) and _has_digits(wide, *_digits(narrow)))
    if types.is_time(narrow):
        return wide in _TIMES[_TIMES.index(narrow) + 1 :]
    if types.is_date32(narrow):
        return bool(types.is_date64(wide))
    return bool(types.is_fixed_size_binary(narrow) and types.is_binary(wide))


def _holds_integers(wide: pa.DataType, narrow: pa.DataType) -> bool:
    types = pa.types
    signed = types.is_signed_integer(narrow)
    value_bits = narrow.bit_width - signed
    if types.is_integer(wide):
        if signed and not types.is_signed_integer(wide):
            return False
        return bool(wide.bit_width - types.is_signed_integer(wide) >= value_bits)
    if types.is_floating(wide):
        return bool(_WHOLE_BITS[wide.bit_width] >= value_bits)
    return bool(types.is_decimal(wide) and _has_digits(wide, len(str(2**value_bits)), 0))


def _digits(type_: pa.DataType) -> tuple[int, int]:
    """How many digits a decimal type has before the point, and how many after it."""
    return type_.precision - type_.scale, type_.scale


def _has_digits(wide: pa.DataType, before: int, after: int) -> bool:
    own_before, own_after = _digits(wide)
    return own_before >= before and own_after >= after
