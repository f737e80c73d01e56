"""Finds the consumers whom a change breaks: those of the table, and those of what reads the table."""

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from cst_contracts.contract.model import (
    ConsumerContract,
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    Sql,
    TableContract,
    ViewContract,
)
from cst_contracts.datatypes import leads_to, top_level
from cst_contracts.drift.changes import Change
from cst_contracts.drift.subjects import changed_paths, changed_view


class Affected(Struct, frozen=True):
    """A consumer that reads what changed; `through` is a view, or another table's field, that it reads."""

    name: str
    owner: str
    through: str = ""

    def __str__(self) -> str:
        owner = f" ({self.owner})" if self.owner else ""
        return f"{self.name}{owner}{f' through {self.through}' if self.through else ''}"


def affected(
    change: Change, table: TableContract, others: Iterable[TableContract]
) -> tuple[Affected, ...]:
    """Of a change of `table`, as it was before. `others` are the contracts that may have views of it or
    refer to it."""
    return reading(changed_paths(change), table, others, changed_view(change) or "")


def reading(
    paths: Sequence[str], table: TableContract, others: Iterable[TableContract], view: str = ""
) -> tuple[Affected, ...]:
    """The consumers that read one of these fields, or the view; without fields, those of the whole table, and
    of all that refers to it. What refers to a table has no use for its view."""
    direct = (_affected(each, view) for each in table.consumers if _reads(each, paths))
    further = (
        found
        for other in others
        if other.name != table.name
        for found in (
            *_through_views(other, table, paths),
            *(() if view else _through_references(other, table, paths)),
        )
    )
    return tuple(dict.fromkeys((*direct, *further)))


def readers(table: TableContract, others: Iterable[TableContract]) -> tuple[Affected, ...]:
    """All consumers of a table: its own, and those of views and of tables that refer to it."""
    return reading((), table, others)


def _affected(consumer: ConsumerContract, through: str = "") -> Affected:
    return Affected(consumer.name, consumer.owner, through)


def _reads(consumer: ConsumerContract, paths: Sequence[str]) -> bool:
    """Whoever names no fields reads all of them; and whatever is about no field is about all of them."""
    if not paths or not consumer.reads:
        return True
    return any(_overlap(read, path) for read in consumer.reads for path in paths)


def _overlap(one: str, other: str) -> bool:
    return leads_to(one, other) or leads_to(other, one)


def _through_views(
    other: TableContract, table: TableContract, paths: Sequence[str]
) -> Iterator[Affected]:
    fields = [top_level(path) for path in paths]
    for view in other.views:
        mentions = not fields or any(_mentions(view, field) for field in fields)
        if mentions and _is_view_of(view, table.name):
            yield from (_affected(each, view.name) for each in other.consumers)


def _is_view_of(view: ViewContract, table: str) -> bool:
    match view.definition:
        case Sql(query=query):
            return _words(table) <= _words(query)
        case Expand() | Extract() | Pack() | Flatten() | Explode():
            return view.of == table


def _mentions(view: ViewContract, field: str) -> bool:
    """Whether a view reads a field, as far as its text tells: `SELECT *` reads every one."""
    match view.definition:
        case Sql(query=query):
            return "*" in query or _words(field) <= _words(query)
        case Expand(column=column) | Flatten(column=column) | Explode(column=column):
            return field in (column, *view.keep)
        case Extract(entries=entries):
            return field in (*(column for column, _ in entries), *view.keep)
        case Pack(fields=fields):
            return field in (*fields, *view.keep)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _through_references(
    other: TableContract, table: TableContract, paths: Sequence[str]
) -> Iterator[Affected]:
    """Consumers that read a field whose values have to be those of the changed one; where the whole table
    changed, those of every reference to it."""
    for reference in other.references:
        if reference.table != table.name:
            continue
        for theirs, mine in zip(reference.to, reference.fields, strict=False):
            if not paths or any(_overlap(theirs, path) for path in paths):
                readers = (each for each in other.consumers if _reads(each, (mine,)))
                yield from (_affected(each, f"{other.name}.{mine}") for each in readers)
