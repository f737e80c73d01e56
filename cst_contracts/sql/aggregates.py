"""Writes what is asked of groups of rows: how many rows each has, and whether a condition holds of it."""

from collections.abc import Sequence

from cst_contracts.sql.names import identifier, name_parts, table_name

ROWS, HELD = "__cst_n", "__cst_held"


def rows_of_columns(table: str, columns: Sequence[str], undeclared: Sequence[str]) -> str:
    """The rows of a table with these columns under its name. Those that are `undeclared` are taken out of an
    array: of what comes out of one the engine knows neither that it is never null nor that it is unique."""
    selected = ", ".join(
        f"make_array({identifier(name)})[1] AS {identifier(name)}"
        if name in undeclared
        else identifier(name)
        for name in columns
    )
    return f"(SELECT {selected} FROM {table_name(table)}) AS {identifier(name_parts(table)[-1])}"


def condition_of_groups(rows: str, condition: str, per: Sequence[str]) -> str:
    """Whether it holds of each group. `condition` is SQL, and known to be one expression."""
    return f"SELECT {_held(condition)} FROM {rows}{_grouped(per)}"


def counted_groups(rows: str, condition: str, per: Sequence[str]) -> str:
    """The same, with how many rows each group has."""
    return f"SELECT count(*) AS {ROWS}, {_held(condition)} FROM {rows}{_grouped(per)}"


def numbered_groups(rows: str, condition: str, per: Sequence[str], number: str) -> str:
    """The rows of each group, by the column that numbers them, and whether it holds of the group."""
    return f"SELECT array_agg({identifier(number)}), {_held(condition)} FROM {rows}{_grouped(per)}"


def largest_groups(rows: str, condition: str, per: Sequence[str], *, null: bool, most: int) -> str:
    """Those for which it is false, or `null`: their values in `per`, and last how many rows they have."""
    values = ", ".join(f"{identifier(name)} AS {_value(number)}" for number, name in enumerate(per))
    listed = ", ".join(_value(number) for number in range(len(per)))
    groups = f"SELECT {values}, count(*) AS {ROWS}, {_held(condition)} FROM {rows}{_grouped(per)}"
    return (
        f"SELECT {listed}, {ROWS} FROM ({groups}) AS __groups "
        f"WHERE {HELD} IS {'NULL' if null else 'FALSE'} ORDER BY {ROWS} DESC, {listed} LIMIT {most}"
    )


def _held(condition: str) -> str:
    # A comment at its end must not reach what follows.
    return f"(\n{condition}\n) AS {HELD}"


def _grouped(per: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(map(identifier, per))}" if per else ""


def _value(number: int) -> str:
    return f"__g{number}"
