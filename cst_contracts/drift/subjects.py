"""Says what a change is about: a field, a view, or the whole table."""

from cst_contracts.drift.changes import Change
from cst_contracts.drift.fields import (
    SCHEMA,
    ArrowTypeChanged,
    FieldAdded,
    FieldMoved,
    FieldRemoved,
    FieldRenamed,
    MetadataChanged,
    NullabilityChanged,
    TypeChanged,
)
from cst_contracts.drift.promises import PromiseAdded, PromiseChanged, PromiseRemoved
from cst_contracts.drift.views import (
    CallsChanged,
    DefinitionChanged,
    PlanChanged,
    ViewAdded,
    ViewFieldChanged,
    ViewRemoved,
)


def changed_path(change: Change) -> str | None:
    """The field that a change is about; None where it is about the whole table."""
    match change:
        case FieldAdded(path=path) | FieldRemoved(path=path) | FieldRenamed(path=path):
            return path
        case TypeChanged(path=path) | NullabilityChanged(path=path) | FieldMoved(path=path):
            return path
        case ArrowTypeChanged(path=path) | MetadataChanged(path=path):
            return None if path == SCHEMA else path
        case PromiseAdded() | PromiseRemoved() | PromiseChanged():
            return change.name if change.clause.startswith("field ") else None
        case _:
            return None


def changed_paths(change: Change) -> tuple[str, ...]:
    """The fields that a change is about, those of a key or a reference, too; none: the whole table."""
    promise = PromiseAdded | PromiseRemoved | PromiseChanged
    if isinstance(change, promise) and change.clause in ("keys", "references"):
        return tuple(change.name.partition(" → ")[0].split(", "))
    path = changed_path(change)
    return () if path is None else (path,)


def changed_view(change: Change) -> str | None:
    """The view that a change is about."""
    match change:
        case ViewAdded(name=name) | ViewRemoved(name=name):
            return name
        case ViewFieldChanged(view=view) | DefinitionChanged(view=view):
            return view
        case PlanChanged(view=of) | CallsChanged(view=of):
            return of
        case _:
            return None
