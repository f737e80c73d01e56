"""A table contract to `CREATE EXTERNAL TABLE …`, and to SQL comments for what SQL cannot say of it.

Text only: no session is opened and no file read.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from cst_contracts.contract.model import (
    FieldContract,
    PartitionContract,
    SourceContract,
    SourceFormat,
    TableContract,
)
from cst_contracts.datatypes import print_type, same_type
from cst_contracts.facts import SortTerm
from cst_contracts.sql.external_tables import order_by
from cst_contracts.sql.names import identifier, literal, table_name
from cst_contracts.sql.types import SqlType, sql_type

_FILES = frozenset({SourceFormat.PARQUET, SourceFormat.CSV, SourceFormat.JSON, SourceFormat.ARROW})
_BARE_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def table_ddl(contract: TableContract, location: str | None) -> str:
    """`location` is where the contract's files lie, as the statement should name it."""
    source = contract.source
    remarks = [f"{contract.name}, as {contract.file} promises it{_proviso(contract)}"]
    remarks.extend(_unsaid(contract))
    if source is None or location is None or source.format not in _FILES:
        return _commented([*remarks, _undeclarable(contract, location)])
    return f"{_commented(remarks)}{_statement(contract, source, location)}"


def _proviso(contract: TableContract) -> str:
    """What the first line says of files that nobody has looked at here."""
    if contract.source is None or not contract.source.partitioned_by:
        return ""
    return "; runs only where no other file lies beside the folders"


def _commented(lines: Sequence[str]) -> str:
    return "".join(f"-- {' '.join(line.split())}\n" for line in lines)


def _undeclarable(contract: TableContract, location: str | None) -> str:
    match contract.source:
        case SourceContract(format=SourceFormat.DELTA):
            call = f"context.register_table({contract.name!r}, DeltaTable({location!r}))"
            return f"no DDL: the engine's SQL has no Delta tables; register the provider: {call}"
        case SourceContract(format=SourceFormat.VIEW):
            return "no DDL: a contract's `views` define it"
        case _:
            return "no DDL: the contract has no `source` with a location of files"


def _statement(contract: TableContract, source: SourceContract, location: str) -> str:
    unbounded = "UNBOUNDED " if source.unbounded else ""
    name = f"CREATE {unbounded}EXTERNAL TABLE {table_name(contract.name)}"
    stored = f"STORED AS {source.format.value.upper()}"
    columns = tuple(_columns(contract, source))
    lines = [f"{name} (", *columns, f") {stored}"] if columns else [f"{name} {stored}"]
    if source.partitioned_by and not _unnameable(source):
        names = ", ".join(partition.name for partition in source.partitioned_by)
        lines.append(f"PARTITIONED BY ({names})")
    terms = [SortTerm(term.field, term.descending, term.nulls_first) for term in source.ordered_by]
    if terms and {term.field for term in terms} <= {*_declared(contract, source)}:
        lines.append(f"WITH ORDER ({order_by(terms)})")
    place = _path_of(location) if source.unbounded else location
    lines.append(f"LOCATION {literal(place)}")
    options = dict(_options(source))
    if options:
        told = ", ".join(f"{literal(key)} {literal(value)}" for key, value in options.items())
        lines.append(f"OPTIONS ({told})")
    return "\n".join(lines) + ";\n"


def _path_of(location: str) -> str:
    """DataFusion 55 opens the location of an unbounded source as a path, and knows no URL there."""
    is_local = location.startswith("file://")
    return unquote(urlsplit(location).path) if is_local else location


def _options(source: SourceContract) -> Iterator[tuple[str, str]]:
    written = source.options
    if source.format is SourceFormat.CSV:
        yield "format.has_header", str(written.header).lower()
        if not source.unbounded:
            yield "format.newlines_in_values", "true"
        if written.delimiter not in {None, ","}:
            yield "format.delimiter", written.delimiter
        if written.quote != '"':
            yield "format.quote", written.quote
    if written.compression is not None:
        yield "format.compression", written.compression
    if source.format is SourceFormat.PARQUET and not source.pruning:
        yield "format.pruning", "false"


