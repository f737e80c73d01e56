"""Faults at known rows, spread over the whole table."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from benchmarks.data.refs import ROWS_A_PATH, ref_ids

_MIDDLE = ROWS_A_PATH // 2
_OUTSIDE = ("load", "AUG", "", "PARAM")
_DANGLING = "z" * 16  # sorts behind every id, so that the row stays in order
_SPREAD = 22


@dataclass(frozen=True)
class Faults:
    """Numbers of rows. `duplicates` take the `ref_id` of another row; a row of `disorder` starts behind
    the next one; the `dangling` row's `file_id` is no file's."""

    nulls: tuple[int, ...]
    duplicates: tuple[tuple[int, int], ...]
    disorder: tuple[int, ...]
    outside: tuple[int, ...]
    backwards: tuple[int, ...]
    dangling: tuple[int, ...]


def seeded(rows: int, row_group: int) -> Faults:
    """One of the three out of order stands last in its row group, so that it shows only across two."""
    paths = rows // ROWS_A_PATH
    if paths < _SPREAD:
        raise ValueError(f"{rows} rows are too few to seed faults in")
    spread = [(k + 1) * paths // (_SPREAD + 1) for k in range(_SPREAD)]
    middle = [path * ROWS_A_PATH + _MIDDLE for path in spread]
    copied = [path // 2 * ROWS_A_PATH for path in spread]
    return Faults(
        nulls=tuple(middle[0::3][:7]),
        duplicates=tuple(zip(middle[1::3][:5], copied[1::3], strict=False)),
        disorder=(middle[2], row_group - 1, middle[5]),
        outside=tuple(middle[8::3][:4]),
        backwards=(middle[16], middle[19]),
        dangling=(spread[20] * ROWS_A_PATH + ROWS_A_PATH - 1,),
    )


def with_faults(table: pa.Table, start: int, faults: Faults) -> pa.Table:
    """`table` holds the rows from number `start` on; faults of other rows are left out."""

    def here(numbers: tuple[int, ...]) -> list[int]:
        return [number - start for number in numbers if 0 <= number - start < table.num_rows]

    ids, contexts = table["ref_id"].to_pylist(), table["expr_ctx"].to_pylist()
    files = table["file_id"].to_pylist()
    bstart, bend = table["bstart"].to_numpy().copy(), table["bend"].to_numpy().copy()
    for row in here(faults.nulls):
        ids[row] = None
    for row, copied in faults.duplicates:
        for at in here((row,)):
            ids[at] = ref_ids(np.array([copied]))[0].as_py()
    for row in here(faults.disorder):
        late = bstart[row + 1] + 7 - bstart[row]
        bstart[row] += late
        bend[row] += late
    for row, context in zip(faults.outside, _OUTSIDE, strict=True):
        for at in here((row,)):
            contexts[at] = context
    for row in here(faults.backwards):
        bend[row] = bstart[row] - 3
    for row in here(faults.dangling):
        files[row] = _DANGLING
    return _replaced(table, ref_id=ids, expr_ctx=contexts, file_id=files, bstart=bstart, bend=bend)


def _replaced(table: pa.Table, **columns: object) -> pa.Table:
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        field = table.schema.field(at)
        table = table.set_column(at, field, pa.array(values, field.type))
    return table
