"""Makes one schema for data files that hold a field as several types, where that is meant."""

from collections.abc import Callable, Sequence

import pyarrow as pa

from cst_contracts.datatypes import DifferenceKind, type_differences
from cst_contracts.datatypes.nullable import relaxed
from cst_contracts.engine.storage.adapters import FilesOfSchema


def united(
    groups: Sequence[FilesOfSchema], wanted: pa.Schema, allows: Callable[[str, str, str], bool]
) -> pa.Schema | None:
    """All fields of the files, those on whose types they do not agree as `wanted`.

    `allows` is asked of each cast that this takes: the path, the type in some file, and the wanted one. None
    where it refuses one, where nothing is wanted of such a field, or where some of it would not be read.
    """
    fields: list[pa.Field] = []
    for name in dict.fromkeys(name for group in groups for name in group.schema.names):
        found = [group.schema.get_all_field_indices(name) for group in groups]
        if any(len(each) > 1 for each in found):
            return None
        held = [
            group.schema.field(each[0]) for group, each in zip(groups, found, strict=True) if each
        ]
        field = _united(held, wanted, allows)
        if field is None:
            return None
        lacking = len(held) < len(groups) or any(each.nullable for each in held)
        fields.append(field.with_nullable(lacking))
    return pa.schema(fields)


def _united(
    held: Sequence[pa.Field], wanted: pa.Schema, allows: Callable[[str, str, str], bool]
) -> pa.Field | None:
    first = held[0]
    if all(each.type == first.type for each in held):
        return first
    if first.name not in wanted.names:
        return None
    field = relaxed(wanted.field(first.name))
    for each in held:
        for found in type_differences(field.type, each.type, path=first.name):
            casts = found.kind is DifferenceKind.TYPE
            if found.kind is DifferenceKind.EXTRA or (
                casts and not allows(found.path, found.observed, found.promised)
            ):
                return None
    return field
