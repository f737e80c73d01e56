"""A contract as the document that its file holds, and a document as the text of such a file."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import pyarrow as pa
import yaml

from cst_contracts.contract.model import (
    NOTHING_TOLERATED,
    FieldContract,
    Limit,
    Matching,
    OfLength,
    OneOf,
    Severity,
    TableContract,
    Within,
)
from cst_contracts.datatypes import is_list
from cst_contracts.datatypes.values import value_type
from cst_contracts.neighbours.spelling import is_through, with_open, written

Document: TypeAlias = dict[str, Any]

_LONGEST_LINE = 96
_INHERITED = ("nullability", "severity", "exact", "sensitive", "allow_empty")


class _WithoutAliases(yaml.SafeDumper):
    """Equal lists are written out, each."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 — PyYAML's signature
        return True


class _Texts(yaml.SafeLoader):
    """Reads as the language does: what is neither a flag nor a whole number is text."""


_Texts.yaml_implicit_resolvers = {}
_Texts.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"[Tt]rue|[Ff]alse|TRUE|FALSE"), list("tfTF")
)
_Texts.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"(?:0|-?[1-9][0-9]{0,17})$"), list("-0123456789")
)


def document_of(contract: TableContract, text: bytes) -> Document:
    """Of a contract and the text that it was read from. Fields are spelled out; the other clauses are as they
    are written."""
    raw: Document = yaml.load(text, _Texts)  # noqa: S506 — a SafeLoader
    return {**raw, "fields": [field_document(each) for each in contract.fields]}


def field_document(field: FieldContract, above: FieldContract | None = None) -> Document:
    struct = open_struct(field)
    type_ = field.type if struct is None else with_open(field.type)
    document: Document = {"name": field.name, "type": written(type_), **_own(field, above)}
    document |= _below(field, struct)
    if struct is not None:
        document["fields"] = [field_document(each, field) for each in struct.children]
    return document


def open_struct(field: FieldContract) -> FieldContract | None:
    """The node below a field, or the field itself, whose children stand under `fields`."""
    if pa.types.is_struct(field.type):
        return field if field.children else None
    return open_struct(field.children[-1]) if is_through(field.type) else None


def _own(field: FieldContract, above: FieldContract | None) -> Document:
    said: Document = {} if field.nullable else {"nullable": False}
    if field.max_nulls is not None:
        said["max_nulls"] = str(field.max_nulls)
    for key in _INHERITED:
        value = getattr(field, key)
        default = Severity.ERROR if key == "severity" else None if key == "nullability" else False
        if value != (default if above is None else getattr(above, key)):
            said[key] = value if isinstance(value, bool) else str(value)
    if field.description:
        said["description"] = field.description
    if field.metadata:
        said["metadata"] = dict(field.metadata)
    return said


def _below(field: FieldContract, struct: FieldContract | None) -> Document:
    """What a node says of its values, and of those inside of them that no field stands for."""
    said = dict(_limits(field))
    if field is struct or not field.children:
        return said
    plain = value_type(field.type)
    if is_list(plain):
        keys: tuple[str, ...] = ("elements",)
    else:
        keys = ("map_keys", "map_values") if pa.types.is_map(plain) else ()
    for key, child in zip(keys, field.children, strict=bool(keys)):
        if inner := _below(child, struct):
            said[key] = inner
    return said


def _limits(field: FieldContract) -> Iterator[tuple[str, Any]]:
    for each in field.constraints:
        yield from limit_keys(each.limit)
        if each.tolerance != NOTHING_TOLERATED:
            yield "at_most", str(each.tolerance)


def limit_keys(limit: Limit) -> Iterator[tuple[str, Any]]:
    match limit:
        case OneOf(values=values):
            yield "enum", list(values)
        case Within(bounds=bounds):
            yield from bounds
        case Matching(pattern=pattern):
            yield "pattern", pattern
        case OfLength(least=least, most=most):
            yield from (
                (k, v) for k, v in (("min_length", least), ("max_length", most)) if v is not None
            )


def contract_yaml(document: Mapping[str, Any], comment: str) -> str:
    """The text of a contract file, under a comment, with what is short on one line."""
    root = yaml.compose(yaml.dump(dict(document), Dumper=_WithoutAliases, sort_keys=False))
    if root is not None:
        _lay_out(root, outer=True)
    text: str = yaml.serialize(root, Dumper=yaml.SafeDumper, width=200, allow_unicode=True)
    return f"# {comment}\n{text}"


def _lay_out(node: yaml.Node, *, outer: bool = False) -> int | None:
    """Its length on one line; None where it takes several."""
    if isinstance(node, yaml.ScalarNode):
        return len(node.value) + 4
    inner = [each for pair in node.value for each in (pair if isinstance(pair, tuple) else (pair,))]
    lengths = [_lay_out(each) for each in inner]
    whole = None if None in lengths else sum(filter(None, lengths))
    flows = not outer and whole is not None and whole <= _LONGEST_LINE
    if isinstance(node, yaml.CollectionNode):
        node.flow_style = flows
    return whole if flows else None
