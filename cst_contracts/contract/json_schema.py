"""Makes the JSON Schema (draft 2020-12) that editors read from the grammar.

The schema says what the grammar says. References between clauses, names used twice, the spelling of types,
which key comes first, and how a plain scalar is written are beyond it.
"""

import json
from typing import Any, TypeAlias

from cst_contracts.contract.clauses.clause import SESSION, TABLE
from cst_contracts.contract.grammar import LANGUAGE_VERSION, RECORDS
from cst_contracts.contract.kinds import (
    AmountKind,
    ChoiceKind,
    Condition,
    DayKind,
    EitherKind,
    FlagKind,
    Key,
    Kind,
    ListKind,
    MomentKind,
    NumberKind,
    PairsKind,
    Record,
    RecordKind,
    Refusal,
    SettingKind,
    TextKind,
    ValueKind,
)

Schema: TypeAlias = dict[str, Any]


def json_schema() -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:cst-contracts:contract-language:{LANGUAGE_VERSION}",
        "title": f"The contract language, version {LANGUAGE_VERSION}",
        "description": "A table contract or a session contract.",
        "type": "object",
        "oneOf": [{"$ref": f"#/$defs/{TABLE}"}, {"$ref": f"#/$defs/{SESSION}"}],
        "$defs": {name: _record_schema(record) for name, record in RECORDS.items()},
    }


def json_schema_text() -> str:
    """The schema as text, which is what `language.schema.json` holds."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _record_schema(record: Record) -> Schema:
    schema: Schema = {
        "description": record.description,
        "type": "object",
        "properties": {key.name: _key_schema(key) for key in record.keys.values()},
        "required": [key.name for key in record.keys.values() if key.required],
        "additionalProperties": False,
    }
    if record.exactly_one:
        schema["oneOf"] = [{"required": [key]} for key in record.exactly_one]
    if record.at_least_one:
        schema["anyOf"] = [_says_something(record.keys[key]) for key in record.at_least_one]
    if record.conditions:
        schema["allOf"] = [_condition_schema(condition) for condition in record.conditions]
    return schema


def _key_schema(key: Key) -> Schema:
    schema = {"description": key.description, **_kind_schema(key.kind)}
    if isinstance(key.default, bool | str):
        schema["default"] = key.default
    return schema


def _says_something(key: Key) -> Schema:
    """Holds where the key is written, and is neither an empty list nor an empty mapping."""
    written: Schema = {"required": [key.name]}
    if isinstance(key.kind, ListKind):
        written["properties"] = {key.name: {"minItems": 1}}
    elif isinstance(key.kind, PairsKind):
        written["properties"] = {key.name: {"minProperties": 1}}
    return written


def _condition_schema(condition: Condition) -> Schema:
    when: Schema = {"required": [condition.key]}
    if condition.choices:
        when["properties"] = {condition.key: {"enum": list(condition.choices)}}
    then: Schema = {}
    if condition.needs:
        then["required"] = list(condition.needs)
    if condition.refuses:
        then["properties"] = {refusal.key: _refused(refusal) for refusal in condition.refuses}
    return {"if": when, "then": then}


def _refused(refusal: Refusal) -> Schema | bool:
    return {"const": False} if refusal.only_true else False


def _kind_schema(kind: Kind) -> Schema:
    match kind:
        case TextKind():
            return _text_schema(kind)
        case FlagKind():
            return {"type": "boolean"}
        case NumberKind():
            return {"type": "integer", "minimum": 0, "maximum": kind.most}
        case DayKind():
            return {"type": "string", "pattern": _whole(kind.pattern), "format": "date"}
        case MomentKind():
            return {"type": "string", "pattern": _whole(kind.pattern)}
        case SettingKind():
            return {"type": ["string", "integer", "boolean"]}
        case AmountKind():
            return {"type": ["integer", "string"], "minimum": 0, "pattern": _whole(kind.pattern)}
        case ValueKind():
            return {"type": ["string", "number", "boolean"]}
        case ChoiceKind():
            return {"enum": list(kind.choices)}
        case ListKind():
            items = {"type": "array", "items": _kind_schema(kind.item)}
            return items | ({"minItems": kind.least} if kind.least else {})
        case PairsKind():
            return _pairs_schema(kind)
        case RecordKind():
            return {"$ref": f"#/$defs/{kind.record}"}
        case EitherKind():
            return {"anyOf": [_kind_schema(kind.short), _kind_schema(kind.long)]}


def _text_schema(kind: TextKind) -> Schema:
    schema: Schema = {"type": "string"}
    if kind.pattern is not None:
        schema["pattern"] = _whole(kind.pattern)
    elif not kind.may_be_empty:
        schema["minLength"] = 1
    return schema


def _pairs_schema(kind: PairsKind) -> Schema:
    schema: Schema = {
        "type": "object",
        "additionalProperties": _kind_schema(kind.value),
        "propertyNames": {"minLength": 1},
    }
    if kind.least:
        schema["minProperties"] = kind.least
    if kind.most is not None:
        schema["maxProperties"] = kind.most
    return schema


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"
