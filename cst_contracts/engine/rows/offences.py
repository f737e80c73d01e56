"""Which values of an array are not as promised: by Arrow's own functions, past any null.

A NaN is within no range. Zero is one value, whatever its sign. Text is compared by its bytes.
"""

from collections.abc import Callable
from functools import reduce
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from cst_contracts.contract.model import Limit, Matching, OfLength, OneOf, Within
from cst_contracts.datatypes.values import value_of, value_type

#: From an array without dictionaries to one of booleans: true where a value is not as promised, and nowhere
#: else.
Offends: TypeAlias = Callable[[pa.Array], pa.Array]


def comparable(array: pa.Array) -> pa.Array:
    """The same values in a type that Arrow's functions take: they know no views, no half floats and no short
    decimals. A dictionary stays one."""
    if isinstance(array, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(array.indices, comparable(array.dictionary))
    wanted = _comparable_type(array.type)
    return array if wanted == array.type else array.cast(wanted)


def offends(limit: Limit, type_: pa.DataType, read_as: pa.DataType) -> Offends:
    """Of arrays that are `comparable`, so that values of type `type_` are read as another."""
    match limit:
        case OneOf(values=values):
            return _not_one_of(_values(values, type_, read_as))
        case Within():
            return _outside(limit, type_, read_as)
        case Matching(pattern=pattern):
            return lambda array: pc.invert(pc.match_substring_regex(array, pattern=pattern))
        case OfLength():
            return _of_other_length(limit)


def _comparable_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_string_view(type_):
        return pa.large_string()
    if pa.types.is_binary_view(type_):
        return pa.large_binary()
    if pa.types.is_float16(type_):
        return pa.float32()
    if pa.types.is_decimal32(type_) or pa.types.is_decimal64(type_):
        return pa.decimal128(type_.precision, type_.scale)
    return type_


def _values(texts: tuple[str, ...], type_: pa.DataType, read_as: pa.DataType) -> pa.Array:
    plain = value_type(type_)
    return comparable(pa.array([value_of(text, plain) for text in texts], plain)).cast(read_as)


def _not_one_of(values: pa.Array) -> Offends:
    allowed = _one_zero(values)

    def offending(array: pa.Array) -> pa.Array:
        held = pc.is_in(_one_zero(array), value_set=allowed)
        return pc.and_(array.is_valid(), pc.invert(held))

    return offending


def _one_zero(array: pa.Array) -> pa.Array:
    """`is_in` tells -0.0 from 0.0, which are equal."""
    if not pa.types.is_floating(array.type):
        return array
    return pc.add(array, pa.scalar(0, array.type))


def _outside(limit: Within, type_: pa.DataType, read_as: pa.DataType) -> Offends:
    tests: list[Offends] = [pc.is_nan] if pa.types.is_floating(read_as) else []
    if limit.lower is not None:
        below = pc.less_equal if limit.lower_open else pc.less
        tests.append(_past(_values((limit.lower,), type_, read_as)[0], below))
    if limit.upper is not None:
        above = pc.greater_equal if limit.upper_open else pc.greater
        tests.append(_past(_values((limit.upper,), type_, read_as)[0], above))
    return lambda array: reduce(pc.or_, [test(array) for test in tests])


def _past(bound: pa.Scalar, past: Callable[[pa.Array, pa.Scalar], pa.Array]) -> Offends:
    return lambda array: past(array, bound)


def _of_other_length(limit: OfLength) -> Offends:
    def offending(array: pa.Array) -> pa.Array:
        text = pa.types.is_string(array.type) or pa.types.is_large_string(array.type)
        length = pc.utf8_length(array) if text else pc.binary_length(array)
        tests = []
        if limit.least is not None:
            tests.append(pc.less(length, limit.least))
        if limit.most is not None:
            tests.append(pc.greater(length, limit.most))
        return reduce(pc.or_, tests)

    return offending
