"""Record batches of one file, in the file's order, to the rows that should stand before their predecessor.

Rows are compared as DataFusion sorts them: text and binary by bytes, floats by total order (-0.0 before
0.0, NaN last), nulls where the promise puts them.
"""

from collections.abc import Iterable, Sequence
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from cst_contracts.facts import Misplaced, RowOrder, SortTerm

_EXAMPLES = 3
_SIGNED = {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}


def order_of_file(
    file: str, batches: Iterable[pa.RecordBatch], terms: Sequence[SortTerm]
) -> RowOrder:
    """The batches' columns are those of the terms, in their order."""
    rows = violations = 0
    examples: list[Misplaced] = []
    last: list[pa.Array] | None = None
    for batch in batches:
        if batch.num_rows == 0:
            continue
        columns = [_comparable(column) for column in batch.columns]
        joined = columns if last is None else _joined(last, columns)
        behind = _behind(joined, terms)
        found = pc.sum(behind).as_py() or 0
        start = rows - (last is not None)
        if found and len(examples) < _EXAMPLES:
            examples.extend(_examples(file, joined, behind, start, _EXAMPLES - len(examples)))
        violations += found
        rows += batch.num_rows
        last = [column.slice(len(column) - 1) for column in columns]
    return RowOrder(rows, violations, tuple(examples))


def together(parts: Iterable[RowOrder]) -> RowOrder:
    return reduce(
        lambda one, other: RowOrder(
            one.rows + other.rows,
            one.violations + other.violations,
            (*one.examples, *other.examples)[:_EXAMPLES],
        ),
        parts,
        RowOrder(0, 0),
    )


def _joined(last: Sequence[pa.Array], columns: Sequence[pa.Array]) -> list[pa.Array]:
    """With the row in front: a violation may lie between two batches."""
    return [pa.concat_arrays([one, other]) for one, other in zip(last, columns, strict=True)]


def _comparable(column: pa.Array) -> pa.Array:
    if isinstance(column, pa.ExtensionArray):
        return _comparable(column.storage)
    if isinstance(column, pa.DictionaryArray):
        return _comparable(column.dictionary_decode())
    if pa.types.is_run_end_encoded(column.type):
        return _comparable(pc.run_end_decode(column))
    if pa.types.is_string_view(column.type):
        return column.cast(pa.large_string())
    if pa.types.is_binary_view(column.type):
        return column.cast(pa.large_binary())
    return column


def _behind(columns: Sequence[pa.Array], terms: Sequence[SortTerm]) -> pa.BooleanArray:
    """For each row but the first: whether it should stand before the one in front of it."""
    behind: pa.Array | None = None
    tied: pa.Array | None = None
    for column, term in zip(columns, terms, strict=True):
        before, after = column.slice(0, len(column) - 1), column.slice(1)
        wrong, equal = _compared(before, after, term)
        if behind is None or tied is None:
            behind, tied = wrong, equal
        else:
            behind = pc.or_(behind, pc.and_(tied, wrong))
            tied = pc.and_(tied, equal)
    return behind


def _compared(before: pa.Array, after: pa.Array, term: SortTerm) -> tuple[pa.Array, pa.Array]:
    """Whether `after` belongs before `before`, and whether they tie; neither array holds a null."""
    one, other = _ranked(before), _ranked(after)
    wrong = pc.less(one, other) if term.descending else pc.greater(one, other)
    equal = pc.equal(one, other)
    if not before.null_count and not after.null_count:
        return wrong, equal
    one_null, other_null = before.is_null(), after.is_null()
    # A value after a null is wrong where nulls come last, a null after a value where they come first.
    misplaced = (
        pc.and_not(other_null, one_null) if term.nulls_first else pc.and_not(one_null, other_null)
    )
    wrong = pc.or_(pc.fill_null(wrong, False), misplaced)  # noqa: FBT003 — pyarrow's signature
    return wrong, pc.or_(pc.fill_null(equal, False), pc.and_(one_null, other_null))  # noqa: FBT003


def _ranked(column: pa.Array) -> pa.Array:
    """Floats as the integers that sort as IEEE 754's total order does."""
    if not pa.types.is_floating(column.type):
        return column
    signed = _SIGNED[column.type.bit_width]
    bits = column.view(signed)
    mask = pa.scalar((1 << (column.type.bit_width - 1)) - 1, signed)
    return pc.if_else(pc.less(bits, pa.scalar(0, signed)), pc.bit_wise_xor(bits, mask), bits)


def _examples(
    file: str, columns: Sequence[pa.Array], behind: pa.Array, start: int, most: int
) -> list[Misplaced]:
    """`start` is the number in the file of the first row that `columns` hold."""
    indices = pc.indices_nonzero(behind).to_pylist()[:most]
    return [
        Misplaced(file, start + index + 1, _shown(columns, index), _shown(columns, index + 1))
        for index in indices
    ]


def _shown(columns: Sequence[pa.Array], index: int) -> str:
    return f"({', '.join(str(column[index].as_py()) for column in columns)})"
