"""By hand in DataFusion: three queries, which is faster than one."""

import sys

import agreed
from datafusion import SessionConfig, SessionContext


def context_of(folder: str, partitions: int | None = None) -> SessionContext:
    config = SessionConfig()
    context = SessionContext(config.with_target_partitions(partitions) if partitions else config)
    context.register_parquet("refs", folder)
    return context


def counted(context: SessionContext, query: str) -> dict[str, int]:
    return context.sql(query).collect()[0].to_pylist()[0]


folder = sys.argv[1]
context = context_of(folder)
agreed.end_if_the_fields_differ(
    {
        field.name: str(field.type).replace("string_view", "string")
        for field in context.table("refs").schema()
    },
    dict.fromkeys(agreed.TEXTS, "string")
    | dict.fromkeys(agreed.WHOLES, "int64")
    | {"attrs": "map<string, string>"},
)
nulls = " + ".join(f"count(*) - count({name})" for name in agreed.REQUIRED)
found = counted(
    context,
    f"""
    SELECT {nulls} AS {agreed.NULLS},
        count(*) FILTER (WHERE expr_ctx NOT IN {agreed.CONTEXTS}) AS {agreed.OUTSIDE},
        count(*) FILTER (WHERE NOT bend > bstart) AS {agreed.BACKWARDS}
    FROM refs
    """,
)
found |= counted(
    context,
    f"""
    SELECT coalesce(sum(rows - 1), 0) AS {agreed.DUPLICATES}
    FROM (
        SELECT count(*) AS rows FROM refs WHERE ref_id IS NOT NULL
        GROUP BY ref_id HAVING count(*) > 1
    )
    """,
)
found |= counted(
    context_of(folder, partitions=1),  # only then are the rows numbered as they are stored
    f"""
    SELECT count(*) FILTER (
        WHERE path < path_before OR (
            path = path_before AND (
                file_id < file_before OR (file_id = file_before AND bstart < bstart_before)
            )
        )
    ) AS {agreed.DISORDER}
    FROM (
        SELECT path, file_id, bstart, lag(path) OVER () AS path_before,
            lag(file_id) OVER () AS file_before, lag(bstart) OVER () AS bstart_before
        FROM refs
    )
    """,
)
agreed.end(found)
