"""The manifest's keys, from its JSON Schema."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from _generate.markdown import code, table
from cst_contracts.report.manifest import manifest_schema

Schema: TypeAlias = Mapping[str, Any]


def manifest_markdown() -> str:
    """A table with a row for every key, those of nested objects by their paths."""
    schema = manifest_schema()
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
        return [code(str(schema["const"]))]
    if "enum" in schema:
        return [", ".join(code(str(each)) for each in schema["enum"])]
    types = schema.get("type", "any")
    if types == "array":
        return [f"array of {_words(schema['items'], defined)}"]
    return [types] if isinstance(types, str) else list(types)
