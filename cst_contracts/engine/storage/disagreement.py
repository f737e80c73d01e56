"""Says which of several Parquet files keep them from being read as one table, and in which field."""

from collections.abc import Callable, Sequence

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes import TypeNode, is_list, print_type, same_type, walk_nodes
from cst_contracts.engine.storage.footers import footer, footers
from cst_contracts.engine.storage.listing import StoredFile
from cst_contracts.engine.storage.places import each_of

_NAMED = 3  # of the files that are damaged, or deviate


class Disagreement(Struct, frozen=True):
    """The field at `path` has several types; `reason` says which, and in which files."""

    path: str
    reason: str


def damaged(files: Sequence[StoredFile]) -> str | None:
    """The files whose footers cannot be read; None where all can."""
    readable = each_of([file.url for file in files], _has_footer)
    names = [file.relative for file, reads in zip(files, readable, strict=True) if not reads]
    return _some(names) if names else None


def disagreement(
    files: Sequence[StoredFile], is_meant: Callable[[str, Sequence[pa.DataType]], bool]
) -> Disagreement | None:
    """None where the footers agree, or one of them cannot be read. DataFusion 55 names neither file nor, of
    a nested field, the path.

    Where several fields have several types, the first that does not have them on purpose; of those, types
    that count as the same come last, which DataFusion 55 does not unite either.
    """
    found: dict[str, list[tuple[pa.Field, list[str]]]] = {}
    try:
        for file, read in zip(files, footers([file.url for file in files]), strict=True):
            for node in walk_nodes(read.schema.to_arrow_schema()):
                _note(found.setdefault(node.path, []), node, file.relative)
    except (OSError, pa.ArrowException):
        return None
    several = {path: types for path, types in found.items() if len(types) > 1}
    if not several:
        return None

    def weight(path: str) -> tuple[bool, bool]:
        first, *others = (field.type for field, _ in several[path])
        return is_meant(path, [first, *others]), all(same_type(first, each) for each in others)

    path = min(several, key=weight)
    return _of_types(path, several[path])


def _note(types: list[tuple[pa.Field, list[str]]], node: TypeNode, file: str) -> None:
    for known, names in types:
        if _alike(known.type, node.field.type):
            names.append(file)
            return
    types.append((node.field, [file]))


def _alike(one: pa.DataType, other: pa.DataType) -> bool:
    """At this very node: what is below it is compared at its own path."""
    nested = pa.types.is_struct, pa.types.is_map, is_list
    return any(is_(one) and is_(other) for is_ in nested) or same_type(one, other, exact=True)


def _of_types(path: str, types: Sequence[tuple[pa.Field, list[str]]]) -> Disagreement:
    """What is odd first, and the type of most files last."""
    most = max(types, key=lambda each: len(each[1]))
    field, names = most
    if len(names) == 1:
        told = [_in_files(*each) for each in types]
    else:
        told = [_in_files(*each) for each in types if each is not most]
        told.append(f"{print_type(field.type)} in the other {len(names)} files")
    return Disagreement(path, f"{path} is {'; '.join(told)}")


def _in_files(field: pa.Field, names: Sequence[str]) -> str:
    return f"{print_type(field.type)} in {_some(names)}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _has_footer(url: str) -> bool:
    try:
        footer(url)
    except (OSError, pa.ArrowException):
        return False
    return True
