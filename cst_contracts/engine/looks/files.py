"""Looks at the schemas that the data files of a relation have of their own."""

from collections.abc import Iterator

import pyarrow as pa

from cst_contracts.engine.formats.delta.logical_names import with_logical_names
from cst_contracts.engine.formats.format import Format, Opened
from cst_contracts.engine.formats.formats import stored_format
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.storage.adapters import FilesOfSchema
from cst_contracts.engine.storage.file_schemas import compared, grouped
from cst_contracts.engine.storage.places import each_of
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import relative_name
from cst_contracts.facts import FilesFacts
from cst_contracts.needs import FilesNeed


def files_facts(registry: Registry, need: FilesNeed) -> FilesFacts:
    """Of one file, of which the table has been inferred, there is nothing to compare, so it is not read.
    Raises IntrospectionError."""
    relation = need.relation
    opened = registry.open(relation)
    storage = opened.storage
    if storage is None or not storage.files or (_is_inferred(opened) and len(storage.files) < 2):
        return FilesFacts(0 if storage is None else len(storage.files))
    with looking_at(relation, storage.location):
        schemas = storage.schemas or grouped(_schemas(stored_format(storage.format), storage))
        if storage.delta is not None:
            schemas = tuple(_as_in_log(each, storage.schema) for each in schemas)
        return compared(schemas, _read(live_schema(registry.context, relation), storage))


def _as_in_log(group: FilesOfSchema, log: pa.Schema) -> FilesOfSchema:
    return FilesOfSchema(with_logical_names(group.schema, log), group.files)


def _is_inferred(opened: Opened) -> bool:
    """Whether the session's schema is that of the files themselves, and not declared or of a log."""
    return not opened.supplied and opened.delta is None


def _read(schema: pa.Schema, storage: Storage) -> pa.Schema:
    """What the files are read as, without what stands in the names of folders or in a log only."""
    elsewhere = {partition.name for partition in storage.partitions}
    return pa.schema([field for field in schema if field.name not in elsewhere])


def _schemas(format_: Format, storage: Storage) -> Iterator[tuple[str, pa.Schema]]:
    """Nothing of text, whose files have no schemas."""
    schemas = each_of(storage.files, format_.file_schema)
    for url, schema in zip(storage.files, schemas, strict=True):
        if schema is not None:
            yield relative_name(storage.location, url), schema
