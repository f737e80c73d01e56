"""Contracts as dbt's model properties (`schema.yml`): columns, constraints and tests."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import yaml

from cst_contracts.contract.model import (
    NOTHING_TOLERATED,
    FieldContract,
    KeyContract,
    OneOf,
    ReferenceContract,
    RuleContract,
    Severity,
    TableContract,
    Tolerance,
)
from cst_contracts.contract.wording import printable
from cst_contracts.neighbours.exported import Exported, left, remarks
from cst_contracts.neighbours.parts import Part, Said, columns
from cst_contracts.neighbours.sql_dialects import DUCKDB

Entry: TypeAlias = dict[str, Any]


def dbt_properties(contract: TableContract) -> Exported:
    """With data types of dbt-duckdb. dbt's contract asks for all of them: without one, it is not enforced."""
    model = {key: value for key, value in _model(contract).items() if value}
    text = yaml.safe_dump(
        {"version": 2, "models": [model]}, sort_keys=False, allow_unicode=True, width=100
    )
    comments = "".join(f"# {printable(each)}\n" for each in remarks(contract))
    return Exported(
        f"{comments}{text}".encode(), left(contract, lambda each: _holds(contract, each))
    )


def _model(contract: TableContract) -> Entry:
    typed = all(DUCKDB.type_text(each.type) for each in columns(contract))
    meta = {
        key: value for key in ("owner", "version") if (value := getattr(contract, key)) is not None
    }
    return {
        "name": contract.name.rpartition(".")[2],
        "description": contract.description,
        "config": {"contract": {"enforced": typed}, "meta": {k: v for k, v in meta.items() if v}},
        "constraints": [*_constraints(contract)],
        "columns": [_column(contract, each) for each in columns(contract)],
    }


def _column(contract: TableContract, field: FieldContract) -> Entry:
    entry = {
        "name": field.name,
        "description": field.description,
        "data_type": DUCKDB.type_text(field.type),
        "constraints": [] if field.nullable else [{"type": "not_null"}],
        "data_tests": [*_tests(contract, field)],
    }
    return {key: value for key, value in entry.items() if value}


def _tests(contract: TableContract, field: FieldContract) -> Iterator[str | Entry]:
    if not field.nullable:
        yield _test("not_null", field.severity)
    for key in contract.keys:
        if key.fields == (field.path,) and _is_exact(key.tolerance):
            yield _test("unique", key.severity)
    for each in field.constraints:
        if isinstance(each.limit, OneOf) and _is_exact(each.tolerance):
            yield _test("accepted_values", field.severity, values=list(each.limit.values))
    for reference in contract.references:
        if reference.fields == (field.path,) and _is_exact(reference.tolerance):
            to = f"ref('{reference.table.rpartition('.')[2]}')"
            yield _test("relationships", reference.severity, to=to, field=reference.to[0])


def _test(name: str, severity: Severity, **arguments: object) -> str | Entry:
    said: Entry = {"arguments": arguments} if arguments else {}
    if severity is Severity.WARN:
        said["config"] = {"severity": "warn"}
    return {name: said} if said else name


def _is_exact(tolerance: Tolerance) -> bool:
    return tolerance == NOTHING_TOLERATED


def _constraints(contract: TableContract) -> Iterator[Entry]:
    """Of several fields, and of rows; dbt's tests are of single ones."""
    names = {field.path: field.name for field in columns(contract)}
    for key in contract.keys:
        if _is_joint(key, names):
            yield {"type": "unique", "columns": [names[path] for path in key.fields]}
    for reference in contract.references:
        if _is_joint(reference, names):
            yield {
                "type": "foreign_key",
                "columns": [names[path] for path in reference.fields],
                "to": f"ref('{reference.table.rpartition('.')[2]}')",
                "to_columns": list(reference.to),
            }
    for rule in contract.rules:
        if _is_enforceable(rule):
            yield {"type": "check", "name": rule.name, "expression": rule.sql}


def _is_joint(clause: KeyContract | ReferenceContract, names: dict[str, str]) -> bool:
    red = clause.severity is Severity.ERROR and _is_exact(clause.tolerance)
    return red and len(clause.fields) > 1 and names.keys() >= {*clause.fields}


def _is_enforceable(rule: RuleContract) -> bool:
    return rule.severity is Severity.ERROR and _is_exact(rule.tolerance)


def _holds(contract: TableContract, each: Said) -> bool:
    names = {field.path: field.name for field in columns(contract)}
    match each.value:
        case KeyContract() | ReferenceContract() as clause:
            single = len(clause.fields) == 1 and clause.fields[0] in names
            return _is_joint(clause, names) or (single and _is_exact(clause.tolerance))
        case RuleContract() as rule:
            return _is_enforceable(rule)
        case FieldContract() as field if each.part is Part.TYPE:
            return DUCKDB.type_text(field.type) is not None
        case _:
            pass
    if each.part is Part.LIMIT:
        (field,) = [
            node for top in columns(contract) for node in top.walk() if node.path == each.at
        ]
        limits = [limit for limit in field.constraints if limit == each.value]
        return each.at in names and all(
            isinstance(limit.limit, OneOf) and _is_exact(limit.tolerance) for limit in limits
        )
    return each.part in {Part.ABOUT, Part.NULLABLE, Part.DESCRIPTION}
