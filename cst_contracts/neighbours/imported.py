"""What an import hands over: documents of contracts, and what of the other file they do not say."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from msgspec import Struct

from cst_contracts.neighbours.documents import Document
from cst_contracts.neighbours.foreign_types import foreign_type
from cst_contracts.neighbours.given import Given
from cst_contracts.neighbours.spelling import OPEN, written


class Imported(Struct, frozen=True):
    """`tables` are documents of contracts. `unmapped` is what they leave out, by places of the other file."""

    tables: tuple[Document, ...]
    unmapped: tuple[str, ...] = ()


class Read(Struct, frozen=True):
    """A field of the other file. `fields` are those of the struct that is left open in the type, and `said`
    what its document says besides."""

    type: pa.DataType
    nullable: bool = True
    fields: tuple[Document, ...] = ()
    said: Mapping[str, Any] = {}

    def document(self, name: str) -> Document:
        found: Document = {"name": name, "type": written(self.type)}
        if not self.nullable:
            found["nullable"] = False
        found |= self.said
        return found | ({"fields": list(self.fields)} if self.fields else {})

    def field(self, name: str) -> pa.Field:
        return pa.field(name, self.type, self.nullable or pa.types.is_null(self.type))

    def closed(self) -> pa.DataType:
        """The type with the struct written out, as a map's keys have to be."""
        return _closed(self.type, self.fields)


#: What of an inner field's document stands under `elements`, `map_keys` or `map_values`.
_INNER = frozenset(
    {
        "enum", "minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "pattern", "min_length",
        "max_length", "elements", "map_keys", "map_values",
    }
)  # fmt: skip


def inner_of(read: Read, node: Given) -> Document:
    """What is said of the values of a list or a map; what the language has no words for there counts as not
    mapped."""
    for key, value in read.said.items():
        if key not in _INNER:
            node.lose(f"{key}: {value}")
    return {key: value for key, value in read.said.items() if key in _INNER}


def _closed(type_: pa.DataType, fields: tuple[Document, ...]) -> pa.DataType:
    if type_ == OPEN:
        return pa.struct([_arrow_field(each) for each in fields])
    return type_


def _arrow_field(document: Document) -> pa.Field:
    fields = tuple(document.get("fields", ()))
    type_ = OPEN if document["type"] == "struct" else foreign_type(document["type"])
    if type_ is None:
        type_ = pa.string()
    return pa.field(document["name"], _closed(type_, fields), document.get("nullable", True))


def value_text(value: object) -> str:
    """A value of YAML, JSON or Python as the language spells it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
