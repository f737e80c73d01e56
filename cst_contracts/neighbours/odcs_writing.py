"""A contract in the words of the Open Data Contract Standard 3, as far as it has them."""

import re
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pyarrow as pa

from cst_contracts.contract.model import (
    NOTHING_TOLERATED,
    FieldContract,
    KeyContract,
    Matching,
    OfLength,
    OneOf,
    ReferenceContract,
    RuleContract,
    Severity,
    SourceContract,
    SourceFormat,
    TableContract,
    ValueConstraint,
    Within,
)
from cst_contracts.datatypes import is_list, print_type
from cst_contracts.datatypes.values import Family, family, value_of, value_type
from cst_contracts.neighbours.documents import Document
from cst_contracts.neighbours.limit_words import JSON_WORDS
from cst_contracts.neighbours.spelling import kind


class Edition(StrEnum):
    """Versions of the standard that are written: since 3.2, it has words for maps and enumerations."""

    V3_1 = "v3.1.0"
    V3_2 = "v3.2.0"


COUNT = "SELECT COUNT(*) FROM ${table} WHERE NOT ("
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILES = (SourceFormat.PARQUET, SourceFormat.DELTA, SourceFormat.CSV, SourceFormat.JSON)


def odcs_document(contract: TableContract, edition: Edition) -> Document:
    """Without what only this language says."""
    table: Document = {
        "name": contract.name,
        "physicalType": "table",
        "description": contract.description,
        "properties": [_property(contract, each, edition) for each in contract.fields],
        "relationships": [*_relationships(contract)],
        "quality": [*_joint_keys(contract), *_rules(contract)],
    }
    return {
        "apiVersion": str(edition),
        "kind": "DataContract",
        "id": contract.name,
        "name": contract.name,
        "version": contract.version or "0.0.0",
        "status": "active",
        **({"team": {"name": contract.owner}} if contract.owner else {}),
        **_servers(contract.source),
        "schema": [{key: value for key, value in table.items() if value}],
    }


def _servers(source: SourceContract | None) -> Document:
    if source is None or source.location is None or source.format not in _FILES:
        return {}
    server: Document = {"server": "lake", "format": str(source.format)}
    if source.location.startswith("s3://"):
        return {"servers": [{**server, "type": "s3", "location": source.location}]}
    if "://" in source.location:
        return {}
    return {"servers": [{**server, "type": "local", "path": source.location}]}


def _property(contract: TableContract, field: FieldContract, edition: Edition) -> Document:
    """Of a top-level field, of which the table's clauses say something, too."""
    said = _node(field, field.name, edition)
    primary = primary_key(contract)
    if primary is not None and field.path in primary.fields:
        said["primaryKey"] = True
        said["primaryKeyPosition"] = primary.fields.index(field.path) + 1
    if any(each.fields == (field.path,) and each is not primary for each in _plain_keys(contract)):
        said["unique"] = True
    partitions = () if contract.source is None else contract.source.partitioned_by
    names = [each.name for each in partitions]
    if field.name in names:
        said["partitioned"] = True
        said["partitionKeyPosition"] = names.index(field.name) + 1
    related = [
        {"type": "foreignKey", "to": f"{each.table}.{each.to[0]}"}
        for each in _plain_references(contract)
        if each.fields == (field.path,)
    ]
    return said | ({"relationships": related} if related else {})


def _node(field: FieldContract, name: str | None, edition: Edition) -> Document:
    logical = _logical_type(field.type, edition)
    options = dict(_options(field))
    enumeration = [*_enumeration(field, edition)]
    quality = [*_quality(field, edition)]
    return {
        **({} if name is None else {"name": name}),
        "logicalType": logical,
        "physicalType": _physical_type(field.type),
        **({"description": field.description} if field.description else {}),
        **({} if field.nullable else {"required": True}),
        **({"logicalTypeOptions": options} if options else {}),
        **({"enum": enumeration} if enumeration else {}),
        **({"quality": quality} if quality else {}),
        **_inside(field, edition),
    }


def _inside(field: FieldContract, edition: Edition) -> Document:
    if pa.types.is_struct(field.type):
        return {"properties": [_node(each, each.name, edition) for each in field.children]}
    if pa.types.is_map(field.type):
        key, value = field.children
        if edition is Edition.V3_2:
            return {"map": {"key": _node(key, None, edition), "value": _node(value, None, edition)}}
        return {"properties": [_node(key, "key", edition), _node(value, "value", edition)]}
    return {"items": _node(field.children[0], None, edition)} if is_list(field.type) else {}


def _physical_type(type_: pa.DataType) -> str:
    nested = pa.types.is_struct(type_) or pa.types.is_map(type_) or is_list(type_)
    return kind(type_) if nested else print_type(type_)


def _logical_type(type_: pa.DataType, edition: Edition) -> str:
    """Maps are objects before version 3.2, which has a word for them and asks for their sides. What the
    standard has no word for is text: its schema takes a property of no logical type for a map, too."""
    plain = value_type(type_)
    if pa.types.is_map(type_) and edition is Edition.V3_2:
        return "map"
    if pa.types.is_struct(plain) or pa.types.is_map(plain):
        return "object"
    if is_list(plain):
        return "array"
    if pa.types.is_time(plain):
        return "time"
    if pa.types.is_timestamp(plain):
        return "timestamp"
    match family(plain):
        case Family.TEXT | Family.BYTES:
            return "string"
        case Family.NUMBER:
            return "integer" if pa.types.is_integer(plain) else "number"
        case Family.FLAG:
            return "boolean"
        case Family.TIME:
            return "date"
        case None:
            return "string"


