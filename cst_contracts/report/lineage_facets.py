"""Datasets and their facets in the words of OpenLineage, which a run's report and an export share."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import unquote

import pyarrow as pa

from cst_contracts.datatypes import TypeNode, child_nodes, is_list, print_type

Facet: TypeAlias = dict[str, Any]

PRODUCER = "https://github.com/cst-contracts/cst-contracts"
SPECIFICATION = "https://openlineage.io/spec"
#: By name, the version of each facet that is written.
_VERSIONS = {
    "SchemaDatasetFacet": "1-2-0",
    "DataQualityAssertionsDatasetFacet": "1-1-0",
    "DocumentationDatasetFacet": "1-1-0",
    "OwnershipDatasetFacet": "1-0-1",
    "TestRunFacet": "1-0-1",
}


def facet(name: str, **said: Any) -> Facet:
    url = f"{SPECIFICATION}/facets/{_VERSIONS[name]}/{name}.json#/$defs/{name}"
    return {"_producer": PRODUCER, "_schemaURL": url, **said}


def dataset_name(table: str, location: str | None) -> dict[str, str]:
    """By OpenLineage's naming: a store's name is the namespace of what lies in it, `file` that of paths. A
    table that lies nowhere, such as a view, is DataFusion's."""
    if location is None:
        return {"namespace": "datafusion", "name": table}
    scheme, separator, rest = location.partition("://")
    if not separator:
        return {"namespace": "file", "name": location.rstrip("/") or "/"}
    store, _, key = rest.partition("/")
    if scheme == "file":
        return {"namespace": "file", "name": f"/{unquote(key)}".rstrip("/") or "/"}
    return {"namespace": f"{scheme}://{store}", "name": key.rstrip("/") or "/"}


def about(description: str, owner: str) -> Iterator[tuple[str, Facet]]:
    """The facets of what is said of a whole table, by the names that they have at a dataset."""
    if description:
        yield (
            "documentation",
            facet(
                "DocumentationDatasetFacet", description=description, contentType="text/markdown"
            ),
        )
    if owner:
        yield "ownership", facet("OwnershipDatasetFacet", owners=[{"name": owner}])


def schema_field(field: pa.Field, descriptions: Mapping[str, str] | None = None) -> Facet:
    """Nested as OpenLineage's own integrations nest them: a list has an `_element`, a map `key` and `value`.
    `descriptions` are by path."""
    (node,) = child_nodes("", pa.struct([field]))
    return _field(node, node.name, descriptions or {})


def schema_facet(fields: Iterable[Facet]) -> Facet:
    numbered = [{**each, "ordinal_position": number} for number, each in enumerate(fields, 1)]
    return facet("SchemaDatasetFacet", fields=numbered)


def _field(node: TypeNode, name: str, descriptions: Mapping[str, str]) -> Facet:
    type_ = node.field.type
    inner = [
        _field(each, _name(type_, each), descriptions) for each in child_nodes(node.path, type_)
    ]
    word = print_type(type_)
    said: Facet = {"name": name, "type": word.partition("<")[0] if inner else word}
    if node.path in descriptions:
        said["description"] = descriptions[node.path]
    return {**said, "fields": inner} if inner else said


def _name(above: pa.DataType, node: TypeNode) -> str:
    if is_list(above):
        return "_element"
    return node.path.rpartition(".")[2] if pa.types.is_map(above) else node.name
