"""Tallies nulls by path, with the first rows that hold one."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec
import pyarrow as pa
from datafusion import Expr
from msgspec import Struct

from cst_contracts.engine.rows.measure import Keeping
from cst_contracts.engine.rows.null_walk import NullWalk, columns_of
from cst_contracts.engine.rows.places import Places
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.facts import NullCount
from cst_contracts.needs import AnyRowNeed, NullsNeed


class NullPart(Struct, frozen=True, dict=True):
    """Of all paths together, so that the arrays below a field are walked once."""

    schema: pa.Schema
    needs: tuple[NullsNeed, ...]
    samples: int = 0

    @cached_property
    def fields(self) -> Sequence[str]:
        return columns_of(self.schema, [need.path for need in self.needs])

    @property
    def columns(self) -> Sequence[Expr]:
        return ()

    @property
    def placed(self) -> bool:
        return self.samples > 0

    @property
    def keeping(self) -> Keeping | None:
        if len(self.needs) > 1:
            return None
        (need,) = self.needs
        return Keeping(("nulls", need.path, self.samples))

    def tallies(self, number: int) -> Sequence["NullTally"]:
        return [NullTally(self.schema, self.needs, self.samples) for _ in range(number)]

    def restored(self, data: bytes) -> "NullTally":
        (tally,) = self.tallies(1)
        tally.restore(msgspec.msgpack.decode(data, type=_Counts))
        return tally

    def apart(self) -> Sequence["NullPart"]:
        return [NullPart(self.schema, (need,), self.samples) for need in self.needs]

    def settled(self, tally: "NullTally") -> Mapping[AnyRowNeed, NullCount]:
        return tally.answers()


class _Counts(Struct, frozen=True):
    """What travels of a tally."""

    rows: int
    values: dict[str, int]
    nulls: dict[str, int]
    places: dict[str, Places]


class NullTally:
    """Counts by path, and where the first nulls of each are."""

    def __init__(self, schema: pa.Schema, needs: Sequence[NullsNeed], samples: int) -> None:
        paths = [need.path for need in needs]
        self._schema, self._needs, self._samples = schema, needs, samples
        self.walk = NullWalk(schema, paths)
        self.places = {path: Places(samples) for path in paths}
        self.rows = 0

    def add(self, stretch: Stretch) -> None:
        before = dict(self.walk.nulls) if self._samples else {}
        self.rows += stretch.batch.num_rows
        self.walk.add_batch(stretch.batch)
        for path, earlier in before.items():
            if self.walk.nulls[path] > earlier:
                self.places[path].add(stretch, self._rows(stretch.batch, path, self._samples))

    def merge(self, other: "NullTally") -> None:
        self.rows += other.rows
        self.walk.merge(other.walk)
        for path, places in self.places.items():
            places.merge(other.places[path])

    def answers(self) -> Mapping[AnyRowNeed, NullCount]:
        return {
            need: NullCount(
                self.walk.values[need.path],
                self.walk.nulls[need.path],
                samples=self.places[need.path].samples(),
                rows=self.rows,
            )
            for need in self._needs
            if need.path in self.walk.values
        }

    def to_bytes(self) -> bytes:
        return self._bytes([need.path for need in self._needs])

    def apart(self) -> Sequence[bytes]:
        return [self._bytes([need.path]) for need in self._needs]

    def take(self, data: bytes, file: str) -> None:
        counts = msgspec.msgpack.decode(data, type=_Counts)
        self.rows += counts.rows
        for path in self.walk.wanted:
            self.walk.values[path] += counts.values[path]
            self.walk.nulls[path] += counts.nulls[path]
        for path, places in self.places.items():
            places.merge(counts.places[path].within(file))

    def _bytes(self, paths: Sequence[str]) -> bytes:
        values = {path: self.walk.values[path] for path in paths if path in self.walk.values}
        nulls = {path: self.walk.nulls[path] for path in values}
        places = {path: self.places[path].few() for path in paths}
        return msgspec.msgpack.encode(_Counts(self.rows, values, nulls, places))

    def restore(self, counts: _Counts) -> None:
        self.rows = counts.rows
        self.walk.values, self.walk.nulls = counts.values, counts.nulls
        self.places = counts.places

    def _rows(self, batch: pa.RecordBatch, path: str, most: int) -> list[int]:
        """By halving: which rows hold a null at any depth, the first `most`."""
        alone = NullWalk(self._schema, [path])
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
