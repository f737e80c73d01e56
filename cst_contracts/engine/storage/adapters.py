"""Says what an engine does to the schema of a data file, so that it is read as the table is.

DataFusion 55 matches fields by their names, as they are written: it fills in null for a field that a file
lacks, casts the values of another type, and leaves unread what the table does not have.
"""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import (
    DifferenceKind,
    TypeDifference,
    child_nodes,
    find_node,
    print_type,
    type_differences,
)
from cst_contracts.facts import Adapted, Adapting


class FilesOfSchema(Struct, frozen=True):
    """The files, by their names in the table, that have exactly this schema."""

    schema: pa.Schema
    files: tuple[str, ...]


class _Found(Struct, frozen=True):
    """At which path what is done, from what to what."""

    path: str
    how: Adapting
    stored: str
    read: str


def adapted(groups: Sequence[FilesOfSchema], read: pa.Schema) -> dict[str, tuple[Adapted, ...]]:
    """By path. What files merely lack is told by whoever compares them with one another.

    Layouts and names that count as the same are told only where files that have the node differ in them:
    DataFusion 55 reads every `string` of Parquet as `string_view`.
    """
    files: dict[_Found, list[str]] = {}
    for group in groups:
        for found in _found(group.schema, read):
            files.setdefault(found, []).extend(group.files)
    told: dict[str, tuple[Adapted, ...]] = {}
    spelled = {each.path for each in files if each.how is Adapting.RESPELLED}
    respelled = {path for path in spelled if len({*_spellings(groups, path)}) > 1}
    for found, names in files.items():
        if found.how is not Adapting.RESPELLED or found.path in respelled:
            what = Adapted(found.how, found.stored, found.read, tuple(names))
            told[found.path] = (*told.get(found.path, ()), what)
    return told


def _spellings(groups: Sequence[FilesOfSchema], path: str) -> Iterator[str]:
    """What each group says of the node itself, and not of what is below it."""
    for group in groups:
        node = find_node(group.schema, path)
        if node is not None:
            below = child_nodes(path, node.field.type)
            names = [child.name for child in below]
            yield f"{node.field.type.id} {names}" if below else print_type(node.field.type)


def _found(stored: pa.Schema, read: pa.Schema) -> Iterator[_Found]:
    """Both schemas are compared as the structs that they are."""
    promised, observed = pa.struct(list(read)), pa.struct(list(stored))
    differences = type_differences(promised, observed, path="")
    yield from _recased(differences)
    for each in differences:
        match each.kind:
            case DifferenceKind.TYPE:
                yield _Found(each.path, Adapting.CAST, each.observed, each.promised)
            case DifferenceKind.EXTRA:
                yield _Found(each.path, Adapting.DROPPED, each.observed, "")
            case DifferenceKind.MOVED:
                yield _Found(each.path, Adapting.MOVED, each.observed, each.promised)
            case DifferenceKind.MISSING:
                pass  # told as lacking
    told = {(each.path, each.kind) for each in differences}
    for each in type_differences(promised, observed, path="", exact=True):
        if each.kind is DifferenceKind.TYPE and (each.path, each.kind) not in told:
            yield _Found(each.path, Adapting.RESPELLED, each.observed, each.promised)


def _recased(differences: Iterable[TypeDifference]) -> Iterator[_Found]:
    """Of nodes that are missing, those that stand there in other letters, and that the table does not have
    beside them."""
    dropped = {
        each.path.casefold(): each.path for each in differences if each.kind is DifferenceKind.EXTRA
    }
    for each in differences:
        if each.kind is DifferenceKind.MISSING and each.path.casefold() in dropped:
            path = dropped[each.path.casefold()]
            yield _Found(each.path, Adapting.RECASED, path, each.promised)
