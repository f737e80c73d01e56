"""Writes the SELECT statements that questions about relations are asked with."""

from collections.abc import Mapping, Sequence, Set

import pyarrow as pa

from cst_contracts.sql.names import HIVE_NULL, identifier, literal, name_parts, table_name


def select(columns: Sequence[str], table: str) -> str:
    return f"SELECT {', '.join(map(identifier, columns))} FROM {table_name(table)}"


def union_all(tables: Sequence[str], columns: Sequence[str]) -> str:
    """The rows of all of these tables."""
    return " UNION ALL ".join(select(columns, table) for table in tables)


def select_values(columns: Sequence[str], table: str, null_folders: Set[str]) -> str:
    """Partition fields in `null_folders` are null where their folder is named for no value."""
    read = [
        f"nullif({identifier(name)}, {literal(HIVE_NULL)}) AS {identifier(name)}"
        if name in null_folders
        else identifier(name)
        for name in columns
    ]
    return f"SELECT {', '.join(read)} FROM {table_name(table)}"


def select_undeclared(schema: pa.Schema, table: str) -> str:
    """All fields under the table's name, those that are NOT NULL taken out of an array: of what comes out of
    one, the engine does not know that it is never null."""
    columns = [
        identifier(field.name)
        if field.nullable
        else f"make_array({identifier(field.name)})[1] AS {identifier(field.name)}"
        for field in schema
    ]
    rows = f"SELECT {', '.join(columns)} FROM {table_name(table)}"
    return f"SELECT * FROM ({rows}) AS {identifier(name_parts(table)[-1])}"


_DEFAULT_PLACE = ("datafusion.catalog.default_schema", "datafusion.catalog.default_catalog")


def _setting(name: str) -> str:
    return f"(SELECT value FROM information_schema.df_settings WHERE name = {literal(name)})"


def view_sql(table: str) -> str:
    """The statement that made a view, or null where none did."""
    columns = ("table_name", "table_schema", "table_catalog")
    parts = [literal(part) for part in reversed(name_parts(table))]
    told = [*parts, *map(_setting, _DEFAULT_PLACE[len(parts) - 1 :])]
    where = " AND ".join(f"{column} = {value}" for column, value in zip(columns, told, strict=True))
    return f"SELECT definition FROM information_schema.views WHERE {where}"


def select_typed(table: str, columns: Sequence[str], types: Mapping[str, str]) -> str:
    """Partition fields in `types` are of these SQL types, and null where their folder names no value."""
    read = [
        f"CAST(nullif(CAST({identifier(name)} AS VARCHAR), {literal(HIVE_NULL)}) AS {types[name]}) "
        f"AS {identifier(name)}"
        if name in types
        else identifier(name)
        for name in columns
    ]
    return f"SELECT {', '.join(read)} FROM {table_name(table)}"


def select_first(columns: Sequence[str], table: str) -> str:
    """The first row that has a value in each of the columns, in the order of these."""
    names = ", ".join(map(identifier, columns))
    there = " AND ".join(f"{identifier(name)} IS NOT NULL" for name in columns)
    return f"SELECT {names} FROM {table_name(table)} WHERE {there} ORDER BY {names} LIMIT 1"


def select_all(table: str) -> str:
    return f"SELECT * FROM {table_name(table)}"


def select_where(table: str, column: str, operator: str, value: str) -> str:
    """`value` is SQL already."""
    name = identifier(column)
    return f"SELECT {name} FROM {table_name(table)} WHERE {name} {operator} {value}"


def count_rows(table: str) -> str:
    return f"SELECT count(*) FROM {table_name(table)}"


def call_table_function(name: str) -> str:
    """Of the engine's own only: no quoted name is one to the planner."""
    return f"SELECT * FROM {name}(1, 2)"


def count_differing(columns: Sequence[str], table: str, other: str) -> str:
    """The rows that one relation has more often than the other, nulls being equal.

    The engine groups neighbours only where an order is claimed, true or not; of what comes out of an
    array it knows no order.
    """
    listed = ", ".join(f"__c{index}" for index in range(len(columns)))
    values = ", ".join(
        f"make_array({identifier(name)})[1] AS __c{index}" for index, name in enumerate(columns)
    )
    both = " UNION ALL ".join(
        f"SELECT {values}, {sign} AS __n FROM {table_name(each)}"
        for each, sign in ((table, 1), (other, -1))
    )
    return (
        f"SELECT sum(abs(__n)) FROM (SELECT sum(__n) AS __n FROM ({both}) AS __both "
        f"GROUP BY {listed}) AS __rows"
    )


def set_option(name: str, value: str) -> str:
    """`name` stands unquoted, which is how the engine knows it: nothing from a contract's text."""
    return f"SET {name} = {literal(value)}"


#: Of the session's own; it cannot have any that information_schema does not list.
TABLE_NAMES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema <> 'information_schema'"
)


def select_file(path: str) -> str:
    """Where the session reads paths as tables."""
    return f"SELECT * FROM {literal(path)}"


def count_file(path: str) -> str:
    return f"SELECT count(*) FROM {literal(path)}"


def explain(query: str) -> str:
    return f"EXPLAIN {query}"


def analyze(query: str) -> str:
    return f"EXPLAIN ANALYZE {query}"


def rows_apart(one: str, other: str) -> str:
    """The rows that only one of two relations gives, with how often it gives them. EXCEPT tells sets apart,
    therefore equal rows are counted first."""
    counted = [
        f"SELECT *, count(*) AS cst_times FROM {table_name(each)} GROUP BY ALL"
        for each in (one, other)
    ]
    return " UNION ALL ".join(
        f"(({left}) EXCEPT ({right}))" for left, right in (counted, counted[::-1])
    )
