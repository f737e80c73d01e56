"""The Open Data Contract Standard, versions 3.0 to 3.2, as documents of table contracts."""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from cst_contracts.contract.model import SourceFormat
from cst_contracts.neighbours.documents import Document
from cst_contracts.neighbours.foreign_types import foreign_type
from cst_contracts.neighbours.given import Given
from cst_contracts.neighbours.imported import Read, inner_of, value_text
from cst_contracts.neighbours.limit_words import CONTRACT_KEYS
from cst_contracts.neighbours.odcs_writing import COUNT
from cst_contracts.neighbours.spelling import OPEN, list_of

_LOGICAL = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "time": pa.time64("us"),
}
_SEMANTIC = re.compile(r"\d+\.\d+\.\d+(?:[-+].*)?")


def table_document(root: Given, table: Given, *, alone: bool) -> Document:
    """`alone`: the file describes no other table, so that its server is this one's."""
    name = table.text("name")
    document: Document = {"table": name, **_heading(root, table)}
    table.take_if("physicalType", "table")
    table.take_if("logicalType", "object")
    table.take_if("physicalName", name)
    properties = table.each("properties")
    source = _source(root, properties) if alone else None
    if source is not None:
        document["source"] = source
    keys = [*_primary_key(properties), *_unique(properties)]
    references = [*_references(properties)]
    document["fields"] = [read(each).document(each.text("name")) for each in properties]
    rules: list[Document] = []
    for each in table.each("quality"):
        keys += _joint_key(each)
        rules += _rule(each)
    references += _joint_references(table, name)
    clauses = {"keys": keys, "references": references, "rules": rules}
    return document | {key: value for key, value in clauses.items() if value}


def _heading(root: Given, table: Given) -> Document:
    said: Document = {}
    version = root.peek("version")
    if isinstance(version, str) and _SEMANTIC.fullmatch(version):
        said["version"] = root.take("version")
    for given in (table, root.below("description")):
        key = "description" if given is table else "purpose"
        if given is not None and "description" not in said and (text := given.text(key)):
            said["description"] = text
    team = root.below("team")
    if team is not None and (owner := team.text("name")):
        said["owner"] = owner
    return said


def _source(root: Given, properties: list[Given]) -> Document | None:
    servers = root.each("servers")
    formats = {each.value for each in SourceFormat}
    for server in servers:
        place = {"local": "path", "s3": "location"}.get(str(server.peek("type")), "")
        if server.peek("format") in formats and isinstance(server.peek(place), str):
            server.take_if("server", "lake")
            server.take("type")
            source = {"format": server.take("format"), "location": server.take(place)}
            names = _positioned(properties, "partitioned", "partitionKeyPosition")
            return source | ({"partitioned_by": names} if names else {})
    return None


def _positioned(properties: list[Given], flag: str, position: str) -> list[str]:
    found = [each for each in properties if each.peek(flag) is True]
    for each in properties:
        each.flag(flag)
        each.take_if(position, _number(each.peek(position)))
    found.sort(key=lambda each: _number(each.peek(position)))
    return [str(each.peek("name")) for each in found]


def _number(value: Any) -> int:
    return value if isinstance(value, int) else -1


def _primary_key(properties: list[Given]) -> Iterator[list[str]]:
    names = _positioned(properties, "primaryKey", "primaryKeyPosition")
    if names:
        yield names


def _unique(properties: list[Given]) -> Iterator[list[str]]:
    for each in properties:
        primary = each.peek("primaryKey") is True and _is_alone(properties)
        if each.peek("unique") is True and not primary:
            yield [str(each.peek("name"))]
        each.flag("unique")


def _is_alone(properties: list[Given]) -> bool:
    """Whether the primary key is of one field."""
    return sum(each.peek("primaryKey") is True for each in properties) == 1


def _references(properties: list[Given]) -> Iterator[Document]:
    for each in properties:
        for relation in each.each("relationships"):
            to = relation.peek("to")
            other, dot, name = str(to).rpartition(".")
            if dot and "/" not in str(to) and isinstance(to, str):
                relation.take_if("type", "foreignKey")
                relation.take("to")
                yield {"fields": [str(each.peek("name"))], "table": other, "to": [name]}


def _joint_references(table: Given, name: str) -> Iterator[Document]:
    for relation in table.each("relationships"):
        own, others = _texts(relation.peek("from")), _texts(relation.peek("to"))
        tables = {each.rpartition(".")[0] for each in others}
        starts = all(each.startswith(f"{name}.") for each in own)
        if own and len(own) == len(others) and len(tables) == 1 and tables != {""} and starts:
            for key in ("from", "to"):
                relation.take(key)
            relation.take_if("type", "foreignKey")
            yield {
                "fields": [each.removeprefix(f"{name}.") for each in own],
                "table": tables.pop(),
                "to": [each.rpartition(".")[2] for each in others],
            }


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _joint_key(quality: Given) -> Iterator[list[str]]:
    arguments = quality.peek("arguments")
    if quality.peek("metric") != "duplicateValues" or not quality.take_if("mustBe", 0):
        return
    if isinstance(arguments, dict) and (fields := _texts(arguments.get("properties"))):
        _take(quality, "type", "metric", "arguments")
        yield fields


