"""Quotes names and values: nothing from a contract reaches SQL unquoted but rules, aggregates and views."""

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def name_parts(table: str) -> tuple[str, ...]:
    """`table`, `schema.table` or `catalog.schema.table`."""
    return tuple(table.split("."))


def table_name(table: str) -> str:
    return ".".join(map(identifier, name_parts(table)))
