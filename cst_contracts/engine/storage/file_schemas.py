"""Compares the schemas that the data files of one table have of their own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from cst_contracts.datatypes import TypeNode, child_nodes, find_node
from cst_contracts.engine.storage.adapters import FilesOfSchema, adapted
from cst_contracts.facts import FilesFacts, MetadataInFiles


def grouped(schemas: Iterable[tuple[str, pa.Schema]]) -> tuple[FilesOfSchema, ...]:
    """Files by their schemas. Metadata of a schema as a whole count for nothing: pandas, Spark, Iceberg and
    Avro keep there what differs from file to file."""
    found: dict[bytes, tuple[pa.Schema, list[str]]] = {}
    for name, schema in schemas:
        bare = schema.remove_metadata()
        key = bare.serialize().to_pybytes()
        found.setdefault(key, (bare, []))[1].append(name)
    return tuple(FilesOfSchema(schema, tuple(names)) for schema, names in found.values())


def compared(groups: Sequence[FilesOfSchema], read: pa.Schema | None = None) -> FilesFacts:
    """What some files lack and others have, and where they differ in metadata; and, where `read` is what the
    table is read as, without what stands in names of folders only, how they differ from that."""
    count = sum(len(group.files) for group in groups)
    if not groups or (len(groups) == 1 and read is None):
        return FilesFacts(count)
    shapes = _shapes(groups)
    most = max(shapes, key=lambda group: len(group.files))
    strangers = tuple(group for group in shapes if _is_stranger(group.schema, most.schema))
    known = {name for group in shapes if group not in strangers for name in group.schema.names}
    return FilesFacts(
        count,
        lacking=_lacking(shapes, read),
        strangers=tuple(file for group in strangers for file in group.files),
        strange_fields=frozenset(
            name for group in strangers for name in group.schema.names if name not in known
        ),
        metadata=_metadata(groups, _paths(shapes)),
        adapted={} if read is None else adapted(shapes, read),
    )


def common_metadata(groups: Sequence[FilesOfSchema], schema: pa.Schema) -> pa.Schema:
    """The schema, its top-level fields with the metadata that all files agree on."""
    return pa.schema([field.with_metadata(_shared(groups, field.name)) for field in schema])


def _shared(groups: Sequence[FilesOfSchema], name: str) -> dict[bytes, bytes] | None:
    held = [
        dict(group.schema.field(name).metadata or {})
        for group in groups
        if name in group.schema.names
    ]
    first = held[0] if held else {}
    return {k: v for k, v in first.items() if all(each.get(k) == v for each in held)} or None


def _is_stranger(schema: pa.Schema, most: pa.Schema) -> bool:
    """Of another table, as far as anybody can tell: it lacks more of the other files' fields than it has."""
    names, has = most.names, frozenset(schema.names)
    return sum(name in has for name in names) * 2 < len(names)


def _shapes(groups: Sequence[FilesOfSchema]) -> tuple[FilesOfSchema, ...]:
    """The groups without the metadata of their fields. Where a writer keeps there what differs from file to
    file, each file is a group of its own, and all are of one shape."""
    found: dict[tuple[tuple[str, ...], str], tuple[pa.Schema, list[str]]] = {}
    for group in groups:
        text = group.schema.to_string(truncate_metadata=False, show_field_metadata=False)
        key = (tuple(group.schema.names), text)
        found.setdefault(key, (group.schema, []))[1].extend(group.files)
    return tuple(FilesOfSchema(schema, tuple(names)) for schema, names in found.values())


def _lacking(groups: Sequence[FilesOfSchema], read: pa.Schema | None) -> dict[str, tuple[str, ...]]:
    """By path. Below a field that a file lacks, or whose type is another there, it lacks nothing more."""
    lacking: dict[str, tuple[str, ...]] = {}
    every = groups if read is None else (*groups, FilesOfSchema(read, ()))
    for path, parent in _paths(every).items():
        files = [
            file
            for group in groups
            if find_node(group.schema, path) is None and _has(group.schema, parent)
            for file in group.files
        ]
        if files:
            lacking[path] = tuple(files)
    return lacking


def _has(schema: pa.Schema, parent: str | None) -> bool:
    if parent is None:
        return True
    node = find_node(schema, parent)
    return node is not None and pa.types.is_nested(node.field.type)


def _paths(groups: Sequence[FilesOfSchema]) -> dict[str, str | None]:
    """Of all nodes in some file: the path of the node above, None for a top-level field."""
    paths: dict[str, str | None] = {}
    for group in groups:
        for top in child_nodes("", pa.struct(list(group.schema))):
            paths.setdefault(top.path, None)
            paths.update((path, above) for path, above in _below(top) if path not in paths)
    return paths


def _below(node: TypeNode) -> Iterator[tuple[str, str]]:
    for child in child_nodes(node.path, node.field.type):
        yield child.path, node.path
        yield from _below(child)


def _metadata(
    groups: Sequence[FilesOfSchema], paths: Iterable[str]
) -> Mapping[str, tuple[MetadataInFiles, ...]]:
    found: dict[str, tuple[MetadataInFiles, ...]] = {}
    for path in paths:
        differing = tuple(_differing(groups, path))
        if differing:
            found[path] = differing
    return found


def _differing(groups: Sequence[FilesOfSchema], path: str) -> Iterable[MetadataInFiles]:
    """By key, where files that have the field differ in its value."""
    nodes = [(find_node(group.schema, path), group.files) for group in groups]
    held = [(_text(node.field.metadata), files) for node, files in nodes if node is not None]
    for key in dict.fromkeys(key for each, _ in held for key in each):
        values: dict[str | None, list[str]] = {}
        for each, files in held:
            values.setdefault(each.get(key), []).extend(files)
        if len(values) > 1:
            told = tuple((value, tuple(files)) for value, files in values.items())
            yield MetadataInFiles(key, told)


def _text(metadata: Mapping[bytes, bytes] | None) -> dict[str, str]:
    """`PARQUET:field_id` is a writer's own numbering, and no word about the field."""
    return {
        key.decode(errors="replace"): value.decode(errors="replace")
        for key, value in (metadata or {}).items()
        if key != b"PARQUET:field_id"
    }
