"""Finds the changes between the views of two snapshots."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.drift.fields import FieldChange, field_changes
from cst_contracts.drift.snapshot import QuerySnapshot, ReaderSnapshot, ViewSnapshot


class ViewAdded(Struct, frozen=True):
    name: str


class ViewRemoved(Struct, frozen=True):
    name: str


class ViewFieldChanged(Struct, frozen=True):
    view: str
    change: FieldChange


class PlanChanged(Struct, frozen=True):
    """A query that is planned otherwise: its logical plan before and now, a line each.

    `view` is None for the query that the table itself is; a stored table has none.
    """

    view: str | None
    before: tuple[str, ...]
    after: tuple[str, ...]


class DefinitionChanged(Struct, frozen=True):
    """A view that its contract defines otherwise: its definition before and now, as text."""

    view: str
    before: str
    after: str


class CallsChanged(Struct, frozen=True):
    """A query that calls other functions than before. `view` is None for the table itself."""

    view: str | None
    before: tuple[str, ...]
    after: tuple[str, ...]


class ReadingChanged(Struct, frozen=True):
    """A reader's query that scans other fields or calls other functions, or that came or went, which is None
    on the other side."""

    query: str
    before: ReaderSnapshot | None
    after: ReaderSnapshot | None


QueryChange: TypeAlias = PlanChanged | CallsChanged
ViewChange: TypeAlias = (
    ViewAdded | ViewRemoved | ViewFieldChanged | DefinitionChanged | QueryChange | ReadingChanged
)


def reading_changes(
    before: Iterable[ReaderSnapshot], after: Iterable[ReaderSnapshot]
) -> Iterator[ReadingChanged]:
    old, new = ({query.name: query for query in queries} for queries in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield ReadingChanged(name, old.get(name), new.get(name))


def view_changes(
    before: Iterable[ViewSnapshot], after: Iterable[ViewSnapshot]
) -> Iterator[ViewChange]:
    old, new = ({view.name: view for view in views} for views in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield ViewRemoved(name)
        elif name not in old:
            yield ViewAdded(name)
        else:
            for change in field_changes(old[name].fields, new[name].fields):
                yield ViewFieldChanged(name, change)
            yield from query_changes(name, old[name].query, new[name].query)


def query_changes(
    view: str | None, before: QuerySnapshot, after: QuerySnapshot
) -> Iterator[QueryChange]:
    if before.functions != after.functions:
        yield CallsChanged(view, before.functions, after.functions)
    if before.plan != after.plan:
        yield PlanChanged(view, before.plan, after.plan)