def _options(field: FieldContract) -> Iterator[tuple[str, Any]]:
    """`logicalTypeOptions`, which are for some types each."""
    for each in field.constraints:
        if each.tolerance == NOTHING_TOLERATED:
            yield from _option(field.type, each)


def _option(type_: pa.DataType, constraint: ValueConstraint) -> Iterator[tuple[str, Any]]:
    match constraint.limit:
        case OfLength(least=least, most=most):
            bounds = (("minLength", least), ("maxLength", most))
            yield from ((key, value) for key, value in bounds if value is not None)
        case Matching(pattern=pattern):
            yield "pattern", pattern
        case Within(bounds=within):
            for key, text in within:
                value = json_value(text, type_)
                if value is not None and _has_range(type_):
                    yield JSON_WORDS[key], value
        case OneOf():
            return


def _has_range(type_: pa.DataType) -> bool:
    plain = value_type(type_)
    is_time = pa.types.is_date(plain) or pa.types.is_timestamp(plain)
    return is_time or family(plain) is Family.NUMBER


def json_value(text: str, type_: pa.DataType) -> Any:
    """A value of a contract as YAML and JSON hold it; None for numbers that have no end."""
    plain = value_type(type_)
    match family(plain):
        case Family.NUMBER:
            value = value_of(text, plain).as_py()
            if isinstance(value, Decimal):
                value = float(value)
            return value if isinstance(value, int) or abs(value) < float("inf") else None
        case Family.FLAG:
            return text == "true"
        case Family.TEXT | Family.BYTES | Family.TIME | None:
            return text


def _enumeration(field: FieldContract, edition: Edition) -> Iterator[Document]:
    if edition is Edition.V3_2:
        for values in _allowed(field):
            yield from ({"value": each} for each in values)


def _allowed(field: FieldContract) -> Iterator[list[Any]]:
    """The values of an enumeration that tolerates no other."""
    for each in field.constraints:
        if isinstance(each.limit, OneOf) and each.tolerance == NOTHING_TOLERATED:
            values = [json_value(text, field.type) for text in each.limit.values]
            if None not in values:
                yield values


def _quality(field: FieldContract, edition: Edition) -> Iterator[Document]:
    for values in _allowed(field) if edition is Edition.V3_1 else ():
        yield _metric("invalidValues", mustBe=0, arguments={"validValues": values})
    if field.max_nulls is not None:
        share = field.max_nulls.percent
        most: Any = field.max_nulls.count if share is None else float(share)
        unit = {} if share is None else {"unit": "percent"}
        yield _metric("nullValues", mustBeLessOrEqualTo=most, **unit)


def _metric(name: str, **said: Any) -> Document:
    return {"type": "library", "metric": name, **said}


def primary_key(contract: TableContract) -> KeyContract | None:
    """The first key of fields that are never null."""
    never_null = {field.path for field in contract.fields if not field.nullable}
    plain = _plain_keys(contract)
    return next((key for key in plain if never_null.issuperset(key.fields)), None)


def _plain_keys(contract: TableContract) -> list[KeyContract]:
    """Of whole rows, of which nothing but the fields is said."""
    tops = {field.path for field in contract.fields}
    return [
        key
        for key in contract.keys
        if tops.issuperset(key.fields)
        and key.severity is Severity.ERROR
        and key.tolerance == NOTHING_TOLERATED
    ]


def _joint_keys(contract: TableContract) -> Iterator[Document]:
    primary = primary_key(contract)
    names = {field.path: field.name for field in contract.fields}
    for key in _plain_keys(contract):
        if key is not primary and len(key.fields) > 1:
            fields = [names[path] for path in key.fields]
            yield _metric("duplicateValues", mustBe=0, arguments={"properties": fields})


def _plain_references(contract: TableContract) -> list[ReferenceContract]:
    tops = {field.path for field in contract.fields}
    return [
        each
        for each in contract.references
        if tops.issuperset(each.fields)
        and all(map(_WORD.fullmatch, (each.table, *each.fields, *each.to)))
        and each.severity is Severity.ERROR
        and each.tolerance == NOTHING_TOLERATED
        and not each.allow_empty
    ]


def _relationships(contract: TableContract) -> Iterator[Document]:
    if _WORD.fullmatch(contract.name) is None:
        return
    for each in _plain_references(contract):
        if len(each.fields) > 1:
            yield {
                "type": "foreignKey",
                "from": [f"{contract.name}.{name}" for name in each.fields],
                "to": [f"{each.table}.{name}" for name in each.to],
            }


def _rules(contract: TableContract) -> Iterator[Document]:
    for rule in contract.rules:
        if rule.tolerance.percent is None:
            yield _rule(rule)


def _rule(rule: RuleContract) -> Document:
    count = rule.tolerance.count
    severity = {} if rule.severity is Severity.ERROR else {"severity": "warning"}
    most = {"mustBeLessOrEqualTo": count} if count else {"mustBe": 0}
    line_end = "\n" if "--" in rule.sql else ""  # the bracket would be part of the comment
    query = f"{COUNT}{rule.sql}{line_end})"
    return {"name": rule.name, "type": "sql", "query": query, **most, **severity}
