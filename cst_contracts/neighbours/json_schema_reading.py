"""JSON Schemas of one row, as documents of table contracts."""

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import pyarrow as pa

from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.documents import Document
from cst_contracts.neighbours.given import Given
from cst_contracts.neighbours.imported import Imported, Read, inner_of, value_text
from cst_contracts.neighbours.limit_words import CONTRACT_KEYS
from cst_contracts.neighbours.spelling import OPEN

_PLAIN = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "null": pa.null(),
}
_FORMATS = {
    "date": pa.date32(),
    "date-time": pa.timestamp("us", "UTC"),
    "time": pa.time64("us"),
}
_BITS: Mapping[tuple[int, int], pa.DataType] = {
    **{(-(2 ** (n - 1)), 2 ** (n - 1) - 1): getattr(pa, f"int{n}")() for n in (8, 16, 32, 64)},
    **{(0, 2**n - 1): getattr(pa, f"uint{n}")() for n in (8, 16, 32, 64)},
}
_DEEPEST = 32


def read_json_schema(content: bytes, file: str) -> Imported:
    """Raises CstContractsError for what is no schema of an object."""
    try:
        data = json.loads(content)
    except ValueError as error:
        raise CstContractsError(f"{file}: no JSON: {error}") from error
    if not isinstance(data, Mapping) or not isinstance(data.get("properties"), Mapping):
        raise CstContractsError(f"{file}: no JSON Schema of an object with properties")
    root = Given(_resolved(data, data, _DEEPEST))
    for key in ("$schema", "$id", "$defs", "definitions"):
        root.take(key)
    title = root.text("title")
    document: Document = {"table": title or PurePath(file).name.partition(".")[0]}
    if text := root.text("description"):
        document["description"] = text
    extra = root.take_if("additionalProperties", False)  # noqa: FBT003 — what the schema says
    if not extra:
        document["extra_fields"] = "allow"
        root.flag("additionalProperties")
    root.take_if("type", "object")
    document["fields"] = _fields(root)
    return Imported((document,), tuple(root.left()))


def _resolved(value: Any, root: Mapping[str, Any], depth: int) -> Any:
    """With what `$ref` names in its place, as far as it leads into the same file and ends."""
    if isinstance(value, list):
        return [_resolved(each, root, depth) for each in value]
    if not isinstance(value, Mapping):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/") and depth:
        target: Any = root
        for step in reference[2:].split("/"):
            target = target.get(step) if isinstance(target, Mapping) else None
        if isinstance(target, Mapping):
            beside = {key: each for key, each in value.items() if key != "$ref"}
            return _resolved({**target, **beside}, root, depth - 1)
    inside = {key: each for key, each in value.items() if key not in {"$defs", "definitions"}}
    return {key: _resolved(each, root, depth) for key, each in inside.items()}


def _fields(node: Given) -> list[Document]:
    required = node.take("required")
    properties = node.below("properties")
    names = list(properties.data) if properties is not None else []
    found: list[Document] = []
    for name in names:
        inner = None if properties is None else properties.below(name)
        if inner is not None:
            needed = isinstance(required, list) and name in required
            found.append(_read(inner, required=needed).document(name))
    return found


def _read(node: Given, *, required: bool) -> Read:
    """A field that may be left out may be null: a row of a table leaves nothing out."""
    chosen = _but_null(node)
    if chosen is not None:
        inner = _read(chosen, required=required)
        return Read(inner.type, True, inner.fields, {**inner.said, **_words(node)})  # noqa: FBT003
    type_, null = _type_of(node)
    nullable = null or not required
    said = {**_words(node), **_limits(node)}
    if type_ == "object":
        return _object(node, nullable=nullable, said=said)
    if type_ == "array":
        return _array(node, nullable=nullable, said=said)
    return _plain(node, type_, nullable=nullable, said=said)


def _but_null(node: Given) -> Given | None:
    """The one alternative beside null."""
    for key in ("anyOf", "oneOf"):
        either = node.each(key)
        others = [each for each in either if each.peek("type") != "null"]
        if len(either) == 2 and len(others) == 1:
            for each in either:
                if each is not others[0]:
                    each.take("type")
            return others[0]
    return None


