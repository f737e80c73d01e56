"""The Open Data Contract Standard 3.1 and 3.2: contracts in its words, with what only this language says."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import yaml

from cst_contracts.contract.model import TableContract
from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.documents import Document, document_of
from cst_contracts.neighbours.exported import Exported
from cst_contracts.neighbours.given import Given
from cst_contracts.neighbours.imported import Imported
from cst_contracts.neighbours.odcs_reading import table_document
from cst_contracts.neighbours.odcs_writing import Edition, odcs_document
from cst_contracts.neighbours.patches import patch, patched

#: The one custom property that is ours.
EXTRAS = "cstContracts"
_VERSIONS = ("v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0")


def odcs(contract: TableContract, text: bytes, edition: Edition = Edition.V3_1) -> Exported:
    """Without loss: what the standard has no words for stands under `customProperties`, of the table and of
    its properties."""
    whole = _normal(document_of(contract, text))
    written = odcs_document(contract, edition)
    root = Given(written)
    (table,) = root.each("schema")
    base = table_document(root, table, alone=True)
    (odcs_table,) = written["schema"]
    _add(odcs_table, patch(_but_fields(whole), _but_fields(base)))
    _extend(odcs_table["properties"], whole["fields"], base["fields"])
    return Exported(_model(written, contract.file).encode())


def odcs_3_2(contract: TableContract, text: bytes) -> Exported:
    return odcs(contract, text, Edition.V3_2)


def _model(document: Document, file: str) -> str:
    """By the standard's own Python model."""
    if find_spec("open_data_contract_standard") is None:
        raise CstContractsError("ODCS needs the extra: pip install 'cst-contracts[neighbours]'")
    from open_data_contract_standard.model import (  # noqa: PLC0415 — an extra
        OpenDataContractStandard,
    )

    try:
        text: str = OpenDataContractStandard(**document).to_yaml()
    except ValueError as error:  # pydantic's
        raise CstContractsError(f"{file}: no contract of ODCS: {error}") from error
    return text


def read_odcs(content: bytes, file: str) -> Imported:
    """Raises CstContractsError for what is no contract of ODCS 3."""
    try:
        data = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise CstContractsError(f"{file}: no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, Mapping) or data.get("apiVersion") not in _VERSIONS:
        raise CstContractsError(
            f"{file}: no contract of ODCS: apiVersion is none of {', '.join(_VERSIONS)}"
        )
    _model(dict(data), file)
    root = Given(data)
    tables = root.each("schema")
    for key in ("apiVersion", "kind"):
        root.take(key)
    root.take_if("status", "active")
    alone = len(tables) == 1
    if alone:
        for key in ("id", "name"):
            root.take_if(key, tables[0].peek("name"))
    documents = [_restored(root, each, alone=alone) for each in tables]
    return Imported(tuple(documents), tuple(root.left()))


def _restored(root: Given, table: Given, *, alone: bool) -> Document:
    document = table_document(root, table, alone=alone)
    fields = [_restored_field(each, node) for each, node in _paired(document["fields"], table)]
    return {**patched(document, _extras(table)), "fields": fields}


def _restored_field(field: Document, node: Given) -> Document:
    made = patched(field, _extras(node))
    if "fields" in field:
        made["fields"] = [_restored_field(*each) for each in _paired(field["fields"], node)]
    return made


def _paired(fields: list[Document], node: Given) -> Iterator[tuple[Document, Given]]:
    yield from zip(fields, _properties(node), strict=True)


def _properties(node: Given) -> list[Given]:
    """Those of the struct that lists and the values of maps lead to."""
    inside = node.below("items") or _value_of(node)
    return node.each("properties") if inside is None else _properties(inside)


def _value_of(node: Given) -> Given | None:
    if node.peek("logicalType") == "map" and (sides := node.below("map")) is not None:
        return sides.below("value")
    sides_before = node.each("properties") if node.peek("physicalType") == "map" else []
    return sides_before[1] if len(sides_before) == 2 else None


def _extras(node: Given) -> Mapping[str, Any]:
    for each in node.each("customProperties"):
        value = each.peek("value")
        if each.peek("property") == EXTRAS and isinstance(value, Mapping):
            each.take("property")
            each.take("value")
            return value
    return {}


def _extend(nodes: list[Document], fields: list[Document], bases: list[Document]) -> None:
    for node, field, base in zip(nodes, fields, bases, strict=True):
        _add(node, patch(_but_fields(field), _but_fields(base)))
        if "fields" in field:
            _extend(_inside(node), field["fields"], base["fields"])


def _inside(node: Document) -> list[Document]:
    if "items" in node:
        return _inside(node["items"])
    if "map" in node:
        return _inside(node["map"]["value"])
    properties: list[Document] = node["properties"]
    return _inside(properties[1]) if node.get("physicalType") == "map" else properties


def _add(node: Document, extras: Document) -> None:
    if extras:
        node["customProperties"] = [{"property": EXTRAS, "value": extras}]


def _but_fields(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != "fields"}


def _normal(document: Document) -> Document:
    """With keys of nothing but fields as the lists that they are."""
    keys = [
        each["fields"] if isinstance(each, Mapping) and {*each} == {"fields"} else each
        for each in document.get("keys", ())
    ]
    return document | ({"keys": keys} if keys else {})
