"""A lake of a few small tables, sound and faulty ones, that contracts of a line or two are about."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import write_deltalake

REFS = pa.schema([pa.field("ref_id", pa.string(), nullable=False), pa.field("path", pa.string())])
NESTED = pa.schema(
    [
        pa.field("ref_id", pa.string()),
        pa.field("attrs", pa.map_(pa.string(), pa.string())),
        pa.field("refs", pa.list_(pa.struct([pa.field("bstart", pa.int64())]))),
    ]
)


def write_small_lake(folder: Path) -> None:
    """`refs` keeps its contracts; `lost` has nulls in `path`, `bare` no rows, `moved` another type."""
    sound = pa.table({"ref_id": ["a", "b", "c"], "path": ["p", "p", "q"]}, schema=REFS)
    nested = {"ref_id": ["a"], "attrs": [[("k", "v")]], "refs": [[{"bstart": 1}]]}
    tables = {
        "refs": sound,
        "lost": pa.table({"ref_id": ["a", "b"], "path": ["p", None]}, schema=REFS),
        "bare": sound.slice(0, 0),
        "moved": sound.set_column(1, "path", pa.array([1, 2, 3])),
        "nested": pa.table(nested, schema=NESTED),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    write_deltalake(folder / "delta", sound)
