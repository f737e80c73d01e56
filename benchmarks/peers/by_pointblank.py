"""pointblank on a DataFrame of Polars."""

import json
import sys

import agreed
import pointblank as pb
import polars as pl

table = pl.scan_parquet(f"{sys.argv[1]}/*.parquet").collect()
path, file_id, bstart = pl.col("path"), pl.col("file_id"), pl.col("bstart")
later_file = (file_id < file_id.shift()) | (
    (file_id == file_id.shift()) & (bstart < bstart.shift())
)
disorder = (path < path.shift()) | ((path == path.shift()) & later_file)
columns = [(name, "String") for name in agreed.TEXTS] + [(name, "Int64") for name in agreed.WHOLES]
steps = (
    pb.Validate(data=table, tbl_name="cst_refs")
    .col_schema_match(
        schema=pb.Schema(columns=[*columns, ("attrs", "Map(String, String)")]),
        case_sensitive_dtypes=False,
    )
    .col_vals_not_null(columns=list(agreed.REQUIRED))
    .rows_distinct(columns_subset="ref_id")
    .col_vals_in_set(columns="expr_ctx", set=list(agreed.CONTEXTS))
    .col_vals_gt(columns="bend", value=pb.col("bstart"))
    .col_vals_expr(expr=~disorder.fill_null(value=False))
    .interrogate()
)
KINDS = {
    "col_schema_match": "schema",
    "col_vals_not_null": agreed.NULLS,
    "rows_distinct": agreed.DUPLICATES,
    "col_vals_in_set": agreed.OUTSIDE,
    "col_vals_gt": agreed.BACKWARDS,
    "col_vals_expr": agreed.DISORDER,
}
found: dict[str, int] = {}
for step in json.loads(steps.get_json_report()):
    print(
        {key: step.get(key) for key in ("assertion_type", "column", "n", "n_failed", "eval_error")}
    )
    kind = KINDS[step["assertion_type"]]
    if not step["all_passed"]:
        found[kind] = found.get(kind, 0) + (step["n_failed"] or 0)
if found.pop("schema", 0):  # it does not say which field, or what about it
    found = {agreed.WRONG_TYPE if "expr_ctx" in table.columns else agreed.MISSING_FIELD: 1}
agreed.end(found)
