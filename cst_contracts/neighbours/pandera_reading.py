"""Schemas and models of pandera, from a Python file that makes them, as documents of table contracts."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import PurePath
from typing import Any

import pyarrow as pa

from cst_contracts.datatypes import parse_type, print_type
from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.documents import Document
from cst_contracts.neighbours.imported import Imported, value_text

#: By the name of a check, what its statistics are called here.
_CHECKS = {
    "greater_than_or_equal_to": {"min_value": "minimum"},
    "greater_than": {"min_value": "exclusive_minimum"},
    "less_than_or_equal_to": {"max_value": "maximum"},
    "less_than": {"max_value": "exclusive_maximum"},
    "isin": {"allowed_values": "enum"},
    "str_contains": {"pattern": "pattern"},
    "str_length": {"min_value": "min_length", "max_value": "max_length"},
}


def read_pandera(content: bytes, file: str) -> Imported:
    """Runs the file, as Python that imports it would.

    Raises CstContractsError where that fails.
    """
    defined: dict[str, Any] = {"__name__": PurePath(file).stem, "__file__": file}
    try:
        exec(compile(content, file, "exec"), defined)  # noqa: S102 — the schemas are what it makes
    except Exception as error:  # the project's own code may raise anything
        raise CstContractsError(f"{file}: {type(error).__name__}: {error}") from error
    schemas = {name: each for name, each in _schemas(defined) if each.columns}
    told: list[str] = []
    tables = tuple(_table(name, schema, told) for name, schema in schemas.items())
    return Imported(tables, tuple(told))


def _schemas(defined: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Those that the file makes itself, models included."""
    for name, value in defined.items():
        if isinstance(value, type) and value.__module__ == defined["__name__"]:
            made = getattr(value, "to_schema", None)
            if made is not None:
                yield name, made()
        elif type(value).__name__ == "DataFrameSchema":
            yield value.name or name, value


def _table(name: str, schema: Any, told: list[str]) -> Document:
    document: Document = {"table": name}
    if schema.description:
        document["description"] = schema.description
    if schema.strict is not True:
        document["extra_fields"] = "allow"
    if not schema.ordered:
        document["field_order"] = "any"
    columns = schema.columns.items()
    document["fields"] = [_field(name, each, column, told) for each, column in columns]
    keys = [[each] for each, column in columns if column.unique]
    joint = schema.unique if isinstance(schema.unique, list) else []
    if all_keys := [*keys, *([joint] if joint else [])]:
        document["keys"] = all_keys
    told += [f"{name}: check {each.name or each.error}" for each in schema.checks]
    if schema.coerce:
        told.append(f"{name}: coerce")
    return document


def _field(table: str, name: str, column: Any, told: list[str]) -> Document:
    place = f"{table}.{name}"
    type_ = _type(column.dtype)
    if type_ is None:
        told.append(f"{place}: type {column.dtype}, taken for text")
    known = pa.string() if type_ is None else type_  # an empty struct is false
    document: Document = {"name": name, "type": print_type(known)}
    if not column.nullable:
        document["nullable"] = False
    if column.description:
        document["description"] = column.description
    for check in column.checks:
        said = _said(check)
        if said is None or document.keys() & said.keys():
            told.append(f"{place}: check {check.name or check.error}")
        else:
            document |= said
    told += [f"{place}: {what}" for what, is_so in _more(column) if is_so]
    return document


def _more(column: Any) -> tuple[tuple[str, bool], ...]:
    return (("regex", column.regex), ("required=False", not column.required))


def _said(check: Any) -> Document | None:
    """None for what a contract has no words for. A warning is told, too: it is of one check, not of the
    field."""
    keys = _CHECKS.get(check.name)
    if keys is None or check.raise_warning:
        return None
    found = {name: value for name, value in (check.statistics or {}).items() if value is not None}
    if not found.keys() <= keys.keys():
        return None
    return {keys[name]: _text(keys[name], value) for name, value in found.items()}


def _text(key: str, value: Any) -> Any:
    if key == "enum":
        return [_text("", each) for each in value]
    if key in {"min_length", "max_length"}:
        return value
    return value_text(getattr(value, "pattern", value))


def _type(dtype: Any) -> pa.DataType | None:
    """What the library of the frame makes of its type in Arrow. None for objects of any kind."""
    own = getattr(dtype, "type", None)
    if own is None:
        return None
    if "polars" in type(dtype).__module__:
        table = import_module("polars").DataFrame(schema={"a": own}).to_arrow()
        return _plain(table.schema.field(0).type)
    if (arrow := getattr(own, "pyarrow_dtype", None)) is not None:
        return _plain(arrow)
    try:
        made = pa.array(import_module("pandas").Series([], dtype=own)).type
    except (TypeError, ValueError, pa.ArrowException):
        return None
    return None if pa.types.is_null(made) else _plain(made)


def _plain(type_: pa.DataType) -> pa.DataType:
    """Without the large types and the views that polars makes, which count as the same."""
    text = print_type(type_)
    for name in ("string", "binary", "list"):
        text = text.replace(f"large_{name}", name).replace(f"{name}_view", name)
    return parse_type(text)
