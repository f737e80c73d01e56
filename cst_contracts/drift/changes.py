"""What can change in a contract or a snapshot, as one union; and the changes between two snapshots.

Each change is named once, at the place where it happened. `drift/contracts.py` finds those of contracts.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.drift.fields import SCHEMA, FieldChange, MetadataChanged, field_changes
from cst_contracts.drift.functions import FunctionChange, function_changes, shadowing_changes
from cst_contracts.drift.promises import PromiseChange
from cst_contracts.drift.snapshot import SessionSnapshot, Snapshot, TableSnapshot
from cst_contracts.drift.views import ViewChange, query_changes, reading_changes, view_changes
from cst_contracts.errors import SnapshotError


class TableRenamed(Struct, frozen=True):
    before: str
    after: str


class ContractAdded(Struct, frozen=True):
    """A table or a session about which something is promised now, and nothing was before."""

    name: str


class ContractRemoved(Struct, frozen=True):
    """A table or a session about which nothing is promised any more."""

    name: str


class PartitioningChanged(Struct, frozen=True):
    before: tuple[str, ...]
    after: tuple[str, ...]


class OrderingChanged(Struct, frozen=True):
    before: tuple[str, ...]
    after: tuple[str, ...]


class SettingDeparted(Struct, frozen=True):
    """A setting that left the engine's default."""

    name: str
    value: str | None


class SettingRestored(Struct, frozen=True):
    """A setting that went back to the engine's default from `value`."""

    name: str
    value: str | None


class SettingChanged(Struct, frozen=True):
    name: str
    before: str | None
    after: str | None


TableChange: TypeAlias = (
    TableRenamed | FieldChange | PartitioningChanged | OrderingChanged | ViewChange
)
SettingChange: TypeAlias = SettingDeparted | SettingRestored | SettingChanged
ContractChange: TypeAlias = ContractAdded | ContractRemoved | PromiseChange
Change: TypeAlias = TableChange | FunctionChange | SettingChange | ContractChange


def diff(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    """The changes from one snapshot to the next: none where they are equal, and only there.

    Raises SnapshotError where one is of a table and the other of a session.
    """
    match before, after:
        case TableSnapshot(), TableSnapshot():
            return tuple(_table_changes(before, after))
        case SessionSnapshot(), SessionSnapshot():
            return tuple(_session_changes(before, after))
        case _:
            raise SnapshotError(
                "a snapshot of a table and one of a session cannot be compared; "
                "regenerate it with `pytest --snapshot-update`"
            )


def _table_changes(before: TableSnapshot, after: TableSnapshot) -> Iterator[TableChange]:
    if before.table != after.table:
        yield TableRenamed(before.table, after.table)
    yield from field_changes(before.fields, after.fields)
    if before.partitioned_by != after.partitioned_by:
        yield PartitioningChanged(before.partitioned_by, after.partitioned_by)
    if before.ordered_by != after.ordered_by:
        yield OrderingChanged(before.ordered_by, after.ordered_by)
    if before.metadata != after.metadata:
        yield MetadataChanged(SCHEMA, before.metadata, after.metadata)
    yield from query_changes(None, before.query, after.query)
    yield from view_changes(before.views, after.views)
    yield from reading_changes(before.queries, after.queries)


def _session_changes(before: SessionSnapshot, after: SessionSnapshot) -> Iterator[Change]:
    yield from shadowing_changes(before.shadowed, after.shadowed)
    yield from function_changes(before.functions, after.functions)
    yield from setting_changes(dict(before.settings), dict(after.settings))


def setting_changes(
    before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> Iterator[SettingChange]:
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield SettingRestored(name, before[name])
        elif name not in before:
            yield SettingDeparted(name, after[name])
        elif before[name] != after[name]:
            yield SettingChanged(name, before[name], after[name])
