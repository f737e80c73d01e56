"""Tells whether two relations have the same rows, whatever their sequence, without holding either of them.

Each row becomes a 64-bit hash of all of its values, at every depth. DataFusion 55 cannot group by a map,
nor by what holds one, therefore no EXCEPT ALL would do. Equal values of types that engines change in
passing have equal hashes: texts of any layout, whole numbers of any width, floats of any width, a
dictionary and its values; and so have the two zeros, and all NaNs.
"""

from collections.abc import Iterable
from functools import reduce
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from datafusion import DataFrame
from msgspec import Struct

from cst_contracts.datatypes import is_list
from cst_contracts.engine.session.waiting import batches_of
from cst_contracts.facts import RowDifference

_Hashes: TypeAlias = npt.NDArray[np.uint64]

#: Hashes of one relation that are kept, to tell how many rows differ: 64 MB.
_ROOM = 8_000_000
_NULL = np.uint64(0x9E3779B97F4A7C15)
_ODD = np.uint64(0xD6E8FEB86659FD93)
#: A number of its own for each byte, so that texts of few different letters spread, too.
_OF_BYTE = np.random.default_rng(20261129).integers(0, 2**64, 256, dtype=np.uint64)


class RowHashes(Struct, frozen=True):
    """Of a relation's `rows`: their sum, and themselves, sorted; None where there are too many to keep."""

    rows: int
    total: int
    each: _Hashes | None

    def difference(self, other: "RowHashes") -> RowDifference:
        """To the rows that there should be, which are `other`."""
        if (self.rows, self.total) == (other.rows, other.total):
            return RowDifference(0, 0)
        if self.each is None or other.each is None:
            return RowDifference(max(1, other.rows - self.rows), max(0, self.rows - other.rows))
        return RowDifference(_only(other.each, self.each), _only(self.each, other.each))


def row_hashes(frame: DataFrame, room: int = _ROOM) -> RowHashes:
    """Reads all rows. Raises what the engine raises."""
    return hashes_of(batches_of(frame), room)


def hashes_of(batches: Iterable[pa.RecordBatch], room: int = _ROOM) -> RowHashes:
    rows = total = 0
    kept: list[_Hashes] | None = []
    for batch in batches:
        found = _together(batch.columns, batch.num_rows)
        rows += batch.num_rows
        total = (total + int(found.sum(dtype=np.uint64))) % 2**64
        kept = None if kept is None or rows > room else [*kept, found]
    each = None if kept is None else np.sort(np.concatenate([np.zeros(0, np.uint64), *kept]))
    return RowHashes(rows, total, each)


def differing(column: pa.ChunkedArray, other: pa.ChunkedArray) -> int:
    """At how many places two columns of one length do not have the same value."""
    return int(np.count_nonzero(_of_column(column) != _of_column(other)))


def _of_column(column: pa.ChunkedArray) -> _Hashes:
    return np.concatenate([np.zeros(0, np.uint64), *map(_hashed, column.chunks)])


def _only(some: _Hashes, others: _Hashes) -> int:
    """How many of some, both sorted, are not among the others, each as often as it stands there."""
    values, counts = np.unique(some, return_counts=True)
    there = np.searchsorted(others, values, "right") - np.searchsorted(others, values, "left")
    return int(np.maximum(counts - there, 0).sum())


def _together(columns: Iterable[pa.Array], rows: int) -> _Hashes:
    start = np.zeros(rows, np.uint64)
    return reduce(lambda above, column: _mixed(above * _ODD + _hashed(column)), columns, start)


