"""Cuts the batches of a scan into stretches: rows of one file that follow each other in it."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from msgspec import Struct

from cst_contracts.facts import RowPlace

#: The scan's own columns, beside the fields that it reads.
FILE, ROW = "__cst_file", "__cst_row"


class Stretch(Struct, frozen=True):
    """Rows of one file; `start` is the number in the file of the first. Where nobody needs places, `file` is
    empty, and a stretch may hold rows of several files."""

    batch: pa.RecordBatch
    file: str
    start: int

    @property
    def end(self) -> int:
        return self.start + int(self.batch.num_rows)

    def column(self, name: str) -> pa.Array:
        return self.batch.column(self.batch.schema.get_field_index(name))

    def place(self, index: int) -> RowPlace:
        return RowPlace(self.file, self.start + index)


def stretches(batch: pa.RecordBatch, named: str | None = None) -> Iterator[Stretch]:
    """A batch is nearly always one; where files are small it may be several. `named` is what the one file
    is called that all rows are of, whatever the engine calls it."""
    if batch.num_rows == 0:
        return
    files = batch.column(batch.schema.get_field_index(FILE))
    rows = batch.column(batch.schema.get_field_index(ROW)).to_numpy(zero_copy_only=False)
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    bounds = [0, *map(int, breaks), batch.num_rows]
    for start, end in pairwise(bounds):
        if files[start] == files[end - 1]:
            file = files[start].as_py() if named is None else named
            yield Stretch(batch.slice(start, end - start), file, int(rows[start]))
        else:
            yield from _by_file(batch, files, rows, start, end)


def _by_file(
    batch: pa.RecordBatch, files: pa.Array, rows: npt.NDArray[np.int64], start: int, end: int
) -> Iterator[Stretch]:
    """The next file's rows may be numbered on from the last one's by chance."""
    first = start
    for index in range(start + 1, end + 1):
        if index == end or files[index] != files[first]:
            file, row = files[first].as_py(), int(rows[first])
            yield Stretch(batch.slice(first, index - first), file, row)
            first = index
