"""`cst_refs` as a Delta table of a hundred files."""

from pathlib import Path

from deltalake import DeltaTable, WriterProperties, write_deltalake

from benchmarks.data.flat import TABLE, pieces
from benchmarks.data.refs import ROW_GROUP, SCHEMA, rows

FILES = 100


def write_delta(lake: Path, count: int) -> None:
    """One file a commit, and one batch a file: of several batches the writer loses the order.

    The table is made before its rows, or the first file names a map's entries otherwise than the rest.
    """
    target = str(lake / TABLE)
    DeltaTable.create(target, SCHEMA)
    properties = WriterProperties(compression="ZSTD", max_row_group_size=ROW_GROUP)
    for start, length in pieces(count, FILES):
        table = rows(start, length).combine_chunks()
        write_deltalake(target, table, mode="append", writer_properties=properties)
    DeltaTable(target).create_checkpoint()