def _declared(contract: TableContract, source: SourceContract) -> dict[str, str]:
    """The columns that can be declared, by name; partition fields stand among them, and last. None at all
    where one that is left out would spoil the others: then the engine finds them in the files."""
    partitions = {partition.name: partition for partition in source.partitioned_by}
    if _unnameable(source) or _undeclared(contract, source):
        return {}
    columns: dict[str, str] = {}
    for field in contract.fields:
        declared = _sql_type(field)
        if declared is not None and field.name not in partitions:
            flag = "" if field.nullable else " NOT NULL"
            columns[field.name] = f"{identifier(field.name)} {declared.text}{flag}"
    for name, partition in partitions.items():
        found = sql_type(_partition_type(contract, partition))
        columns[name] = f"{identifier(name)} {found.text if found else 'VARCHAR'}"
    return columns


def _undeclared(contract: TableContract, source: SourceContract) -> bool:
    """DataFusion 55 casts no column of an Arrow file to the text type that it declares, and reads CSV by
    position: without the column of a type that SQL has no word for, all after it are others."""
    if source.format is SourceFormat.ARROW:
        return True
    return source.format is SourceFormat.CSV and any(
        _sql_type(field) is None for field in contract.fields
    )


def _partition_type(contract: TableContract, partition: PartitionContract) -> pa.DataType:
    promised = next((f.type for f in contract.fields if f.name == partition.name), pa.string())
    return partition.type or promised


def _sql_type(field: FieldContract) -> SqlType | None:
    found = sql_type(field.type)
    fits = found is not None and same_type(field.type, found.type, exact=field.exact)
    return found if fits else None


def _columns(contract: TableContract, source: SourceContract) -> Iterator[str]:
    columns = _declared(contract, source)
    if not columns:
        return  # the engine then looks for them in the files
    last = next(reversed(columns))
    for field in contract.fields:
        if field.name not in columns:
            yield f"  -- {identifier(field.name)}: SQL cannot say {_unspeakable(field)}"
    for name, text in columns.items():
        yield f"  {text}{'' if name == last else ','}"


def _unspeakable(field: FieldContract) -> str:
    """The innermost nodes that stand in the way."""
    nodes = [node for node in field.walk() if sql_type(node.type) is None]
    innermost = [node for node in nodes if not any(child in nodes for child in node.children)]
    found = innermost or [field]  # of a type that is promised exactly, and that SQL cannot hit
    return ", ".join(
        print_type(node.type) if node is field else f"{node.path} ({print_type(node.type)})"
        for node in found
    )


def _unnameable(source: SourceContract) -> bool:
    """The engine takes what stands in PARTITIONED BY as it is written, quotes included."""
    return not all(_BARE_NAME.fullmatch(partition.name) for partition in source.partitioned_by)


def _unsaid(contract: TableContract) -> Iterator[str]:
    nodes = [node for field in contract.fields for node in field.walk()]
    below = [node.path for node in nodes if not node.nullable and node not in contract.fields]
    if any(not field.nullable for field in contract.fields):
        yield "NOT NULL is believed, not checked: IS NULL then answers false over any file"
    source = contract.source
    if source is not None and source.format is SourceFormat.CSV and _undeclared(contract, source):
        yield "not said, fields: CSV is read by position, and SQL has no word for the type of some"
    if below:
        yield f"not said, NOT NULL below the top level: {', '.join(below)}"
    described = [node.path for node in nodes if node.metadata]
    if described:
        yield f"not said, field metadata: {', '.join(described)}"
    if contract.source is not None:
        yield from _unsaid_of_source(contract.source)
    for key in contract.keys:
        yield (
            f"not said, unique ({', '.join(key.fields)}): a PRIMARY KEY would be believed, and DISTINCT "
            "and GROUP BY answer wrongly over duplicates"
        )
    for reference in contract.references:
        to = f"{reference.table} ({', '.join(reference.to)})"
        yield f"not said, ({', '.join(reference.fields)}) references {to}: there is no FOREIGN KEY"
    for rule in contract.rules:
        yield f"not said, rule {rule.name}: there is no CHECK"
    for aggregate in contract.aggregates:
        yield f"not said, aggregate {aggregate.name}: there is no CHECK of several rows"


def _unsaid_of_source(source: SourceContract) -> Iterator[str]:
    if source.format is SourceFormat.ARROW:
        yield "not said, fields: the engine reads those of Arrow files as they are"
    if source.format is SourceFormat.JSON:
        yield "of a folder, the engine's SQL reads the files whose names end in .json alone"
    if _unnameable(source):
        yield "not said, fields and partitions: PARTITIONED BY takes plain lower-case names only"
    if source.ordered_by:
        yield "the order is believed, not checked"
    if not source.statistics:
        yield "not said, `statistics: false`: SET datafusion.execution.collect_statistics = false"
    if source.as_of is not None:
        yield "not said, `as_of`"
