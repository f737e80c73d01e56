"""`cst_refs` as Parquet files: clean, faulty, empty, or with data pages that nobody can read."""

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.data.faults import Faults, seeded, with_faults
from benchmarks.data.refs import ROW_GROUP, ROWS_A_PATH, SCHEMA, file_ids, nullable, rows

TABLE = "cst_refs"
PARENT = "cst_files"
_ROWS_A_FILE = 1_000_000
_LEAST_FILES = 4


def write_clean(lake: Path, count: int, files: int | None = None) -> None:
    _write(lake / TABLE, count, files, lambda table, _start: table)


def write_faulty(lake: Path, count: int) -> Faults:
    """With the table that `file_id` refers to."""
    row_group = min(ROW_GROUP, pieces(count)[0][1] // 2 - 1)
    faults = seeded(count, row_group)
    _write(
        lake / TABLE,
        count,
        None,
        lambda table, start: with_faults(nullable(table), start, faults),
        row_group,
    )
    (lake / PARENT).mkdir()
    ids = file_ids(pa.array(range(count // ROWS_A_PATH)).to_numpy())
    pq.write_table(pa.table({"file_id": ids}), lake / PARENT / "part-00000.parquet")
    return faults


def write_without_a_field(lake: Path, count: int) -> None:
    _write(lake / TABLE, count, None, lambda table, _start: table.drop_columns(["expr_ctx"]))


def write_with_a_wrong_type(lake: Path, count: int) -> None:
    at = SCHEMA.get_field_index("bstart")

    def retyped(table: pa.Table, _start: int) -> pa.Table:
        field = pa.field("bstart", pa.string(), nullable=False)
        return table.set_column(at, field, table["bstart"].cast(pa.string()))

    _write(lake / TABLE, count, None, retyped)


def write_empty(lake: Path) -> None:
    (lake / TABLE).mkdir(parents=True)
    pq.write_table(SCHEMA.empty_table(), lake / TABLE / "part-00000.parquet")


def write_unreadable(lake: Path, clean: Path) -> None:
    """A copy whose footers are whole and whose pages are zeros: whoever reads a page cannot go on."""
    (lake / TABLE).mkdir(parents=True)
    for file in sorted((clean / TABLE).iterdir()):
        data = bytearray(file.read_bytes())
        footer = pq.read_metadata(file)
        for group in range(footer.num_row_groups):
            for leaf in range(footer.num_columns):
                chunk = footer.row_group(group).column(leaf)
                first = chunk.dictionary_page_offset or chunk.data_page_offset
                size = chunk.total_compressed_size
                data[first : first + size] = bytes(size)
        (lake / TABLE / file.name).write_bytes(data)


def link_data_files(lake: Path, delta: Path) -> None:
    """The very files of a Delta table, as a folder of Parquet."""
    (lake / TABLE).mkdir(parents=True)
    for file in sorted((delta / TABLE).glob("*.parquet")):
        os.link(file, lake / TABLE / file.name)


def _write(
    folder: Path,
    count: int,
    files: int | None,
    changed: Callable[[pa.Table, int], pa.Table],
    row_group: int = ROW_GROUP,
) -> None:
    folder.mkdir(parents=True)
    for number, (start, length) in enumerate(pieces(count, files)):
        table = changed(rows(start, length), start)
        file = folder / f"part-{number:05d}.parquet"
        pq.write_table(table, file, compression="zstd", row_group_size=row_group)


def pieces(count: int, files: int | None = None) -> list[tuple[int, int]]:
    """First row and length of each file; no path is split."""
    number = files or max(_LEAST_FILES, count // _ROWS_A_FILE)
    length = count // number
    if count % number or length % ROWS_A_PATH:
        raise ValueError(f"{count} rows do not fill {number} files with whole paths")
    return [(start, length) for start in range(0, count, length)]
