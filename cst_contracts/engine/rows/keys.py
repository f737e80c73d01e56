"""Keys by their hashes: gathered, sorted, and the few equal ones looked up exactly."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
from datafusion import DataFrame, Expr, col, lit
from datafusion import functions as f

from cst_contracts.engine.rows.hashes import Hashes
from cst_contracts.engine.rows.scan import hash_of, without_value
from cst_contracts.engine.rows.stretches import FILE, ROW
from cst_contracts.facts import RowPlace

#: Beyond these, duplicates are no few rows to look up: a query that may spill counts them.
_MOST_HASHES, _MOST_ROWS = 2_000, 200_000


@dataclass(frozen=True, slots=True)
class Duplicates:
    """`rows` more than there are keys; `places` of the first rows that share a key."""

    rows: int
    places: tuple[RowPlace, ...] = ()


def gather(keys: DataFrame, columns: Sequence[str], rows: int) -> Hashes:
    """Of a query whose columns are the key's. Raises what the engine raises."""
    hashes = Hashes(rows)
    hashed = keys.select(hash_of(columns).alias("h"), without_value(columns).alias("m"))
    for batch in hashed.execute_stream():
        read = batch.to_pyarrow()
        hashes.add(read.column(0), read.column(1))
    return hashes


def look_up(
    keys: DataFrame, columns: Sequence[str], hashes: Hashes, samples: int
) -> Duplicates | None:
    """None: they are too many to look up. `keys` has the rows' places beside the key's columns."""
    equal = hashes.repeated()
    if not len(equal.hashes):
        return Duplicates(0)
    if len(equal.hashes) > _MOST_HASHES or equal.rows > _MOST_ROWS:
        return None
    wanted: Expr = f.in_list(hash_of(columns), [lit(each) for each in equal.hashes])
    named = [col(FILE), col(ROW), *(col(f'"{name}"') for name in columns)]
    found = keys.filter(wanted & ~without_value(columns)).select(*named).to_arrow_table()
    values = list(zip(*(_values(found, name) for name in columns), strict=True))
    count = Counter(values)
    duplicates = sum(rows - 1 for rows in count.values())
    if not samples:
        return Duplicates(duplicates)
    files, numbers = found.column(FILE).to_pylist(), found.column(ROW).to_pylist()
    places = sorted(
        {
            RowPlace(file, number)
            for file, number, value in zip(files, numbers, values, strict=True)
            if count[value] > 1
        }
    )
    return Duplicates(duplicates, tuple(places[:samples]))


def _values(found: pa.Table, name: str) -> list[object]:
    """Times as integers: not all have a Python value, and some have that of their neighbours."""
    column = found.column(name)
    if pa.types.is_timestamp(column.type) or pa.types.is_date64(column.type):
        column = column.cast(pa.int64())
    elif pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    values: list[object] = column.to_pylist()
    return values
