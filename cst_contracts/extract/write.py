"""Rows in order → the data files of a Parquet or Delta table, each of them in order.

A file is closed when it has its rows or its bytes, so that memory does not grow with the table.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain, groupby, islice
from pathlib import Path

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from cst_contracts.errors import CstContractsError
from cst_contracts.extract.schema import FILES_SCHEMA, ORDER

PARTITION = "repo"

_GROUP_BYTES = 64 << 20  # of Arrow memory, before a row group is written
_FILE_BYTES = 256 << 20
_NAME = re.compile(r"[\w.\-]+")


class LakeFormat(StrEnum):
    PARQUET = "parquet"
    DELTA = "delta"


class Layout(Struct, frozen=True):
    format: LakeFormat = LakeFormat.PARQUET
    partition_by_repo: bool = False
    rows_per_file: int = 1000


def check_partition_name(repo: str) -> None:
    """Partition values become folder names, and readers do not agree on how to quote those."""
    if not _NAME.fullmatch(repo):
        raise CstContractsError(
            f"repo {repo!r} cannot name a partition folder;"
            " use letters, digits, '.', '-' and '_' only, or do not partition by repo"
        )


def write_table(rows: Iterable[pa.RecordBatch], folder: Path, layout: Layout) -> None:
    """`rows` are batches of one row each, ordered (with a partition: within each repo)."""
    match layout.format:
        case LakeFormat.PARQUET:
            _write_parquet(rows, folder, layout)
        case LakeFormat.DELTA:
            for _, of_repo in groupby(rows, key=_repo if layout.partition_by_repo else _one_group):
                for table in _chunks(of_repo, layout.rows_per_file, _FILE_BYTES):
                    _append_delta(table, folder, layout)


def _append_delta(table: pa.Table, folder: Path, layout: Layout) -> None:
    # One commit a data file, of one batch: of several, deltalake does not keep the order.
    (batch,) = table.combine_chunks().to_batches()
    deltalake.write_deltalake(
        folder,
        pa.RecordBatchReader.from_batches(FILES_SCHEMA, [batch]),
        mode="append",
        partition_by=[PARTITION] if layout.partition_by_repo else None,
        target_file_size=_FILE_BYTES * 4,
    )


def _write_parquet(rows: Iterable[pa.RecordBatch], folder: Path, layout: Layout) -> None:
    if not layout.partition_by_repo:
        folder.mkdir(parents=True)
        _write_files(rows, folder, FILES_SCHEMA, layout)
        return
    schema = FILES_SCHEMA.remove(FILES_SCHEMA.get_field_index(PARTITION))
    for repo, of_repo in groupby(rows, key=_repo):
        partition = folder / f"{PARTITION}={repo}"
        partition.mkdir(parents=True)
        _write_files((row.select(schema.names) for row in of_repo), partition, schema, layout)


def _write_files(
    rows: Iterable[pa.RecordBatch], folder: Path, schema: pa.Schema, layout: Layout
) -> None:
    order = pq.SortingColumn.from_ordering(schema, [(name, "ascending") for name in ORDER])
    for number, of_file in enumerate(_by_count(iter(rows), layout.rows_per_file)):
        file = folder / f"part-{number:05}.parquet"
        with pq.ParquetWriter(file, schema, compression="zstd", sorting_columns=order) as writer:
            for group in _chunks(of_file, layout.rows_per_file, _GROUP_BYTES):
                writer.write_table(group, row_group_size=group.num_rows)


def _by_count(rows: Iterator[pa.RecordBatch], count: int) -> Iterator[Iterator[pa.RecordBatch]]:
    while (first := next(rows, None)) is not None:
        yield chain([first], islice(rows, count - 1))


def _chunks(rows: Iterable[pa.RecordBatch], count: int, size: int) -> Iterator[pa.Table]:
    """At most `count` rows each, and closed as soon as they take `size` bytes."""
    held: list[pa.RecordBatch] = []
    held_bytes = 0
    for row in rows:
        held.append(row)
        held_bytes += row.nbytes
        if len(held) >= count or held_bytes >= size:
            yield pa.Table.from_batches(held)
            held, held_bytes = [], 0
    if held:
        yield pa.Table.from_batches(held)


def _repo(row: pa.RecordBatch) -> str:
    return str(row.column(PARTITION)[0].as_py())


def _one_group(_row: pa.RecordBatch) -> None:
    return None
