"""Writes the values of a key as bytes, which another engine can compare without knowing their types.

Equal keys have equal bytes, other keys have others, and bytes are in the order in which the engine sorts the
keys. So a cluster may group and join what it knows nothing of.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_TEXTS = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
)
#: Beside whole numbers, what is stored as such.
_NUMBERS: tuple[tuple[Callable[[pa.DataType], bool], pa.DataType], ...] = (
    (pa.types.is_boolean, pa.int8()),
    (pa.types.is_date32, pa.int32()),
    (pa.types.is_date64, pa.int64()),
    (pa.types.is_timestamp, pa.int64()),
)
#: A sign, and eight bytes: so whole numbers of any width can be compared.
_WIDTH = 9
_ZERO, _ESCAPED, _END = b"\x00", b"\x00\xff", b"\x00\x00"


def is_writable(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return is_writable(type_.value_type)
    return _is_text(type_) or pa.types.is_integer(type_) or _stored_as(type_) is not None


def written_keys(columns: Sequence[pa.Array]) -> pa.BinaryArray:
    """One of each row of columns that are copied. Nothing is null, and every type is writable."""
    if len(columns) == 1:
        return _written(columns[0]).cast(pa.binary())
    texts = [_ended(column) if _is_text(column.type) else _written(column) for column in columns]
    return pc.binary_join_element_wise(*texts, pa.scalar(b"", pa.large_binary())).cast(pa.binary())


def copied(column: pa.Array) -> pa.Array:
    """A column of the values themselves, from which rows can be picked: from views, pyarrow 26 picks none."""
    if pa.types.is_dictionary(column.type):
        values = copied(column.dictionary)
        return pa.DictionaryArray.from_arrays(column.indices, values).dictionary_decode()
    is_view = pa.types.is_string_view(column.type) or pa.types.is_binary_view(column.type)
    return column.cast(pa.large_binary()) if is_view else column


def _is_text(type_: pa.DataType) -> bool:
    return any(test(type_) for test in _TEXTS)


def _stored_as(type_: pa.DataType) -> pa.DataType | None:
    return next((stored for test, stored in _NUMBERS if test(type_)), None)


def _ended(column: pa.Array) -> pa.LargeBinaryArray:
    """So that the next value begins where no longer text could go on, and a shorter one comes first."""
    escaped = pc.replace_substring(_written(column), pattern=_ZERO, replacement=_ESCAPED)
    end = pa.scalar(_END, pa.large_binary())
    return pc.binary_join_element_wise(escaped, end, pa.scalar(b"", pa.large_binary()))


def _written(column: pa.Array) -> pa.LargeBinaryArray:
    stored = _stored_as(column.type)
    if stored is not None:
        column = column.cast(stored)
    if pa.types.is_integer(column.type):
        return _written_numbers(column)
    return column.cast(pa.large_binary())


def _written_numbers(column: pa.Array) -> pa.LargeBinaryArray:
    numbers: npt.NDArray[np.integer] = column.to_numpy(zero_copy_only=False)
    wide = ">u8" if pa.types.is_unsigned_integer(column.type) else ">i8"
    written = np.empty((len(numbers), _WIDTH), np.uint8)
    written[:, 0] = numbers >= 0
    written[:, 1:] = numbers.astype(wide).view(np.uint8).reshape(-1, _WIDTH - 1)
    buffer = pa.py_buffer(written.tobytes())
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(_WIDTH), len(numbers), [None, buffer])
    return fixed.cast(pa.large_binary())
