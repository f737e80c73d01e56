"""pandera on a LazyFrame of Polars, told to look at the values: by itself it looks at the schema only."""

import os
import sys

os.environ["PANDERA_VALIDATION_DEPTH"] = "SCHEMA_AND_DATA"

import agreed
import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

path, file_id, bstart = pl.col("path"), pl.col("file_id"), pl.col("bstart")
later_file = (file_id < file_id.shift()) | (
    (file_id == file_id.shift()) & (bstart < bstart.shift())
)
disorder = (path < path.shift()) | ((path == path.shift()) & later_file)
schema = pa.DataFrameSchema(
    {
        "file_id": pa.Column(pl.String),
        "path": pa.Column(pl.String),
        "file_sha256": pa.Column(pl.String, nullable=True),
        "ref_id": pa.Column(pl.String, unique=True),
        "ref_kind": pa.Column(pl.String, nullable=True),
        "ref_text": pa.Column(pl.String, nullable=True),
        "expr_ctx": pa.Column(pl.String, pa.Check.isin(agreed.CONTEXTS)),
        "scope_type": pa.Column(pl.String, nullable=True),
        "scope_name": pa.Column(pl.String, nullable=True),
        "bstart": pa.Column(pl.Int64),
        "bend": pa.Column(pl.Int64),
        "attrs": pa.Column(None, nullable=True),  # it does not know the type of a map
    },
    checks=[
        pa.Check(
            lambda data: data.lazyframe.select(pl.col("bend") > bstart), name=agreed.BACKWARDS
        ),
        pa.Check(
            lambda data: data.lazyframe.select(~disorder.fill_null(value=False)),
            name=agreed.DISORDER,
        ),
    ],
    strict=True,
    ordered=True,
)
KINDS = {
    f"isin({agreed.CONTEXTS})": agreed.OUTSIDE,
    "not_nullable": agreed.NULLS,
    "field_uniqueness": agreed.DUPLICATES,
    "column_in_dataframe": agreed.MISSING_FIELD,
    "dtype('Int64')": agreed.WRONG_TYPE,
}
try:
    schema.validate(pl.scan_parquet(f"{sys.argv[1]}/*.parquet"), lazy=True)
except SchemaErrors as errors:
    print(errors)
    counts = errors.failure_cases.group_by("check").len().rows()
    agreed.end({KINDS.get(check, check): count for check, count in counts})
agreed.end({})
