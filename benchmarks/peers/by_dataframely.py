"""dataframely on a DataFrame of Polars; on a LazyFrame it tells only of the first batch that fails."""

import sys

import agreed
import dataframely as dy
import polars as pl


class CstRefs(dy.Schema):
    file_id = dy.String()
    path = dy.String()
    file_sha256 = dy.String(nullable=True)
    ref_id = dy.String(unique=True)
    ref_kind = dy.String(nullable=True)
    ref_text = dy.String(nullable=True)
    expr_ctx = dy.String(check={agreed.OUTSIDE: lambda column: column.is_in(agreed.CONTEXTS)})
    scope_type = dy.String(nullable=True)
    scope_name = dy.String(nullable=True)
    bstart = dy.Int64()
    bend = dy.Int64()
    attrs = dy.Any()  # it does not know the type of a map

    @dy.rule()
    def backwards(cls) -> pl.Expr:  # noqa: N805
        return pl.col("bend") > pl.col("bstart")

    @dy.rule()
    def disorder(cls) -> pl.Expr:  # noqa: N805
        path, file_id, bstart = pl.col("path"), pl.col("file_id"), pl.col("bstart")
        later_file = (file_id < file_id.shift()) | (
            (file_id == file_id.shift()) & (bstart < bstart.shift())
        )
        broken = (path < path.shift()) | ((path == path.shift()) & later_file)
        return ~broken.fill_null(value=False)


KINDS = {
    "nullability": agreed.NULLS,
    "unique": agreed.DUPLICATES,
    f"check__{agreed.OUTSIDE}": agreed.OUTSIDE,
}
table = pl.scan_parquet(f"{sys.argv[1]}/*.parquet").collect()
try:
    CstRefs.validate(table)
except dy.exc.SchemaError as error:
    print(error)
    missing = "missing" in str(error)
    agreed.end({agreed.MISSING_FIELD if missing else agreed.WRONG_TYPE: 1})
except dy.exc.ValidationError as error:
    print(error)
    counts = CstRefs.filter(table)[1].counts()
    agreed.end({KINDS.get(rule.split("|")[-1], rule): count for rule, count in counts.items()})
agreed.end({})
