"""Says which rule of the table a change falls under, and so what it means for readers and for writers."""

import re

from cst_contracts.drift.changes import (
    Change,
    ContractAdded,
    ContractRemoved,
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
    FieldChange,
    FieldMoved,
    FieldRemoved,
    FieldRenamed,
    Metadata,
    MetadataChanged,
    NullabilityChanged,
    TypeChanged,
)
from cst_contracts.drift.functions import (
    DeterminismChanged,
    FunctionAdded,
    FunctionChange,
    FunctionRemoved,
    FunctionShadowed,
    FunctionUnshadowed,
    KindChanged,
    ReturnsChanged,
    SignatureAdded,
    SignatureRemoved,
)
from cst_contracts.drift.promise_rules import promise_rule
from cst_contracts.drift.promises import PromiseAdded, PromiseChanged, PromiseRemoved
from cst_contracts.drift.rule import Compatibility, Rule
from cst_contracts.drift.rules import RULES
from cst_contracts.drift.views import (
    CallsChanged,
    DefinitionChanged,
    PlanChanged,
    ReadingChanged,
    ViewAdded,
    ViewChange,
    ViewFieldChanged,
    ViewRemoved,
)
from cst_contracts.drift.widths import holds_all

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
_BELOW_A_MAP = re.compile(r"\{\}\.(key|value)[.\[{]")


def classify(change: Change) -> Compatibility:
    """What the change means for a reader that holds the schema of before.

    Every change of type breaks, a wider one too: such a reader has no room for the values that the
    wider type was made for, and a narrower one moves where arithmetic overflows. A move breaks: a
    reader by position (UNION, INSERT) gets another field's values and no error. Another plan of a view
    breaks: nothing tells that it gives the same rows. A table may be stored or a view, as it likes.
    """
    return rule_of(change).readers


def rule_of(change: Change) -> Rule:
    """The entry of `rules.RULES` for the change."""
    return RULES[_rule_id(change)]


def _rule_id(change: Change) -> str:
    match change:
        case TableRenamed():
            return "table-renamed"
        case ContractAdded():
            return "contract-added"
        case ContractRemoved():
            return "contract-removed"
        case PartitioningChanged():
            return "partitioning-changed"
        case OrderingChanged(before=before, after=after):
            return _ordering_rule(before, after)
        case PromiseAdded(clause=clause):
            return promise_rule(clause, "added")
        case PromiseRemoved(clause=clause):
            return promise_rule(clause, "removed")
        case PromiseChanged(clause=clause, direction=direction):
            return promise_rule(clause, direction)
        case SettingChanged(name=name) | SettingDeparted(name=name) | SettingRestored(name=name):
            return setting_rule(name).id
        case FieldAdded() | FieldRemoved() | FieldRenamed() | FieldMoved() | TypeChanged():
            return _field_rule(change)
        case NullabilityChanged() | MetadataChanged() | ArrowTypeChanged():
            return _field_rule(change)
        case ViewAdded() | ViewRemoved() | ViewFieldChanged() | DefinitionChanged():
            return _view_rule(change)
        case PlanChanged() | CallsChanged() | ReadingChanged():
            return _view_rule(change)
        case FunctionAdded() | FunctionRemoved() | KindChanged() | DeterminismChanged():
            return _function_rule(change)
        case SignatureAdded() | SignatureRemoved() | ReturnsChanged():
            return _function_rule(change)
        case FunctionShadowed() | FunctionUnshadowed():
            return _function_rule(change)


def _ordering_rule(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    if after[: len(before)] == before:
        return "ordering-extended"
    return "ordering-shortened" if before[: len(after)] == after else "ordering-changed"


def _field_rule(change: FieldChange) -> str:
    match change:
        case FieldAdded(path=path) if _BELOW_A_MAP.search(path):
            return "map-field-added"
        case FieldRemoved(path=path) if _BELOW_A_MAP.search(path):
            return "map-field-removed"
        case FieldAdded(nullable=nullable):
            return "field-added" if nullable else "required-field-added"
        case FieldRemoved():
            return "field-removed"
        case FieldRenamed():
            return "field-renamed"
        case FieldMoved():
            return "field-moved"
        case TypeChanged(before=before, after=after):
            return _type_rule(before, after)
        case NullabilityChanged(nullable=nullable):
            return "nullability-loosened" if nullable else "nullability-tightened"
        case MetadataChanged(before=before_metadata, after=after_metadata):
            return _metadata_rule(before_metadata, after_metadata)
        case ArrowTypeChanged():
            return "engine-type-changed"


def _type_rule(before: str, after: str) -> str:
    if holds_all(after, before):
        return "type-widened"
    return "type-narrowed" if holds_all(before, after) else "type-changed"


def _metadata_rule(before: Metadata, after: Metadata) -> str:
    """An extension type is stored in metadata: another name there is another type."""
    same_type = dict(before).get(_EXTENSION_NAME) == dict(after).get(_EXTENSION_NAME)
    return "metadata-changed" if same_type else "extension-changed"


def _view_rule(change: ViewChange) -> str:
    match change:
        case ViewAdded():
            return "view-added"
        case ViewRemoved():
            return "view-removed"
        case ViewFieldChanged(change=field_change):
            return _field_rule(field_change)
        case DefinitionChanged():
            return "view-definition-changed"
        case PlanChanged(before=before, after=after):
            return "plan-changed" if before and after else "stored-or-view"
        case CallsChanged():
            return "calls-changed"
        case ReadingChanged():
            return "reading-changed"


def _function_rule(change: FunctionChange) -> str:
    match change:
        case FunctionAdded():
            return "function-added"
        case FunctionRemoved():
            return "function-removed"
        case SignatureAdded():
            return "signature-added"
        case SignatureRemoved():
            return "signature-removed"
        case KindChanged():
            return "function-kind-changed"
        case ReturnsChanged():
            return "function-returns-changed"
        case DeterminismChanged(deterministic=deterministic):
            return "function-made-deterministic" if deterministic else "function-made-volatile"
        case FunctionShadowed() | FunctionUnshadowed():
            return "function-shadowed"


def setting_rule(name: str) -> Rule:
    if name.startswith(_MEANING):
        return RULES["setting-changed"]
    return RULES["setting-of-display-changed" if name.startswith(_DISPLAY) else "setting-tuned"]


def setting_compatibility(name: str) -> Compatibility:
    return setting_rule(name).readers
