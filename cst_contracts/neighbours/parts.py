"""What a contract says, part by part and with its line, so that a format can name what it does not hold."""

from collections.abc import Iterator
from enum import StrEnum

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import fields as fields_of

from cst_contracts.contract.model import (
    FieldContract,
    Limit,
    Matching,
    OfLength,
    OneOf,
    Severity,
    SourceContract,
    TableContract,
    Within,
)
from cst_contracts.datatypes import child_path
from cst_contracts.location import Location


class Part(StrEnum):
    """Kinds of what contracts say."""

    ABOUT = "about"
    TYPE = "type"
    NULLABLE = "nullable"
    NULLABLE_BELOW = "nullable below"
    LIMIT = "limit"
    DESCRIPTION = "description"
    DESCRIPTION_BELOW = "description below"
    METADATA = "metadata"
    METADATA_OF_TABLE = "metadata of the table"
    FIELD_SET = "field set"
    PARTITION = "partition"
    PLACE = "place"
    KEY = "key"
    REFERENCE = "reference"
    RULE = "rule"
    CHECKING = "checking"
    OTHER = "other"


class Said(Struct, frozen=True):
    """One thing that a contract says. `value` is the clause, or the field, that says it; `at` is the path of
    the field that it is about, empty where it is about the table."""

    part: Part
    place: Location
    what: str
    value: object
    at: str = ""


class Unsaid(Struct, frozen=True, order=True):
    """Something that the contract says at a place, and the other format does not."""

    place: Location
    what: str

    def __str__(self) -> str:
        return f"{self.place}: not said: {self.what}"


#: Clauses of a table that are parts of their own here, or say nothing by themselves.
_KNOWN = frozenset(
    {
        "name", "file", "place", "fields", "fields_place", "version", "description", "owner", "source",
        "nullability", "extra_fields", "field_order", "metadata", "keys", "references", "rules",
    }
)  # fmt: skip


def columns(contract: TableContract) -> tuple[FieldContract, ...]:
    """The promised fields, and behind them those that only the folders of partitions have."""
    names = {field.name for field in contract.fields}
    partitions = () if contract.source is None else contract.source.partitioned_by
    only = (each for each in partitions if each.name not in names)
    return contract.fields + tuple(
        FieldContract(child_path("", each.name), each.name, each.type or pa.string(), each.place)
        for each in only
    )


def schema_of(contract: TableContract) -> pa.Schema:
    """The Arrow schema that the contract promises, with the metadata that it names."""
    metadata = {each.key: each.value for each in contract.metadata}
    return pa.schema([arrow_field(each) for each in columns(contract)], metadata or None)


def arrow_field(field: FieldContract) -> pa.Field:
    return pa.field(field.name, field.type, field.nullable, dict(field.metadata) or None)


def said(contract: TableContract) -> Iterator[Said]:
    """Everything that is written in a contract, defaults left out, in the sequence of the clauses."""
    yield from _about(contract)
    yield from _of_fields(contract)
    if contract.source is not None:
        yield from _of_source(contract.source)
    yield from _of_rows(contract)
    for info in fields_of(type(contract)):
        value = getattr(contract, info.name)
        if info.name not in _KNOWN and value != info.default:
            yield from _other(contract, info.name, value)


def _about(contract: TableContract) -> Iterator[Said]:
    for key in ("version", "description", "owner"):
        if getattr(contract, key):
            yield Said(Part.ABOUT, contract.place, f"`{key}`", contract)
    for key in ("extra_fields", "field_order"):
        what = f"`{key}: {getattr(contract, key)}`"
        yield Said(Part.FIELD_SET, contract.fields_place, what, key)
    for each in contract.metadata:
        what = f"metadata {each.key} of the table"
        yield Said(Part.METADATA_OF_TABLE, each.place, what, each)


def _of_fields(contract: TableContract) -> Iterator[Said]:
    for field in columns(contract):
        yield Said(Part.TYPE, field.place, f"the type of {field.path}", field, field.path)
        for node in field.walk():
            yield from _of_node(contract, node, below=node is not field)


def _of_node(contract: TableContract, node: FieldContract, *, below: bool) -> Iterator[Said]:
    if not node.nullable:
        part = Part.NULLABLE_BELOW if below else Part.NULLABLE
        yield Said(part, node.place, f"`nullable: false` of {node.path}", node, node.path)
    if node.description:
        part = Part.DESCRIPTION_BELOW if below else Part.DESCRIPTION
        yield Said(part, node.place, f"the description of {node.path}", node, node.path)
    if node.metadata:
        yield Said(Part.METADATA, node.place, f"the metadata of {node.path}", node, node.path)
    for each in node.constraints:
        what = f"{in_words(each.limit)} of {node.path}"
        yield Said(Part.LIMIT, each.place, what, each, node.path)
        if each.tolerance.count or each.tolerance.percent:
            what = f"`at_most: {each.tolerance}` of {node.path}"
            yield Said(Part.CHECKING, each.place, what, each, node.path)
    for what in _checking(contract, node):
        yield Said(Part.CHECKING, node.place, f"`{what}` of {node.path}", node, node.path)


def _checking(contract: TableContract, node: FieldContract) -> Iterator[str]:
    if node.max_nulls is not None:
        yield f"max_nulls: {node.max_nulls}"
    if not node.nullable and contract.nullability_of(node) != "values":
        yield f"nullability: {contract.nullability_of(node)}"
    for key in ("exact", "sensitive", "allow_empty"):
        if getattr(node, key):
            yield f"{key}: true"
    if node.severity is not Severity.ERROR:
        yield f"severity: {node.severity}"


def in_words(limit: Limit) -> str:
    match limit:
        case OneOf():
            return "the enumeration"
        case Within():
            return "the range"
        case Matching():
            return "the pattern"
        case OfLength():
            return "the length"


def _of_source(source: SourceContract) -> Iterator[Said]:
    for each in source.partitioned_by:
        yield Said(Part.PARTITION, each.place, f"the partition field {each.name}", each, each.name)
    yield Said(Part.PLACE, source.place, "where the table is stored", source)
    for term in source.ordered_by:
        yield Said(Part.CHECKING, term.place, f"the sort order by {term.field}", term, term.field)
    known = {"format", "place", "location", "partitioned_by", "ordered_by"}
    for info in fields_of(type(source)):
        if info.name not in known and getattr(source, info.name) != info.default:
            yield Said(Part.CHECKING, source.place, f"`{info.name}` of the source", source)


def _of_rows(contract: TableContract) -> Iterator[Said]:
    for key in contract.keys:
        yield Said(Part.KEY, key.place, f"unique ({', '.join(key.fields)})", key)
    for each in contract.references:
        what = f"({', '.join(each.fields)}) references {each.table} ({', '.join(each.to)})"
        yield Said(Part.REFERENCE, each.place, what, each)
    for rule in contract.rules:
        yield Said(Part.RULE, rule.place, f"rule {rule.name}", rule)


def _other(contract: TableContract, name: str, value: object) -> Iterator[Said]:
    """Of a clause that no other tool has: a line for each of its entries."""
    for each in value if isinstance(value, tuple) else (value,):
        place = getattr(each, "place", contract.place)
        called = getattr(each, "name", None)
        what = f"`{name}`" if called is None else f"`{name}`: {called}"
        yield Said(Part.OTHER, place, what, each)
