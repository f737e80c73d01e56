"""By hand in Polars: one lazy select on the streaming engine."""

import sys

import agreed
import polars as pl

table = pl.scan_parquet(f"{sys.argv[1]}/*.parquet")
agreed.end_if_the_fields_differ(
    {name: str(type_) for name, type_ in table.collect_schema().items()},
    dict.fromkeys(agreed.TEXTS, "String")
    | dict.fromkeys(agreed.WHOLES, "Int64")
    | {"attrs": "Map(String, String)"},
)
path, file_id, bstart = pl.col("path"), pl.col("file_id"), pl.col("bstart")
ref_id = pl.col("ref_id")
later_file = (file_id < file_id.shift()) | (
    (file_id == file_id.shift()) & (bstart < bstart.shift())
)
counts = table.select(
    *(pl.col(name).null_count().alias(f"null {name}") for name in agreed.REQUIRED),
    (ref_id.count() - ref_id.drop_nulls().n_unique()).alias(agreed.DUPLICATES),
    (~pl.col("expr_ctx").is_in(agreed.CONTEXTS)).sum().alias(agreed.OUTSIDE),
    (~(pl.col("bend") > bstart)).sum().alias(agreed.BACKWARDS),
    ((path < path.shift()) | ((path == path.shift()) & later_file)).sum().alias(agreed.DISORDER),
)
found = counts.collect(engine="streaming").row(0, named=True)
nulls = sum(found.pop(f"null {name}") for name in agreed.REQUIRED)
agreed.end({agreed.NULLS: nulls} | found)
