"""Contracts as CREATE TABLE statements of an empty table, in three dialects of SQL."""

from collections.abc import Callable, Iterator

import pyarrow as pa

from cst_contracts.contract.model import (
    NOTHING_TOLERATED,
    FieldContract,
    KeyContract,
    Limit,
    Matching,
    OfLength,
    OneOf,
    Severity,
    SourceContract,
    SourceFormat,
    TableContract,
    ValueConstraint,
    Within,
)
from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.exported import Exported, left, remarks
from cst_contracts.neighbours.parts import Part, Said, columns
from cst_contracts.neighbours.sql_dialects import DATAFUSION, DUCKDB, SPARK, Dialect, value_text
from cst_contracts.sql.names import literal, name_parts

_SIGNS = {"minimum": ">=", "exclusive_minimum": ">", "maximum": "<=", "exclusive_maximum": "<"}
_ALWAYS = frozenset({Part.ABOUT, Part.NULLABLE, Part.TYPE})


def datafusion_table(contract: TableContract) -> Exported:
    """DataFusion 55 takes a PRIMARY KEY for true and checks it nowhere, therefore keys are not said."""
    lines = [_column(DATAFUSION, each) for each in _speakable(DATAFUSION, contract)]
    return _exported(DATAFUSION, contract, lines, "", lambda each: each.part in _ALWAYS)


def duckdb_table(contract: TableContract) -> Exported:
    """Keys and limits become constraints, which DuckDB enforces. Rules are SQL of DataFusion, and are not."""
    fields = _speakable(DUCKDB, contract)
    names = {each.path for each in fields}
    lines = [_column(DUCKDB, each) for each in fields]
    lines += [_check(each, limit) for each, limit in _limits(fields)]
    keys = [key for key in contract.keys if _is_unique(key, names)]
    lines += [f"UNIQUE ({', '.join(_names(DUCKDB, contract, key))})" for key in keys]
    said = {*_ALWAYS}
    told = {(each.path, limit) for each, limit in _limits(fields)}

    def holds(each: Said) -> bool:
        return each.part in said or each.value in keys or (each.at, each.value) in told

    return _exported(DUCKDB, contract, lines, "", holds)


def spark_table(contract: TableContract) -> Exported:
    """With the format, the partitions and the comments that Spark's catalog holds, and null-ness below lists
    and maps left out, which its SQL has no words for."""
    fields = _speakable(SPARK, contract)
    lines = [f"{_column(SPARK, each)}{_comment(each.description)}" for each in fields]
    metadata, source = _comment(contract.description), contract.source
    tail = f"{_using(source)}{_partitioned(source)}{metadata}"
    return _exported(SPARK, contract, lines, tail, _spark_holds(contract))


def _spark_holds(contract: TableContract) -> Callable[[Said], bool]:
    structs = {
        child.path
        for field in columns(contract)
        for node in field.walk()
        if pa.types.is_struct(node.type)
        for child in node.children
    }

    def holds(each: Said) -> bool:
        below = each.part is Part.NULLABLE_BELOW and each.at in structs
        return below or each.part in _ALWAYS | {Part.DESCRIPTION, Part.PARTITION}

    return holds


def _exported(
    dialect: Dialect,
    contract: TableContract,
    lines: list[str],
    tail: str,
    holds: Callable[[Said], bool],
) -> Exported:
    if not lines:
        what = f"{dialect.name} has no word for the type of any field"
        raise CstContractsError(f"{contract.file}: {what}")
    speakable = {each.path for each in _speakable(dialect, contract)}
    table = ".".join(map(dialect.quoted, name_parts(contract.name)))
    comments = "".join(f"-- {each}\n" for each in remarks(contract))
    body = ",\n".join(f"  {line}" for line in lines)
    text = f"{comments}CREATE TABLE {table} (\n{body}\n){tail};\n"

    def is_held(each: Said) -> bool:
        if each.part is Part.TYPE:
            return each.at in speakable
        return holds(each)

    return Exported(text.encode(), left(contract, is_held))


def _speakable(dialect: Dialect, contract: TableContract) -> tuple[FieldContract, ...]:
    return tuple(each for each in columns(contract) if dialect.type_text(each.type) is not None)


def _column(dialect: Dialect, field: FieldContract) -> str:
    flag = "" if field.nullable else " NOT NULL"
    return f"{dialect.quoted(field.name)} {dialect.type_text(field.type)}{flag}"


def _comment(text: str) -> str:
    told = " ".join(text.split()).replace("\\", "\\\\").replace("'", "\\'")
    return f" COMMENT '{told}'" if told else ""


def _using(source: SourceContract | None) -> str:
    stored = (SourceFormat.PARQUET, SourceFormat.DELTA, SourceFormat.CSV, SourceFormat.JSON)
    return "" if source is None or source.format not in stored else f" USING {source.format}"


def _partitioned(source: SourceContract | None) -> str:
    if source is None or not source.partitioned_by:
        return ""
    return (
        f" PARTITIONED BY ({', '.join(SPARK.quoted(each.name) for each in source.partitioned_by)})"
    )


def _is_unique(key: KeyContract, names: set[str]) -> bool:
    """Of whole rows, all of them, and red where it is broken."""
    plain = key.severity is Severity.ERROR and key.tolerance == NOTHING_TOLERATED
    return plain and names.issuperset(key.fields)


def _names(dialect: Dialect, contract: TableContract, key: KeyContract) -> Iterator[str]:
    by_path = {each.path: each.name for each in columns(contract)}
    yield from (dialect.quoted(by_path[path]) for path in key.fields)


def _limits(fields: tuple[FieldContract, ...]) -> list[tuple[FieldContract, ValueConstraint]]:
    return [
        (each, limit)
        for each in fields
        for limit in each.constraints
        if each.severity is Severity.ERROR
        and limit.tolerance == NOTHING_TOLERATED
        and _condition("x", each.type, limit.limit) is not None
    ]


def _check(field: FieldContract, limit: ValueConstraint) -> str:
    return f"CHECK ({_condition(DUCKDB.quoted(field.name), field.type, limit.limit)})"


def _condition(name: str, type_: pa.DataType, limit: Limit) -> str | None:
    """In DuckDB's words; null is kept, as by a CHECK. None where a value has no literal."""
    match limit:
        case OneOf(values=values):
            told = [text for each in values if (text := value_text(each, type_)) is not None]
            return f"{name} IN ({', '.join(told)})" if len(told) == len(values) else None
        case Within():
            return _within(name, type_, limit)
        case Matching(pattern=pattern):
            return f"regexp_matches({name}, {literal(pattern)})"
        case OfLength(least=least, most=most):
            measure = "octet_length" if "binary" in str(type_) else "length"
            bounds = ((">=", least), ("<=", most))
            return " AND ".join(
                f"{measure}({name}) {sign} {n}" for sign, n in bounds if n is not None
            )


def _within(name: str, type_: pa.DataType, limit: Within) -> str | None:
    conditions: list[str] = []
    for key, bound in limit.bounds:
        text = value_text(bound, type_)
        if text is None:
            return None
        conditions.append(f"{name} {_SIGNS[key]} {text}")
    return " AND ".join(conditions)
