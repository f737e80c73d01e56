"""The manifest's keys, from its JSON Schema."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from click.testing import CliRunner

from _generate.markdown import code, table
from cst_contracts.cli.main import cli

Schema: TypeAlias = Mapping[str, Any]
#: Of longer enumerations, only how long they are.
_LISTED = 12


def manifest_markdown() -> str:
    """A table with a row for every key, those of nested objects by their paths."""
    schema: Schema = json.loads(CliRunner().invoke(cli, ["manifest-schema"]).output)
    return table(("key", "value"), _rows(schema, schema.get("$defs", {}), ""))


def _rows(schema: Schema, defined: Schema, above: str) -> Iterator[tuple[str, str]]:
    for alternative in _alternatives(schema, defined):
        for name, value in alternative.get("properties", {}).items():
            path = f"{above}.{name}" if above else name
            yield code(path), _words(value, defined)
            yield from _rows(value, defined, path)
        if "items" in alternative:
            yield from _rows(alternative["items"], defined, f"{above}[]")


def _alternatives(schema: Schema, defined: Schema) -> Iterator[Schema]:
    """A schema without references and choices: each of what it may be."""
    if "$ref" in schema:
        yield from _alternatives(defined[schema["$ref"].rsplit("/", 1)[-1]], defined)
    elif "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from _alternatives(each, defined)
    else:
        yield schema


def _words(schema: Schema, defined: Schema) -> str:
    found = [_one(each, defined) for each in _alternatives(schema, defined)]
    return " or ".join(dict.fromkeys(word for words in found for word in words))


def _one(schema: Schema, defined: Schema) -> Sequence[str]:
    if "const" in schema:
        return [code(json.dumps(schema["const"]))]
    if "enum" in schema:
        return [_enumerated(schema["enum"])]
    types = schema.get("type", "any")
    if types == "array":
        return [f"array of {_words(schema['items'], defined)}"]
    return [types] if isinstance(types, str) else list(types)


def _enumerated(values: Sequence[object]) -> str:
    if len(values) > _LISTED:
        return f"one of {len(values)} words"
    return ", ".join("null" if each is None else code(str(each)) for each in values)