def _rule(quality: Given) -> Iterator[Document]:
    """Only of a query that counts the rows which break one."""
    query, name = quality.peek("query"), quality.peek("name")
    if quality.peek("type") != "sql" or not isinstance(query, str) or not isinstance(name, str):
        return
    most = quality.peek("mustBe") if "mustBe" in quality else quality.peek("mustBeLessOrEqualTo")
    counts = query.startswith(COUNT) and query.endswith(")")
    if not counts or not isinstance(most, int) or ("mustBe" in quality and most):
        return
    _take(quality, "type", "query", "name", "mustBe", "mustBeLessOrEqualTo")
    rule: Document = {"name": name, "sql": query[len(COUNT) : -1]}
    if quality.take_if("severity", "warning"):
        rule["severity"] = "warn"
    yield rule | ({"at_most": most} if most else {})


def _take(given: Given, *keys: str) -> None:
    for key in keys:
        given.take(key)


def read(node: Given) -> Read:
    """One property, or what is below it."""
    nullable = not (node.peek("required") is True or node.peek("primaryKey") is True)
    node.flag("required")
    said = {**_description(node), **_limits(node)}
    logical, physical = node.peek("logicalType"), str(node.peek("physicalType") or "")
    items, both = node.below("items"), _map_sides(node)
    if items is not None:
        return _list(node, items, nullable=nullable, said=said)
    if both is not None:
        return _map(node, both, nullable=nullable, said=said)
    known = foreign_type(physical) if physical else None
    inside = node.each("properties")
    if inside or (logical == "object" and known is None):
        _take(node, "logicalType")
        node.take_if("physicalType", "struct")
        fields = tuple(read(each).document(each.text("name")) for each in inside)
        return Read(OPEN if fields else pa.struct([]), nullable, fields, said)
    if known is not None:
        _take(node, "physicalType", "logicalType")
        return Read(known, nullable, (), said)
    if str(logical) in _LOGICAL:
        node.take("logicalType")
    return Read(_LOGICAL.get(str(logical), pa.string()), nullable, (), said)


def _description(node: Given) -> Document:
    text = node.text("description")
    return {"description": text} if text else {}


def _map_sides(node: Given) -> tuple[Given, Given] | None:
    """Of version 3.2 they stand under `map`; before, as properties of an object that is physically a map."""
    inside = node.below("map") if node.peek("logicalType") == "map" else None
    if inside is not None:
        key, value = inside.below("key"), inside.below("value")
        return None if key is None or value is None else (key, value)
    sides = node.each("properties") if node.peek("physicalType") == "map" else []
    return (
        (sides[0], sides[1]) if [each.peek("name") for each in sides] == ["key", "value"] else None
    )


def _list(node: Given, items: Given, *, nullable: bool, said: Document) -> Read:
    inner = read(items)
    items.take("name")
    word = str(node.peek("physicalType") or "list")
    found = list_of(word, inner.field("item"))
    node.take_if("logicalType", "array")
    if found is not None or word.lower().startswith("array"):
        node.take("physicalType")
    below = inner_of(inner, items)
    said = said | ({"elements": below} if below else {})
    return Read(found or pa.list_(inner.field("item")), nullable, inner.fields, said)


def _map(node: Given, sides: tuple[Given, Given], *, nullable: bool, said: Document) -> Read:
    key, value = map(read, sides)
    for each in sides:
        each.take("name")
    node.take_if("logicalType", "object", "map")
    node.take("physicalType")
    for name, side, given in (("map_keys", key, sides[0]), ("map_values", value, sides[1])):
        if below := inner_of(side, given):
            said = {**said, name: below}
    return Read(pa.map_(key.closed(), value.field("value")), nullable, value.fields, said)


def _limits(node: Given) -> Document:
    said: Document = {}
    options = node.below("logicalTypeOptions")
    for name, key in CONTRACT_KEYS.items():
        if options is not None and name in options:
            said[key] = _written(options.take(name), key)
    if isinstance(node.peek("enum"), list):
        values = node.each("enum")
        if values and all("value" in each for each in values):
            said["enum"] = [value_text(each.take("value")) for each in values]
    for each in node.each("quality"):
        said |= _metric(each)
    return said


def _metric(quality: Given) -> Document:
    metric, arguments = quality.peek("metric"), quality.peek("arguments")
    if metric == "invalidValues" and quality.peek("mustBe") == 0 and isinstance(arguments, dict):
        values = arguments.get("validValues")
        if isinstance(values, list) and {*arguments} == {"validValues"}:
            _take(quality, "type", "metric", "mustBe", "arguments")
            return {"enum": [value_text(each) for each in values]}
    most = quality.peek("mustBeLessOrEqualTo")
    if metric == "nullValues" and isinstance(most, int | float) and not isinstance(most, bool):
        share = quality.peek("unit") == "percent"
        _take(quality, "type", "metric", "mustBeLessOrEqualTo", "unit")
        return {"max_nulls": f"{value_text(most)}{'%' if share else ''}"}
    return {}


def _written(value: Any, key: str) -> Any:
    return value if key in {"min_length", "max_length", "pattern"} else value_text(value)
