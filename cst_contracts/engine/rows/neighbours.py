"""Compares each row with the one in front of it: should it stand before that?

Rows are compared as DataFusion sorts them: text and binary by bytes, floats by total order (-0.0 before
0.0, NaN last), nulls where the promise puts them.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cst_contracts.datatypes.value_text import told_value
from cst_contracts.facts import SortTerm

#: Two flags that are true, as one number.
_BOTH_HALVES = 0x0101
_SIGNED = {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}


def comparable(column: pa.Array) -> pa.Array:
    """The column without an encoding whose arrays pyarrow cannot compare."""
    if isinstance(column, pa.ExtensionArray):
        return comparable(column.storage)
    if isinstance(column, pa.DictionaryArray):
        return comparable(column.dictionary_decode())
    if pa.types.is_run_end_encoded(column.type):
        return comparable(pc.run_end_decode(column))
    return column


def neighbours(
    columns: Sequence[pa.Array], terms: Sequence[SortTerm]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """For each row but the first: whether it should stand before the one in front of it, and whether both
    have equal values."""
    pairs = max(len(columns[0]) - 1, 0)
    behind, tied = np.zeros(pairs, bool), np.ones(pairs, bool)
    for column, term in zip(columns, terms, strict=True):
        wrong, equal = _compared(column, term)
        behind |= tied & wrong
        tied &= equal
    return behind, tied


def _compared(
    column: pa.Array, term: SortTerm
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    if pa.types.is_string_view(column.type) or pa.types.is_binary_view(column.type):
        wrong, equal = _views_compared(column, term)
    elif pa.types.is_integer(column.type) and not column.null_count:
        numbers = column.to_numpy()
        before, after = numbers[:-1], numbers[1:]
        wrong = before < after if term.descending else before > after
        equal = before == after
    else:
        ranked = _ranked(column)
        first, second = ranked.slice(0, len(ranked) - 1), ranked.slice(1)
        wrong = _flags(_is_behind(first, second, term))
        equal = _flags(pc.equal(first, second))
    if not column.null_count:
        return wrong, equal
    null = _flags(column.is_null())
    before_null, after_null = null[:-1], null[1:]
    # A value after a null is wrong where nulls come last, a null after a value where they come first.
    misplaced = after_null & ~before_null if term.nulls_first else before_null & ~after_null
    valid = ~(before_null | after_null)
    return (wrong & valid) | misplaced, (equal & valid) | (before_null & after_null)


def _is_behind(before: pa.Array, after: pa.Array, term: SortTerm) -> pa.BooleanArray:
    return pc.less(before, after) if term.descending else pc.greater(before, after)


def _flags(array: pa.BooleanArray) -> npt.NDArray[np.bool_]:
    flags = array.fill_null(fill_value=False) if array.null_count else array
    return np.asarray(flags.to_numpy(zero_copy_only=False), dtype=bool)


def _views_compared(
    column: pa.Array, term: SortTerm
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Views of the same bits are equal texts, and in rows that stand in order most neighbours are: only
    the others are compared as text."""
    _, views, *texts = column.buffers()
    halves = np.frombuffer(views, np.int64)[2 * column.offset : 2 * (column.offset + len(column))]
    equal = (halves[2:] == halves[:-2]).view(np.uint16) == _BOTH_HALVES
    differing = ~equal
    if column.null_count:
        valid = _flags(column.is_valid())
        differing &= valid[1:] & valid[:-1]  # a null's view may hold anything
    wrong = np.zeros(len(equal), bool)
    rows = np.flatnonzero(differing)
    if len(rows):
        both = halves.reshape(-1, 2)
        before, after = (
            pa.Array.from_buffers(
                column.type, len(rows), [None, pa.py_buffer(np.ascontiguousarray(both[at])), *texts]
            )
            for at in (rows, rows + 1)
        )
        wrong[rows] = _flags(_is_behind(before, after, term))
        equal[rows] = _flags(pc.equal(before, after))
    return wrong, equal


def _ranked(column: pa.Array) -> pa.Array:
    """Floats as the integers that sort as IEEE 754's total order does."""
    if not pa.types.is_floating(column.type):
        return column
    signed = _SIGNED[column.type.bit_width]
    bits = column.view(signed)
    mask = pa.scalar((1 << (column.type.bit_width - 1)) - 1, signed)
    return pc.if_else(pc.less(bits, pa.scalar(0, signed)), pc.bit_wise_xor(bits, mask), bits)


def shown_row(columns: Sequence[pa.Array], index: int) -> str:
    return f"({', '.join(told_value(column[index]) for column in columns)})"