def _type_of(node: Given) -> tuple[str, bool]:
    value = node.peek("type")
    if isinstance(value, list):
        others = [each for each in value if each != "null"]
        if len(others) == 1:
            node.take("type")
            return str(others[0]), "null" in value
        return "", "null" in value
    known = isinstance(value, str) and (value in _PLAIN or value in {"object", "array"})
    if known:
        node.take("type")
        return str(value), value == "null"
    return "object" if "properties" in node else "", False


def _words(node: Given) -> Document:
    text = node.text("description")
    return {"description": text} if text else {}


def _limits(node: Given) -> Document:
    said: Document = {}
    for key, name in CONTRACT_KEYS.items():
        value = node.peek(key)
        if isinstance(value, str) or (
            isinstance(value, int | float) and not isinstance(value, bool)
        ):
            said[name] = (
                node.take(key)
                if "length" in name or name == "pattern"
                else value_text(node.take(key))
            )
    values = node.peek("enum") if "const" not in node else [node.peek("const")]
    if isinstance(values, list) and all(isinstance(each, _SCALARS) for each in values):
        node.take("enum" if "const" not in node else "const")
        said["enum"] = [value_text(each) for each in values if each is not None]
    return said


_SCALARS = (str, int, float, bool, type(None))


def _object(node: Given, *, nullable: bool, said: Document) -> Read:
    if "properties" in node:
        node.flag("additionalProperties")
        fields = tuple(_fields(node))
        return Read(OPEN if fields else pa.struct([]), nullable, fields, said)
    values, names = node.below("additionalProperties"), node.below("propertyNames")
    node.flag("additionalProperties")
    value = Read(pa.string()) if values is None else _read(values, required=True)
    if values is None:
        node.lose("an object whose values nobody describes, taken for texts")
    keys = {} if names is None else _limits(names)
    below = {} if values is None else inner_of(value, values)
    inner = (("map_keys", keys), ("map_values", below))
    said = {**said, **{key: each for key, each in inner if each}}
    return Read(pa.map_(pa.string(), value.field("value")), nullable, value.fields, said)


def _array(node: Given, *, nullable: bool, said: Document) -> Read:
    items = node.below("items")
    if items is None:
        node.lose("an array whose items nobody describes, taken for texts")
        return Read(pa.list_(pa.string()), nullable, (), said)
    element = _read(items, required=True)
    below = inner_of(element, items)
    said = said | ({"elements": below} if below else {})
    least, most = node.peek("minItems"), node.peek("maxItems")
    field = element.field("item")
    if isinstance(least, int) and least == most:
        node.take("minItems")
        node.take("maxItems")
        return Read(pa.list_(field, least), nullable, element.fields, said)
    return Read(pa.list_(field), nullable, element.fields, said)


def _plain(node: Given, type_: str, *, nullable: bool, said: Document) -> Read:
    if type_ == "integer":
        return _integer(nullable=nullable, said=said)
    if type_ == "string" and node.take_if("contentEncoding", "base64"):
        return Read(pa.binary(), nullable, (), said)
    if type_ == "string" and node.peek("format") in _FORMATS:
        return Read(_FORMATS[node.take("format")], nullable, (), said)
    if type_ not in _PLAIN:
        node.lose("no single type, taken for text")
    return Read(_PLAIN.get(type_, pa.string()), nullable, (), said)


def _integer(*, nullable: bool, said: Document) -> Read:
    """Of the width that one of its bounds is that of, where the other lies within."""
    least, most = (_whole(said.get(key)) for key in ("minimum", "maximum"))
    for (low, high), type_ in _BITS.items():
        if (most == high and (least is None or least >= low)) or (
            least == low < 0 and most is None
        ):
            own = {"minimum": str(low), "maximum": str(high)}
            rest = {key: each for key, each in said.items() if own.get(key) != each}
            return Read(type_, nullable, (), rest)
    return Read(pa.int64(), nullable, (), said)


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.lstrip("-").isdigit() else None
