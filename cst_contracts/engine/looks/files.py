"""Looks at the schemas that the data files of a relation have of their own."""

from collections.abc import Iterator

import pyarrow as pa

from cst_contracts.engine.formats.format import Format
from cst_contracts.engine.formats.formats import stored_format
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.file_schemas import compared, grouped
from cst_contracts.engine.storage.places import each_of
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import relative_name
from cst_contracts.facts import FilesFacts


def files_facts(registry: Registry, relation: str) -> FilesFacts:
    """Of one file there is nothing to compare, so it is not read. Raises IntrospectionError."""
    opened = registry.open(relation)
    storage = opened.storage
    if storage is None or len(storage.files) < 2:
        return FilesFacts(0 if storage is None else len(storage.files))
    if "columnMapping" in (() if storage.delta is None else storage.delta.features):
        reason = "under column mapping, its data files call the fields otherwise"
        raise IntrospectionError(reason, relation=relation, location=storage.location)
    with looking_at(relation, storage.location):
        return compared(grouped(_schemas(stored_format(storage.format), storage)))


def _schemas(format_: Format, storage: Storage) -> Iterator[tuple[str, pa.Schema]]:
    """Nothing of text, whose files have no schemas."""
    schemas = each_of(storage.files, format_.file_schema)
    for url, schema in zip(storage.files, schemas, strict=True):
        if schema is not None:
            yield relative_name(storage.location, url), schema
