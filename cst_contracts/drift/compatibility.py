"""A change to what it means for a reader of the table, and to the line that tells it."""

import json
from collections.abc import Iterator
from enum import StrEnum

from cst_contracts.drift.changes import (
    Change,
    DeterminismChanged,
    FieldAdded,
    FieldMoved,
    FieldRemoved,
    FunctionAdded,
    FunctionChange,
    FunctionRemoved,
    Metadata,
    MetadataChanged,
    NullabilityChanged,
    OrderingChanged,
    PartitioningChanged,
    SettingChange,
    SettingChanged,
    SettingDeparted,
    SettingRestored,
    SignatureAdded,
    SignatureRemoved,
    TableRenamed,
    TypeChanged,
)
from cst_contracts.facts import Signature


class Compatibility(StrEnum):
    """BREAKING: a reader written before the change may fail, or read something else in silence.

    COMPATIBLE: it reads on as before. COSMETIC: nothing that it reads has changed.
    """

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    COSMETIC = "cosmetic"


_BREAKING = Compatibility.BREAKING
_COMPATIBLE = Compatibility.COMPATIBLE
_COSMETIC = Compatibility.COSMETIC

# What SQL means, which names resolve, which rows and types a file yields.
_MEANING = (
    "datafusion.catalog.",
    "datafusion.execution.enable_ansi_mode",
    "datafusion.execution.listing_table_",
    "datafusion.execution.parquet.binary_as_string",
    "datafusion.execution.parquet.coerce_int96",
    "datafusion.execution.parquet.schema_force_view_types",
    "datafusion.execution.parquet.skip_metadata",
    "datafusion.spark.",
    "datafusion.sql_parser.",
)
# How results and plans are printed.
_DISPLAY = ("datafusion.explain.", "datafusion.format.")

_EXTENSION_NAME = "ARROW:extension:name"


def classify(change: Change) -> Compatibility:
    """What the change means for a reader that holds the schema of before.

    Every change of type breaks, a wider one too: such a reader has no room for the values that the
    wider type was made for, and a narrower one moves where arithmetic overflows. A move breaks: a
    reader by position (UNION, INSERT) gets another field's values and no error.
    """
    match change:
        case TableRenamed() | FieldRemoved() | TypeChanged() | FieldMoved():
            return _BREAKING
        case PartitioningChanged() | FunctionRemoved() | SignatureRemoved():
            return _BREAKING
        case FieldAdded() | FunctionAdded() | SignatureAdded():
            return _COMPATIBLE
        case NullabilityChanged(nullable=nullable):
            return _BREAKING if nullable else _COMPATIBLE
        case DeterminismChanged(deterministic=deterministic):
            return _COMPATIBLE if deterministic else _BREAKING
        case OrderingChanged(before=before, after=after):
            return _COMPATIBLE if after[: len(before)] == before else _BREAKING
        case MetadataChanged(before=before_metadata, after=after_metadata):
            return _metadata_compatibility(before_metadata, after_metadata)
        case SettingChanged(name=name) | SettingDeparted(name=name) | SettingRestored(name=name):
            return _setting_compatibility(name)


def describe(change: Change) -> str:
    """One line: what changed, from what to what, and what that means."""
    return f"{_told(change)} ({classify(change)})"


def _metadata_compatibility(before: Metadata, after: Metadata) -> Compatibility:
    """An extension type is stored in metadata: another name there is another type."""
    same_type = dict(before).get(_EXTENSION_NAME) == dict(after).get(_EXTENSION_NAME)
    return _COSMETIC if same_type else _BREAKING


def _setting_compatibility(name: str) -> Compatibility:
    if name.startswith(_MEANING):
        return _BREAKING
    return _COSMETIC if name.startswith(_DISPLAY) else _COMPATIBLE


def _told(change: Change) -> str:
    match change:
        case TableRenamed(before, after):
            return f"table: {_shown(before)} → {_shown(after)}"
        case PartitioningChanged(before_names, after_names):
            return f"partitioned by: {_listed(before_names)} → {_listed(after_names)}"
        case OrderingChanged(before_terms, after_terms):
            return f"ordered by: {_listed(before_terms)} → {_listed(after_terms)}"
        case FieldAdded() | FieldRemoved() | TypeChanged() | NullabilityChanged():
            return _field_told(change)
        case MetadataChanged(path, before_metadata, after_metadata):
            entries = ", ".join(_entries_told(dict(before_metadata), dict(after_metadata)))
            return f"{_shown(path)}: metadata {entries}"
        case FieldMoved(path, anchor_before, anchor_after):
            return f"{_shown(path)}: moved, {_after(anchor_before)} → {_after(anchor_after)}"
        case SettingDeparted() | SettingRestored() | SettingChanged():
            return _setting_told(change)
        case _:
            return _function_told(change)


def _field_told(change: FieldAdded | FieldRemoved | TypeChanged | NullabilityChanged) -> str:
    path = _shown(change.path)
    match change:
        case FieldAdded(type=type_text, nullable=nullable):
            return f"{path}: absent → {_declared(type_text, nullable=nullable)}"
        case FieldRemoved(type=type_text, nullable=nullable):
            return f"{path}: {_declared(type_text, nullable=nullable)} → absent"
        case TypeChanged(before=before, after=after):
            return f"{path}: {_shown(before)} → {_shown(after)}"
        case NullabilityChanged(nullable=nullable):
            return f"{path}: not null → nullable" if nullable else f"{path}: nullable → not null"


def _function_told(change: FunctionChange) -> str:
    function = f"{_shown(change.kind)} function {_shown(change.name)}"
    match change:
        case FunctionAdded():
            return f"{function}: absent → present"
        case FunctionRemoved():
            return f"{function}: present → absent"
        case DeterminismChanged(deterministic=True):
            return f"{function}: volatile → deterministic"
        case DeterminismChanged():
            return f"{function}: deterministic → volatile"
        case SignatureAdded(signature=signature):
            return f"{function}: gained {_signature(signature)}"
        case SignatureRemoved(signature=signature):
            return f"{function}: lost {_signature(signature)}"


def _setting_told(change: SettingChange) -> str:
    match change:
        case SettingDeparted(name, value):
            return f"setting {_shown(name)}: the engine's default → {_value(value)}"
        case SettingRestored(name, value):
            return f"setting {_shown(name)}: {_value(value)} → the engine's default"
        case SettingChanged(name, before, after):
            return f"setting {_shown(name)}: {_value(before)} → {_value(after)}"


def _declared(type_text: str, *, nullable: bool) -> str:
    return _shown(type_text) if nullable else f"{_shown(type_text)} not null"


def _entries_told(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield f"{_shown(key)}: {_entry(before, key)} → {_entry(after, key)}"


def _entry(metadata: dict[str, str], key: str) -> str:
    return _quoted(metadata[key]) if key in metadata else "absent"


def _after(anchor: str | None) -> str:
    return "first" if anchor is None else f"after {_shown(anchor)}"


def _signature(signature: Signature) -> str:
    arguments = ", ".join(map(_shown, signature.arguments))
    return f"({arguments}) → {_shown(signature.returns or 'unknown')}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(_shown, names)) if names else "nothing"


def _value(value: str | None) -> str:
    return "null" if value is None else _quoted(value)


def _shown(text: str) -> str:
    return text if text and text.isprintable() else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else ascii(text)