def _mixed(values: _Hashes) -> _Hashes:
    """The last step of SplitMix64: each bit of the result depends on all bits."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _hashed(array: pa.Array) -> _Hashes:
    array = _plain(array)
    missing = array.is_null().to_numpy(zero_copy_only=False)
    return np.where(missing, _NULL, _mixed(_present(array)))


def _plain(array: pa.Array) -> pa.Array:
    """Without the layouts that hold the same values in another way."""
    types = pa.types
    if isinstance(array.type, pa.BaseExtensionType):
        return _plain(array.storage)
    if types.is_dictionary(array.type):
        return _plain(_decoded(array))
    if types.is_run_end_encoded(array.type):
        return _plain(pc.run_end_decode(array))
    if types.is_map(array.type):
        return array.cast(pa.list_(array.type.field(0)))
    return array


def _decoded(array: pa.DictionaryArray) -> pa.Array:
    """pyarrow 26 takes no values out of an array of views."""
    values = array.dictionary
    if pa.types.is_string_view(values.type) or pa.types.is_binary_view(values.type):
        layout = pa.large_string() if pa.types.is_string_view(values.type) else pa.large_binary()
        return pa.DictionaryArray.from_arrays(
            array.indices, values.cast(layout)
        ).dictionary_decode()
    return array.dictionary_decode()


def _present(array: pa.Array) -> _Hashes:
    """What it gives for nulls does not matter."""
    type_, types = array.type, pa.types
    if types.is_null(type_):
        return np.zeros(len(array), np.uint64)
    if types.is_struct(type_):
        return _together(array.flatten(), len(array))
    if is_list(type_) or types.is_fixed_size_list(type_):
        return _of_runs(_hashed(array.flatten()), pc.list_value_length(array))
    if types.is_floating(type_):
        return _of_floats(array.cast(pa.float64()))
    if types.is_boolean(type_) or types.is_integer(type_):
        return _of_integers(array)
    if types.is_date(type_) or types.is_time(type_) or types.is_timestamp(type_):
        return _of_integers(array.view(pa.int32() if type_.bit_width == 32 else pa.int64()))
    if types.is_duration(type_):
        return _of_integers(array.view(pa.int64()))
    return _of_texts(_as_texts(array))


def _as_texts(array: pa.Array) -> pa.Array:
    types = pa.types
    if types.is_string_view(array.type):
        array = array.cast(pa.large_string())
    if types.is_decimal(array.type):
        array = array.cast(pa.large_string())
    if not (types.is_binary(array.type) or types.is_large_binary(array.type)):
        try:
            return array.cast(pa.large_binary())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            told = [None if each is None else repr(each) for each in array.to_pylist()]
            return pa.array(told, pa.large_string()).cast(pa.large_binary())
    return array.cast(pa.large_binary())


def _of_integers(array: pa.Array) -> _Hashes:
    filled = array.cast(pa.uint64() if pa.types.is_uint64(array.type) else pa.int64()).fill_null(0)
    values: _Hashes = filled.to_numpy(zero_copy_only=False).view(np.uint64)
    return values


def _of_floats(array: pa.Array) -> _Hashes:
    values = array.fill_null(0.0).to_numpy(zero_copy_only=False) + 0.0
    return np.where(np.isnan(values), np.nan, values).view(np.uint64)


def _of_texts(array: pa.Array) -> _Hashes:
    filled = array.fill_null(b"")
    lengths = pc.binary_length(filled)
    _, offsets, data = filled.buffers()
    ends = np.frombuffer(offsets, np.int64)[filled.offset : filled.offset + len(filled) + 1]
    stored = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    first, last = (int(ends[0]), int(ends[-1])) if len(ends) else (0, 0)
    return _of_runs(_OF_BYTE[stored[first:last]], lengths)


def _of_runs(values: _Hashes, lengths: pa.Array) -> _Hashes:
    """One hash of each run of so many values, in which every place has a weight of its own."""
    counts = lengths.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.cumsum(counts)
    starts = ends - counts
    places = np.arange(len(values)) - np.repeat(starts, counts)
    powers = np.cumprod(np.full(int(counts.max(initial=0)) + 1, _ODD, np.uint64), dtype=np.uint64)
    sums = np.concatenate(
        [np.zeros(1, np.uint64), np.cumsum(values * powers[places], dtype=np.uint64)]
    )
    found: _Hashes = sums[ends] - sums[starts] + counts.astype(np.uint64) * _NULL
    return found
