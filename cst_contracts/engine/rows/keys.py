"""Keys by their hashes: gathered, sorted, and the few equal ones looked up exactly."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datafusion import DataFrame, col
from msgspec import Struct

from cst_contracts.engine.rows.hashes import Hashes
from cst_contracts.engine.rows.scan import hash_of, without_value
from cst_contracts.engine.rows.stretches import FILE, ROW
from cst_contracts.engine.rows.threads import read_partitions
from cst_contracts.facts import RowPlace
from cst_contracts.sql.names import identifier

#: Beyond these, duplicates are no few rows to look up: a query that may spill counts them.
_MOST_HASHES, _MOST_ROWS = 2_000, 200_000


class Duplicates(Struct, frozen=True):
    """`rows` more than there are keys; `places` of the first rows that share a key."""

    rows: int
    places: tuple[RowPlace, ...] = ()


def gather(keys: DataFrame, columns: Sequence[str], room: int) -> Hashes:
    """Of a query whose columns are the key's. Raises what the engine raises."""
    hashes = Hashes(room)
    hashed = keys.select(hash_of(columns).alias("h"), without_value(columns).alias("m"))
    read_partitions(hashed, lambda: _Gathering(hashes))
    return hashes


class _Gathering(Struct, frozen=True):
    hashes: Hashes

    def add(self, batch: pa.RecordBatch) -> None:
        self.hashes.add(batch.column(0), batch.column(1))


def look_up(
    keys: DataFrame, columns: Sequence[str], hashes: Hashes, samples: int
) -> Duplicates | None:
    """None: they are too many to look up. `keys` has the rows' places beside the key's columns."""
    equal = hashes.repeated(_MOST_ROWS)
    if equal is None or len(equal.hashes) > _MOST_HASHES:
        return None
    if not equal.hashes:
        return Duplicates(0)
    found = _having(keys, columns, pa.array(equal.hashes, pa.int64()))
    count = Counter(value for _, value in found)
    duplicates = sum(rows - 1 for rows in count.values())
    if not samples:
        return Duplicates(duplicates)
    places = sorted({place for place, value in found if count[value] > 1})
    return Duplicates(duplicates, tuple(places[:samples]))


def _having(
    keys: DataFrame, columns: Sequence[str], hashes: pa.Int64Array
) -> list[tuple[RowPlace, tuple[object, ...]]]:
    """The rows of these hashes. They are picked out here: past a filter of its own, the engine may no
    longer know where a row stands."""
    named = [col(name) for name in (FILE, ROW, *map(identifier, columns))]
    last = hash_of(columns).alias("h"), without_value(columns).alias("m")
    rows: list[tuple[RowPlace, tuple[object, ...]]] = []
    for streamed in keys.select(*named, *last).execute_stream():
        files, numbers, *values, hashed, missing = streamed.to_pyarrow().columns
        found = pc.and_not(pc.is_in(hashed, hashes), missing)
        if not found.true_count:
            continue
        indices = list(map(int, np.flatnonzero(found.to_numpy(zero_copy_only=False))))
        picked = [[array[at].as_py() for at in indices] for array in map(_plain, values)]
        places = [RowPlace(files[at].as_py(), numbers[at].as_py()) for at in indices]
        rows.extend(zip(places, zip(*picked, strict=True), strict=True))
    return rows


def _plain(column: pa.Array) -> pa.Array:
    """Times as integers: not all have a Python value, and some have that of their neighbours."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date64(column.type):
        return column.cast(pa.int64())
    return column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
