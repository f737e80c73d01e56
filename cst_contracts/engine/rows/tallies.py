"""Stretches of rows to counts and places. A thread has its own tallies; they are put together at the end."""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
from msgspec import Struct, field

from cst_contracts.engine.rows.null_tally import NullTally
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.facts import RowPlace


class Places(Struct):
    """The first `most` places in the order of files and rows, whichever thread meets them first."""

    most: int
    found: list[RowPlace] = field(default_factory=list)

    def add(self, stretch: Stretch, indices: Iterable[int]) -> None:
        if not self.most:
            return
        for index, _ in zip(indices, range(self.most), strict=False):
            self.found.append(stretch.place(int(index)))
        if len(self.found) > 4 * self.most:
            self.found = self.first()

    def first(self) -> list[RowPlace]:
        return sorted(self.found)[: self.most]


class NullPlaces:
    """Counts by path, and where the first nulls of each are."""

    def __init__(self, schema: pa.Schema, paths: Sequence[str], most: int) -> None:
        self._schema, self._paths = schema, paths
        self.tally = NullTally(schema, paths)
        self.places = {path: Places(most) for path in paths}
        self._most = most

    def add(self, stretch: Stretch) -> None:
        before = dict(self.tally.nulls)
        self.tally.add_batch(stretch.batch)
        if not self._most:
            return
        for path, nulls in self.tally.nulls.items():
            if nulls > before[path]:
                self.places[path].add(stretch, self._rows(stretch.batch, path, self._most))

    def _rows(self, batch: pa.RecordBatch, path: str, most: int) -> list[int]:
        """By halving: which rows hold a null at any depth, the first `most`."""
        alone = NullTally(self._schema, [path])
        alone.add_batch(batch)
        if not alone.nulls[path]:
            return []
        if batch.num_rows == 1:
            return [0]
        half = batch.num_rows // 2
        first = self._rows(batch.slice(0, half), path, most)
        if len(first) >= most:
            return first
        rest = self._rows(batch.slice(half), path, most - len(first))
        return [*first, *(half + index for index in rest)]


class RuleTally(Struct):
    column: str
    places: Places
    rows: int = 0
    violations: int = 0

    def add(self, stretch: Stretch) -> None:
        held = stretch.column(self.column)
        false = held.false_count
        self.rows += len(held)
        self.violations += false
        if false and self.places.most:
            flags = held.fill_null(fill_value=True).to_numpy(zero_copy_only=False)
            self.places.add(stretch, np.flatnonzero(~flags))
