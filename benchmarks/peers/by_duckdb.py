"""By hand in DuckDB: three queries, which is faster than one."""

import sys
from pathlib import Path

import agreed
import duckdb

files = [str(file) for file in sorted(Path(sys.argv[1]).glob("*.parquet"))]
table = duckdb.read_parquet(files)
agreed.end_if_the_fields_differ(
    dict(zip(table.columns, map(str, table.types), strict=True)),
    dict.fromkeys(agreed.TEXTS, "VARCHAR")
    | dict.fromkeys(agreed.WHOLES, "BIGINT")
    | {"attrs": "MAP(VARCHAR, VARCHAR)"},
)


def counted(query: str) -> tuple[int, ...]:
    """`query` reads `refs`; DuckDB finds it among this module's names."""
    refs = table  # noqa: F841
    return duckdb.sql(query).fetchall()[0]


nulls = " + ".join(f"count(*) - count({name})" for name in agreed.REQUIRED)
rows = counted(f"""
    SELECT {nulls},
        count(*) FILTER (WHERE expr_ctx NOT IN {agreed.CONTEXTS}),
        count(*) FILTER (WHERE NOT bend > bstart)
    FROM refs
""")
duplicates = counted("""
    SELECT coalesce(sum(rows - 1), 0)
    FROM (SELECT count(*) AS rows FROM refs WHERE ref_id IS NOT NULL GROUP BY ref_id HAVING rows > 1)
""")
disorder = counted("""
    SELECT count(*) FILTER (WHERE (path, file_id, bstart) < (path_before, file_before, bstart_before))
    FROM (
        SELECT path, file_id, bstart, lag(path) OVER () AS path_before,
            lag(file_id) OVER () AS file_before, lag(bstart) OVER () AS bstart_before
        FROM refs
    )
    WHERE path_before IS NOT NULL
""")
agreed.end(
    {
        agreed.NULLS: rows[0],
        agreed.OUTSIDE: rows[1],
        agreed.BACKWARDS: rows[2],
        agreed.DUPLICATES: int(duplicates[0]),
        agreed.DISORDER: disorder[0],
    }
)
