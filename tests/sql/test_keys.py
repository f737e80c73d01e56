"""What rows are asked for in SQL: DuckDB gives the same answers to the same text."""

from collections.abc import Callable

import duckdb
import pyarrow as pa
import pytest
from datafusion import SessionContext

from cst_contracts.sql import keys as row_queries
from cst_contracts.sql.keys import flattened

REF = pa.struct([("id", pa.int64()), ("span", pa.struct([("bstart", pa.int64())]))])
ROWS = pa.table(
    {
        "id": ["a", "b", "a", None, "c"],
        "size": [1, 2, 1, 1, None],
        "refs": pa.array(
            [
                [{"id": 1, "span": {"bstart": 1}}, {"id": None, "span": None}, None],
                None,
                [],
                [{"id": 1, "span": {"bstart": None}}],
                [{"id": 2, "span": {"bstart": 7}}],
            ],
            pa.list_(REF),
        ),
        "attrs": pa.array(
            [[("k", "v")], None, [], [("k", None)], [("k", "v"), ("l", "w")]],
            pa.map_(pa.string(), pa.string()),
        ),
        "one": pa.array([{"x": 1}, None, {"x": None}, {"x": 2}, {"x": 3}]),
    }
)
OTHERS = pa.table({"id": ["a", None], "number": [1, 3]})
SHOWN = {"__s0": "id"}
STRUCT = {"__s0": '"one"', "__s1": "id"}


def here(*paths: str, **carried: str) -> str:
    return flattened(ROWS.schema, "t", paths, carried)


THERE = flattened(OTHERS.schema, "o", ["id"])
NUMBERS = flattened(OTHERS.schema, "o", ["number"])
QUERIES: dict[str, tuple[str, list[tuple[object, ...]]]] = {
    "keys": (row_queries.count_keys(here("id"), 1), [(4, 1, 1)]),
    "keys of several": (row_queries.count_keys(here("id", "size"), 2), [(3, 1, 2)]),
    "keys in lists": (row_queries.count_keys(here("refs[].id"), 1), [(3, 1, 2)]),
    "keys with a field": (
        row_queries.count_keys(here("id", "refs[].span.bstart"), 2),
        [(2, 0, 3)],
    ),
    "keys in maps": (
        row_queries.count_keys(here("attrs{}.key", "attrs{}.value"), 2),
        [(3, 1, 1)],
    ),
    "shared": (row_queries.shared_keys(here("id"), 1), [("a",)]),
    "references": (row_queries.count_of(row_queries.references(here("id"), 1)), [(4,)]),
    "dangling": (row_queries.count_of(row_queries.dangling(here("id"), THERE, 1)), [(2,)]),
    "dangling keys": (row_queries.dangling_keys(here("id"), THERE, 1), [("b",), ("c",)]),
    "dangling groups": (
        row_queries.sum_of_groups(row_queries.dangling_groups(here("refs[].id"), NUMBERS, 1)),
        [(1,)],
    ),
    "keys of groups": (
        row_queries.keys_of_groups(row_queries.dangling_groups(here("id"), THERE, 1), 1),
        [("b",), ("c",)],
    ),
    "distinct": (row_queries.distinct_rows(here("size")), [(1,), (2,), (None,)]),
    "first": (row_queries.first_keys(here("size"), 1, 2), [(1,), (1,)]),
    "rows with": (
        row_queries.rows_with(
            row_queries.shared_keys(here("refs[].id"), 1),
            here("refs[].id", __s0="id"),
            1,
            ["__s0"],
            9,
        ),
        [("a",), (None,)],
    ),
    "dangling rows": (
        row_queries.dangling_rows(here("id", __s0="size"), THERE, 1, ["__s0"], 9),
        [(2,), (None,)],
    ),
    "nulls": (row_queries.null_rows(ROWS.schema, "t", "size", SHOWN, 9), [("c",)]),
    "null elements": (row_queries.null_rows(ROWS.schema, "t", "refs[]", SHOWN, 9), [("a",)]),
    "nulls of structs": (
        row_queries.null_rows(ROWS.schema, "t", "refs[].span.bstart", SHOWN, 9),
        [(None,)],
    ),
    "nulls of a struct's field, beside the struct": (
        row_queries.null_rows(ROWS.schema, "t", "one.x", STRUCT, 9),
        [({"x": None}, "a")],
    ),
    "nulls of maps": (
        row_queries.null_rows(ROWS.schema, "t", "attrs{}.value", SHOWN, 9),
        [(None,)],
    ),
}


def by_datafusion(query: str) -> list[tuple[object, ...]]:
    context = SessionContext()
    context.from_arrow(ROWS, name="t")
    context.from_arrow(OTHERS, name="o")
    return [tuple(row.values()) for row in context.sql(query).to_pylist()]


def by_duckdb(query: str) -> list[tuple[object, ...]]:
    """Of all that is DataFusion's own, it lacks one function."""
    with duckdb.connect() as connection:
        connection.register("t", ROWS)
        connection.register("o", OTHERS)
        connection.execute("CREATE MACRO make_array(x) AS [x]")
        return list(connection.sql(query).fetchall())


@pytest.mark.parametrize("engine", [by_datafusion, by_duckdb])
@pytest.mark.parametrize("name", QUERIES)
def test_two_engines_answer_alike(
    name: str, engine: Callable[[str], list[tuple[object, ...]]]
) -> None:
    query, expected = QUERIES[name]
    assert sorted(engine(query), key=str) == sorted(expected, key=str)
