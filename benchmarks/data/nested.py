"""The rows of `cst_refs` as lists of structs in `libcst_files_v1`, one row a path."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.data.flat import pieces
from benchmarks.data.refs import ROW_GROUP, ROWS_A_PATH, rows

TABLE = "libcst_files_v1"
_THOUSANDS = 2_000
_OF_THE_FILE = ("file_id", "path", "file_sha256")


def write_nested(lake: Path, count: int) -> None:
    _write(lake, count, None, null_at=None)


def write_nested_faulty(lake: Path, count: int) -> int:
    """The number of the reference whose id is null, in one of thousands of files."""
    files = min(_THOUSANDS, count // (2 * ROWS_A_PATH))
    null_at = count * 5 // 8 + ROWS_A_PATH // 2
    _write(lake, count, files, null_at=null_at)
    return null_at


def _write(lake: Path, count: int, files: int | None, null_at: int | None) -> None:
    (lake / TABLE).mkdir(parents=True)
    for number, (start, length) in enumerate(pieces(count, files)):
        table = _nested(rows(start, length), None if null_at is None else null_at - start)
        file = lake / TABLE / f"part-{number:05d}.parquet"
        pq.write_table(table, file, compression="zstd", row_group_size=ROW_GROUP // ROWS_A_PATH)


def _nested(flat: pa.Table, null_at: int | None) -> pa.Table:
    inner = [field for field in flat.schema if field.name not in _OF_THE_FILE]
    columns = [flat[field.name].combine_chunks() for field in inner]
    if null_at is not None:
        absent = np.arange(flat.num_rows) == null_at
        columns[0] = pc.if_else(pa.array(absent), pa.scalar(None, pa.string()), columns[0])
        inner[0] = pa.field(inner[0].name, inner[0].type)
    offsets = pa.array(np.arange(0, flat.num_rows + 1, ROWS_A_PATH, dtype=np.int32))
    structs = pa.StructArray.from_arrays(columns, fields=inner)
    refs = pa.ListArray.from_arrays(
        offsets, structs, type=pa.list_(pa.field("element", structs.type))
    )
    first = flat.select(_OF_THE_FILE).take(offsets[:-1])
    return first.append_column(pa.field("refs", refs.type), refs)
