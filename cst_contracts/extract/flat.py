"""`libcst_files_v1` → one flat Delta table each of its CST tables, for lakes that are not nested."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import deltalake
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cst_contracts.extract.schema import FILES_SCHEMA, TABLE, table_fields

PARTITION = "repo"

#: What the rows of a CST table stand in order of, and what writers are held to.
_ORDER = {
    "nodes": ("path", "cst_id"),
    "edges": ("path", "dst"),
    "refs": ("path", "bstart"),
    "defs": ("path", "def_bstart"),
    "callsites": ("path", "call_bstart"),
    "imports": ("path", "alias_bstart"),
}
_CHECKS: Mapping[str, Mapping[str, str]] = {
    "refs": {"span_is_forward": "bend >= bstart"},
    "defs": {"span_is_forward": "def_bend >= def_bstart"},
    "callsites": {"span_is_forward": "call_bend >= call_bstart"},
    "imports": {
        "alias_lies_in_statement": "alias_bstart >= stmt_bstart AND alias_bend <= stmt_bend"
    },
    "nodes": {"counted_from_zero": "cst_id >= 0"},
    "edges": {"parents_come_first": "src < dst"},
}

FLAT_TABLES = tuple(_ORDER)


def write_flat_delta(lake: Path, target: Path, tables: Iterable[str] = FLAT_TABLES) -> None:
    """Writes `target/cst_refs` and its like from the Parquet files of a lake that is not partitioned:
    one commit a file of the lake, partitioned by repo."""
    files = sorted((lake / TABLE).glob("*.parquet"))
    for table in tables:
        folder = target / f"cst_{table}"
        for file in files:
            _append(pq.read_table(file, columns=[*_kept(table), table]), table, folder)
        deltalake.DeltaTable(folder).alter.add_constraint(dict(_CHECKS[table]))


def _kept(table: str) -> list[str]:
    """The columns of the file that its rows do not have themselves."""
    own = {field.name for field in table_fields(table)}
    return [name for name in (PARTITION, "file_id", "path") if name not in own]


def _append(files: pa.Table, table: str, folder: Path) -> None:
    rows = files.column(table).combine_chunks()
    whose = pc.list_parent_indices(rows)
    elements = rows.flatten()
    kept = _kept(table)
    arrays = [
        *(files.column(name).combine_chunks().take(whose) for name in kept),
        *elements.flatten(),
    ]
    fields = [*(FILES_SCHEMA.field(name) for name in kept), *table_fields(table)]
    flat = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    flat = flat.sort_by([(name, "ascending") for name in _ORDER[table]])
    if not flat.num_rows:
        return  # files with no such thing in them
    # Of several batches, deltalake does not keep the order.
    (batch,) = flat.combine_chunks().to_batches()
    deltalake.write_deltalake(
        folder,
        pa.RecordBatchReader.from_batches(batch.schema, [batch]),
        mode="append",
        partition_by=[PARTITION],
    )
