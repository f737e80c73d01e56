"""Says what a change means for a reader of the table: whether it breaks, or reads on as before."""

from enum import StrEnum

from cst_contracts.drift.changes import (
    Change,
    OrderingChanged,
    PartitioningChanged,
    SettingChanged,
    SettingDeparted,
    SettingRestored,
    TableRenamed,
)
from cst_contracts.drift.fields import (
    ArrowTypeChanged,
    FieldAdded,
    FieldMoved,
    FieldRemoved,
    Metadata,
    MetadataChanged,
    NullabilityChanged,
    TypeChanged,
)
from cst_contracts.drift.functions import (
    DeterminismChanged,
    FunctionAdded,
    FunctionRemoved,
    FunctionShadowed,
    FunctionUnshadowed,
    KindChanged,
    ReturnsChanged,
    SignatureAdded,
    SignatureRemoved,
)
from cst_contracts.drift.views import (
    CallsChanged,
    PlanChanged,
    ViewAdded,
    ViewFieldChanged,
    ViewRemoved,
)


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
    reader by position (UNION, INSERT) gets another field's values and no error. Another plan of a view
    breaks: nothing tells that it gives the same rows. A table may be stored or a view, as it likes.
    """
    match change:
        case TableRenamed() | FieldRemoved() | TypeChanged() | FieldMoved():
            return _BREAKING
        case PartitioningChanged() | FunctionRemoved() | SignatureRemoved() | KindChanged():
            return _BREAKING
        case ReturnsChanged() | FunctionShadowed() | FunctionUnshadowed():
            return _BREAKING
        case ViewRemoved():
            return _BREAKING
        case PlanChanged(before=before, after=after):
            return _BREAKING if before and after else _COMPATIBLE
        case FieldAdded() | FunctionAdded() | SignatureAdded() | ViewAdded():
            return _COMPATIBLE
        case CallsChanged():
            return _COMPATIBLE
        case ArrowTypeChanged():
            return _COSMETIC
        case ViewFieldChanged(change=field_change):
            return classify(field_change)
        case NullabilityChanged(nullable=nullable):
            return _BREAKING if nullable else _COMPATIBLE
        case DeterminismChanged(deterministic=deterministic):
            return _COMPATIBLE if deterministic else _BREAKING
        case OrderingChanged(before=before, after=after):
            return _COMPATIBLE if after[: len(before)] == before else _BREAKING
        case MetadataChanged(before=before_metadata, after=after_metadata):
            return _metadata_compatibility(before_metadata, after_metadata)
        case SettingChanged(name=name) | SettingDeparted(name=name) | SettingRestored(name=name):
            return setting_compatibility(name)


def _metadata_compatibility(before: Metadata, after: Metadata) -> Compatibility:
    """An extension type is stored in metadata: another name there is another type."""
    same_type = dict(before).get(_EXTENSION_NAME) == dict(after).get(_EXTENSION_NAME)
    return _COSMETIC if same_type else _BREAKING


def setting_compatibility(name: str) -> Compatibility:
    if name.startswith(_MEANING):
        return _BREAKING
    return _COSMETIC if name.startswith(_DISPLAY) else _COMPATIBLE
