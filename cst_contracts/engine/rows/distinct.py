"""Finds the different values of text columns of Parquet files, where dictionaries hold them.

In a row group whose column is packed by a dictionary each different text stands once, and for each row the
number of one. pyarrow hands both over as they are, for a fraction of what it takes to read a text for each
row.
"""

from collections.abc import Iterator, Mapping, Sequence
from os import cpu_count

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct, field

from cst_contracts.engine.rows.threads import read_streams
from cst_contracts.engine.storage.footers import footer
from cst_contracts.engine.storage.places import place_of

#: A number of a dictionary takes less; of a text that stands in its row, the length alone takes four bytes.
_BYTES_A_NUMBER = 2
#: More are not few: to look at each of them takes as long as to look at rows.
_FEW = 10_000
#: Of one file, for a thread at once.
_ROWS_AT_ONCE = 512 * 1024
_BATCH = 128 * 1024


class DistinctValues(Struct, frozen=True):
    """All `different` values of a column over all files, none of them null, and maybe some that no row has: a
    dictionary may list those. `values` rows have one of them, `nulls` rows have none."""

    different: pa.Array
    values: int
    nulls: int


def is_text(type_: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_)
    )


def seems_few_texts(chunk: pq.ColumnChunkMetaData) -> bool:
    """Whether a column chunk is packed by a dictionary, as far as its footer tells: it does not say whether
    every page uses the dictionary, but how many bytes all of them take."""
    few: bool = chunk.total_uncompressed_size <= _BYTES_A_NUMBER * chunk.num_values
    return few and chunk.has_dictionary_page and chunk.physical_type == "BYTE_ARRAY"


def read_distinct(urls: Sequence[str], columns: Sequence[str]) -> Mapping[str, DistinctValues]:
    """Of those of these text columns that have few different values. Reads what each row has.

    Raises what pyarrow raises, and ArrowInvalid where a text is no UTF-8."""
    pieces = [piece for url in urls for piece in _pieces(url)]
    threads = max(1, min(len(pieces), cpu_count() or 1))
    few = set(columns)
    readers = [_Reader(few) for _ in range(threads)]
    streams = [_batches(pieces[number::threads], few) for number in range(threads)]
    read_streams(streams, [each.add for each in readers])
    united = {name: _united([each.columns[name] for each in readers]) for name in few}
    return {name: each for name, each in united.items() if len(each.different) <= _FEW}


class _Piece(Struct, frozen=True):
    """Row groups of a file that follow each other."""

    url: str
    groups: tuple[int, ...]


def _pieces(url: str) -> Iterator[_Piece]:
    metadata = footer(url)
    groups: list[int] = []
    rows = 0
    for number in range(metadata.num_row_groups):
        groups.append(number)
        rows += metadata.row_group(number).num_rows
        if rows >= _ROWS_AT_ONCE:
            yield _Piece(url, tuple(groups))
            groups, rows = [], 0
    if groups:
        yield _Piece(url, tuple(groups))


def _batches(pieces: Sequence[_Piece], few: set[str]) -> Iterator[pa.RecordBatch]:
    """No column is read on once some reader has found it to have too many values."""
    for piece in pieces:
        columns = sorted(few.copy())
        if not columns:
            return
        filesystem, path = place_of(piece.url)
        with pq.ParquetFile(path, filesystem=filesystem, read_dictionary=columns) as file:
            yield from file.iter_batches(
                _BATCH, row_groups=list(piece.groups), columns=columns, use_threads=False
            )


class _Column(Struct):
    """What one reader has met of a column."""

    different: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    values: int = 0
    nulls: int = 0
    #: The dictionary that came last: all batches of a row group have the same.
    last: pa.Array | None = None

    def add(self, column: pa.DictionaryArray) -> None:
        self.nulls += column.null_count
        self.values += len(column) - column.null_count
        entries = column.dictionary
        if self.last is None or not entries.equals(self.last):
            self.last = entries
            self.different = _different([self.different, entries.cast(pa.string())])


class _Reader:
    """One thread's. `few` are the columns that no reader has given up so far."""

    def __init__(self, few: set[str]) -> None:
        self._few = few
        self.columns = {name: _Column() for name in few}

    def add(self, batch: pa.RecordBatch) -> None:
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if name not in self._few:
                continue
            found = self.columns[name]
            found.add(column)
            if len(found.different) > _FEW:
                self._few.discard(name)


def _united(columns: Sequence[_Column]) -> DistinctValues:
    different = _different([each.different for each in columns])
    different.validate(full=True)
    values = sum(each.values for each in columns)
    return DistinctValues(different, values, sum(each.nulls for each in columns))


def _different(arrays: Sequence[pa.Array]) -> pa.Array:
    return pa.concat_arrays(arrays).unique()
