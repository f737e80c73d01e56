"""Contracts as JSON Schemas (draft 2020-12) of one row."""

import base64
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import pyarrow as pa

from cst_contracts.contract.model import (
    ExtraFields,
    FieldContract,
    Limit,
    Matching,
    OfLength,
    OneOf,
    TableContract,
    ValueConstraint,
    Within,
)
from cst_contracts.datatypes import is_list
from cst_contracts.datatypes.values import Family, family, value_of, value_type
from cst_contracts.neighbours.exported import Exported, left
from cst_contracts.neighbours.limit_words import JSON_WORDS
from cst_contracts.neighbours.parts import Part, Said, columns

Schema: TypeAlias = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HELD = frozenset({Part.NULLABLE, Part.NULLABLE_BELOW, Part.DESCRIPTION, Part.DESCRIPTION_BELOW})


def row_json_schema(contract: TableContract) -> Exported:
    """Of a row as JSON: times are text, bytes are text in base64, maps are objects. A field that may be null
    may be left out."""
    schema = {
        "$schema": _DIALECT,
        "title": contract.name,
        **({"description": contract.description} if contract.description else {}),
        **_object(columns(contract), closed=_is_closed(contract)),
    }
    text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return Exported(text.encode(), left(contract, lambda each: _holds(contract, each)))


def _is_closed(contract: TableContract) -> bool:
    return contract.extra_fields is ExtraFields.FORBID


def _holds(contract: TableContract, each: Said) -> bool:
    match each.part:
        case Part.LIMIT:
            types = {node.path: node.type for top in columns(contract) for node in top.walk()}
            limit = each.value.limit if isinstance(each.value, ValueConstraint) else None
            return limit is not None and bool(_limit(types[each.at], limit))
        case Part.TYPE:
            nodes = each.value.walk() if isinstance(each.value, FieldContract) else ()
            return all(_is_known(node) for node in nodes)
        case Part.ABOUT:
            return each.what == "`description`"
        case Part.FIELD_SET:
            return each.value == "extra_fields"
        case _:
            return each.part in _HELD


def _is_known(node: FieldContract) -> bool:
    return bool(node.children) or bool(_plain(value_type(node.type)))


def _object(fields: Iterable[FieldContract], *, closed: bool) -> Schema:
    named = {each.name: each for each in fields}
    schema: Schema = {
        "type": "object",
        "properties": {name: _node(each, closed=closed) for name, each in named.items()},
        "required": [name for name, each in named.items() if not each.nullable],
    }
    return schema | ({"additionalProperties": False} if closed else {})


def _node(node: FieldContract, *, closed: bool) -> Schema:
    schema = _value(node, closed=closed)
    for each in node.constraints:
        schema |= _limit(node.type, each.limit)
    if node.nullable and schema:
        schema = _or_null(schema)
    return schema | ({"description": node.description} if node.description else {})


def _or_null(schema: Schema) -> Schema:
    if schema.get("type") == "null":
        return schema
    allowed = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | allowed


def _value(node: FieldContract, *, closed: bool) -> Schema:
    type_ = value_type(node.type)
    if pa.types.is_struct(type_):
        return _object(node.children, closed=closed)
    if pa.types.is_map(type_):
        return _map(node, closed=closed)
    if is_list(type_):
        size = type_.list_size if pa.types.is_fixed_size_list(type_) else None
        bounds = {} if size is None else {"minItems": size, "maxItems": size}
        return {"type": "array", "items": _node(node.children[0], closed=closed), **bounds}
    return _plain(type_)


def _map(node: FieldContract, *, closed: bool) -> Schema:
    """Keys are text in JSON, whatever they are in Arrow: only what is said of texts is said of them."""
    key, value = node.children
    names: Schema = {}
    if family(key.type) is Family.TEXT:
        for each in key.constraints:
            names |= _limit(key.type, each.limit)
    values = {"type": "object", "additionalProperties": _node(value, closed=closed)}
    return values | ({"propertyNames": names} if names else {})


def _plain(type_: pa.DataType) -> Schema:
    """Empty for types that JSON has no usual form for: then anything is fine."""
    if pa.types.is_null(type_):
        return {"type": "null"}
    if pa.types.is_integer(type_):
        return {"type": "integer", **_bits(type_)}
    if pa.types.is_date(type_):
        return {"type": "string", "format": "date"}
    if pa.types.is_time(type_):
        return {"type": "string"}  # the format `time` asks for a zone
    if pa.types.is_timestamp(type_):
        return {"type": "string", **({"format": "date-time"} if type_.tz else {})}
    match family(type_):
        case Family.TEXT:
            return {"type": "string"}
        case Family.BYTES:
            return {"type": "string", "contentEncoding": "base64"}
        case Family.NUMBER:
            return {"type": "number"}
        case Family.FLAG:
            return {"type": "boolean"}
        case Family.TIME | None:
            return {}


def _bits(type_: pa.DataType) -> Schema:
    if pa.types.is_unsigned_integer(type_):
        return {"minimum": 0, "maximum": 2**type_.bit_width - 1}
    return {"minimum": -(2 ** (type_.bit_width - 1)), "maximum": 2 ** (type_.bit_width - 1) - 1}


def _limit(type_: pa.DataType, limit: Limit) -> Schema:
    """Empty where JSON Schema has no word for it: it compares numbers only, and knows no bytes."""
    plain = value_type(type_)
    match limit:
        case OneOf(values=values):
            told = [_json(value, plain) for value in values]
            return {} if None in told else {"enum": told}
        case Within():
            return dict(_bounds(plain, limit)) if _is_number(plain) else {}
        case Matching(pattern=pattern):
            return {"pattern": pattern}
        case OfLength(least=least, most=most):
            bounds = {"minLength": least, "maxLength": most}
            of_text = family(plain) is Family.TEXT
            return {key: value for key, value in bounds.items() if of_text and value is not None}


def _is_number(type_: pa.DataType) -> bool:
    return family(type_) is Family.NUMBER


def _bounds(type_: pa.DataType, limit: Within) -> Iterator[tuple[str, Any]]:
    for key, text in limit.bounds:
        value = _json(text, type_)
        if value is not None:
            yield JSON_WORDS[key], value


def _json(text: str, type_: pa.DataType) -> Any:
    """A value as it stands in JSON; None where it cannot."""
    value = value_of(text, type_).as_py()
    match family(type_):
        case Family.NUMBER if pa.types.is_integer(type_):
            return value
        case Family.NUMBER:
            return float(value) if math.isfinite(value) else None
        case Family.BYTES:
            return base64.b64encode(value).decode()
        case Family.TIME:
            return value.isoformat() if pa.types.is_date(type_) else None
        case Family.TEXT | Family.FLAG:
            return value
        case None:
            return None
