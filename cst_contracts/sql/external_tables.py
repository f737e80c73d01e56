"""Writes CREATE EXTERNAL TABLE statements that declare no more than where the files lie."""

from collections.abc import Iterable, Mapping, Sequence

from cst_contracts.contract.model import (
    SourceFormat,
)
from cst_contracts.facts import SortTerm
from cst_contracts.sql.names import identifier, literal, table_name


def external_files(table: str, urls: Iterable[str], order: Sequence[SortTerm] = ()) -> str:
    """Declares no fields: the engine finds them in the files."""
    name, locations = table_name(table), ", ".join(map(literal, urls))
    ordered = f" WITH ORDER ({order_by(order)})" if order else ""
    return f"CREATE EXTERNAL TABLE {name} STORED AS PARQUET{ordered} LOCATION ({locations})"


def external_folder(
    table: str, url: str, *, pruning: bool = True, order: Sequence[SortTerm] = ()
) -> str:
    """Declares no fields: the engine finds them in the files, hive partitions too."""
    told = "" if pruning else " OPTIONS ('format.pruning' 'false')"
    ordered = f" WITH ORDER ({order_by(order)})" if order else ""
    name, location = table_name(table), literal(url)
    return f"CREATE EXTERNAL TABLE {name} STORED AS PARQUET{ordered} LOCATION {location}{told}"


def external_source(
    table: str,
    format_: SourceFormat,
    url: str,
    options: Mapping[str, str],
    order: Sequence[SortTerm] = (),
) -> str:
    """Declares no fields: the engine finds them in the files, hive partitions too."""
    ordered = f" WITH ORDER ({order_by(order)})" if order else ""
    return (
        f"CREATE EXTERNAL TABLE {table_name(table)} STORED AS {format_.value.upper()}{ordered} "
        f"LOCATION {literal(url)}{_options(options)}"
    )


def external_typed(
    table: str,
    format_: SourceFormat,
    url: str,
    columns: Mapping[str, str],
    options: Mapping[str, str],
    order: Sequence[SortTerm],
) -> str:
    """Declares all fields: SQL types by name."""
    declared = ", ".join(f"{identifier(name)} {type_}" for name, type_ in columns.items())
    return (
        f"CREATE EXTERNAL TABLE {table_name(table)} ({declared}) STORED AS {format_.value.upper()}"
        f" WITH ORDER ({order_by(order)}) LOCATION {literal(url)}{_options(options)}"
    )


def _options(options: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{literal(key)} {literal(value)}" for key, value in options.items())
    return f" OPTIONS ({pairs})" if pairs else ""


def external_stream(
    table: str,
    format_: SourceFormat,
    columns: Mapping[str, str],
    path: str,
    order: Sequence[SortTerm] = (),
) -> str:
    """An unbounded source has to declare its fields: SQL types by name. The engine takes a path, no URL."""
    declared = ", ".join(f"{identifier(name)} {type_}" for name, type_ in columns.items())
    ordered = f" WITH ORDER ({order_by(order)})" if order else ""
    header = " OPTIONS ('format.has_header' 'true')" if format_ is SourceFormat.CSV else ""
    return (
        f"CREATE UNBOUNDED EXTERNAL TABLE {table_name(table)} ({declared}) "
        f"STORED AS {format_.value.upper()}{ordered} LOCATION {literal(path)}{header}"
    )


def order_by(terms: Sequence[SortTerm]) -> str:
    return ", ".join(
        f"{identifier(term.field)} {'DESC' if term.descending else 'ASC'} "
        f"NULLS {'FIRST' if term.nulls_first else 'LAST'}"
        for term in terms
    )
