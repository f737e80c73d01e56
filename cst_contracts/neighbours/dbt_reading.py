"""dbt's properties of models, seeds, snapshots and sources, as documents of table contracts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import yaml

from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.documents import Document
from cst_contracts.neighbours.foreign_types import foreign_type
from cst_contracts.neighbours.given import Given
from cst_contracts.neighbours.imported import Imported, Read, value_text

_REF = re.compile(r"""(?:ref|source)\((?:['"]\w+['"]\s*,\s*)?['"](\w+)['"]\)""")
_TESTS = ("data_tests", "tests")


def read_dbt(content: bytes, file: str) -> Imported:
    """Raises CstContractsError for what is no YAML mapping."""
    try:
        data = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise CstContractsError(f"{file}: no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, Mapping):
        raise CstContractsError(f"{file}: no properties of dbt: it is no mapping")
    root = Given(data)
    root.take("version")
    tables = [each for key in ("models", "seeds", "snapshots") for each in root.each(key)]
    for source in root.each("sources"):
        source.take("name")
        tables += source.each("tables")
    documents = tuple(_table(each) for each in tables)
    return Imported(documents, tuple(root.left()))


def _table(table: Given) -> Document:
    document: Document = {"table": table.text("name")}
    if text := table.text("description"):
        document["description"] = text
    config = table.below("config")
    meta = None if config is None else config.below("meta")
    if meta is not None and (owner := meta.text("owner")):
        document["owner"] = owner
    contract = None if config is None else config.below("contract")
    if contract is not None:
        contract.flag("enforced")
    columns = table.each("columns")
    document["fields"] = [_column(each).document(each.text("name")) for each in columns]
    clauses: dict[str, list[Any]] = {"keys": [], "references": [], "rules": []}
    for each in columns:
        for clause, value in _of_column(each):
            clauses[clause].append(value)
    for clause, value in _of_table(table):
        clauses[clause].append(value)
    return document | {key: _once(value) for key, value in clauses.items() if value}


def _once(values: list[Any]) -> list[Any]:
    return [each for number, each in enumerate(values) if each not in values[:number]]


def _column(column: Given) -> Read:
    said: Document = {}
    if text := column.text("description"):
        said["description"] = text
    nullable = True
    tests = [each for each in _tests(column) if each.name in {"not_null", "accepted_values"}]
    warns = bool(tests) and all(each.warns for each in tests)
    for test in tests:
        values = test.arguments.get("values")
        if test.warns is not warns:
            continue  # severity is one for all of a field's values: a warning beside an error is told
        if test.name == "not_null" and test.take():
            nullable = False
        elif isinstance(values, list) and test.take():
            said["enum"] = [value_text(each) for each in values]
    if warns and (said.get("enum") or not nullable):
        said["severity"] = "warn"
    for each in column.each("constraints"):
        if each.peek("type") in {"not_null", "primary_key"}:
            nullable = False
            each.take_if("type", "not_null")
    written = column.peek("data_type")
    known = foreign_type(written) if isinstance(written, str) else None
    if known is not None:
        column.take("data_type")
    else:
        column.lose("no data type that is known, taken for text")
    return Read(known or pa.string(), nullable, (), said)


class _Test:
    """One test of a column: by name, or a mapping of its name to what it is given."""

    def __init__(self, column: Given, key: str, value: Any) -> None:
        self._column = column
        self._key = key
        self._value = value
        inside: Mapping[str, Any] = value if isinstance(value, Mapping) else {str(value): {}}
        self.name, said = next(iter(inside.items()), ("", {}))
        given = dict(said) if isinstance(said, Mapping) else {}
        given.update(given.pop("arguments", None) or {})
        config = given.pop("config", None)
        self.warns = given.pop("severity", None) == "warn" or config == {"severity": "warn"}
        self._plain = config in (None, {"severity": "warn"}, {"severity": "error"})
        self.arguments: Mapping[str, Any] = given

    def take(self) -> bool:
        """Whether nothing more is said, such as a `where`; it is mapped then."""
        known = {"values", "quote", "to", "field", "name"}
        if not self._plain or not {*self.arguments} <= known:
            return False
        _mapped(self._column, self._key, self._value)
        return True


def _mapped(column: Given, key: str, value: Any) -> None:
    """Takes one entry out of the tests that are left."""
    left = [each for each in column.take(key) or () if each is not value and each != value]
    column.data = {**column.data, key: left}
    if left:
        column.untake(key)


def _tests(column: Given) -> Iterator[_Test]:
    for key in _TESTS:
        values = column.peek(key)
        for each in list(values) if isinstance(values, list) else ():
            yield _Test(column, key, each)


def _of_column(column: Given) -> Iterator[tuple[str, Any]]:
    name = str(column.peek("name"))
    for test in _tests(column):
        warn = {"severity": "warn"} if test.warns else {}
        to = _REF.search(str(test.arguments.get("to", "")))
        if test.name == "unique" and test.take():
            yield "keys", {"fields": [name], **warn} if warn else [name]
        elif test.name == "relationships" and to is not None and test.take():
            other = str(test.arguments.get("field"))
            yield "references", {"fields": [name], "table": to[1], "to": [other], **warn}
    for each in column.each("constraints"):
        if each.take_if("type", "unique", "primary_key"):
            yield "keys", [name]


def _of_table(table: Given) -> Iterator[tuple[str, Any]]:
    for number, each in enumerate(table.each("constraints")):
        columns = each.peek("columns")
        to = _REF.search(str(each.peek("to")))
        if each.peek("type") == "check" and isinstance(each.peek("expression"), str):
            name = each.text("name") or f"check_{number + 1}"
            each.take("type")
            yield "rules", {"name": name, "sql": each.take("expression")}
        elif each.peek("type") in {"unique", "primary_key"} and isinstance(columns, list):
            each.take("type")
            yield "keys", [str(column) for column in each.take("columns")]
        elif each.peek("type") == "foreign_key" and to is not None and isinstance(columns, list):
            for key in ("type", "to", "columns"):
                each.take(key)
            others = [str(column) for column in each.take("to_columns") or columns]
            yield "references", {"fields": [*map(str, columns)], "table": to[1], "to": others}
