"""Finds the changes between what two versions of a contract promise, beside types, nulls and metadata.

Every clause is compared that a contract may hold, also one that this module does not know by name: what it
promises is told as added, removed or changed.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import fields, replace

from cst_contracts.contract.model import (
    CatalogContract,
    Contract,
    FieldContract,
    NullabilityMode,
    QueryContract,
    SourceContract,
    TableContract,
)
from cst_contracts.drift.limits import bound_direction, said_of_values
from cst_contracts.drift.snapshot import type_text
from cst_contracts.drift.spelling import (
    listed_parts,
    parts,
    spelled,
    without_secrets,
    written_parts,
)
from cst_contracts.drift.tightness import FLAGS, Direction, direction, part_direction
from cst_contracts.location import Location


class PromiseAdded(Struct, frozen=True):
    """`clause` is the clause's key in the contract, `name` says which of its promises."""

    clause: str
    name: str
    promised: str


class PromiseRemoved(Struct, frozen=True):
    clause: str
    name: str
    promised: str


class PromiseChanged(Struct, frozen=True, omit_defaults=True):
    """`gained` and `lost` are of a list of values; they do not count in fingerprints of other changes."""

    clause: str
    name: str
    before: str
    after: str
    direction: Direction
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


PromiseChange: TypeAlias = PromiseAdded | PromiseRemoved | PromiseChanged


class Promise(Struct, frozen=True):
    """One promise of a clause: its parts by their names, in words, and the line that makes it."""

    parts: Mapping[str, object]
    text: str
    place: Location


Promises: TypeAlias = Mapping[tuple[str, str], Promise]

#: Parts of contracts that promise nothing, and those that are compared elsewhere.
_NO_CLAUSES = frozenset(
    {"name", "file", "place", "version", "description", "owner", "fields_place", "preset_place"}
    | {"waivers", "consumers", "evolution", "fields", "views", "metadata", "source"}
)
_NOT_OF_SOURCES = frozenset({"partitioned_by", "ordered_by", "policies", "ignore", "files"})
_NOT_OF_FIELDS = frozenset(
    {"path", "name", "type", "nullable", "children", "metadata", "description", "sensitive"}
    | {"constraints"}
)
_PROMISED = "promised"


def promises(contract: Contract) -> Promises:
    """What the clauses of a contract promise, by clause and name, but for source, fields and views."""
    found = {
        (each.name, name): promise
        for each in fields(contract)
        if each.name not in _NO_CLAUSES
        for name, promise in _of_clause(each.name, getattr(contract, each.name), contract.place)
    }
    queries = contract.queries if isinstance(contract, TableContract) else ()
    return {**found, **dict(each for query in queries for each in _of_output(query))}


def _of_output(query: QueryContract) -> Iterator[tuple[tuple[str, str], Promise]]:
    for field in query.fields:
        for node in field.walk():
            said = {"type": type_text(node.type), "nullable": node.nullable}
            text = said["type"] if node.nullable else f"{said['type']}, nullable: false"
            yield (
                ("query fields", f"{query.name}.{node.path}"),
                Promise(said, str(text), node.place),
            )


def promise_changes(before: Contract, after: Contract) -> Iterator[PromiseChange]:
    yield from _clause_changes(promises(before), promises(after))
    if isinstance(before, TableContract) and isinstance(after, TableContract):
        yield from _source_changes(before.source, after.source)
        yield from _field_changes(before, after)


def _clause_changes(before: Promises, after: Promises) -> Iterator[PromiseChange]:
    for clause, name in sorted(before.keys() | after.keys()):
        was, now = before.get((clause, name)), after.get((clause, name))
        if was is None:
            yield PromiseAdded(clause, name, after[clause, name].text)
        elif now is None:
            yield PromiseRemoved(clause, name, was.text)
        elif was.parts != now.parts:
            went = direction(was.parts, now.parts)
            yield PromiseChanged(clause, name, was.text, now.text, went)


def _of_clause(clause: str, value: Any, place: Location) -> Iterator[tuple[str, Promise]]:
    match value:
        case None | ():
            return
        case CatalogContract():
            shown = {"location": without_secrets(value.location), "format": value.format}
            yield "", Promise(shown, listed_parts(shown), value.place)
            for table in value.tables:
                yield table.name, Promise({}, _PROMISED, table.place)
        case tuple():
            yield from (_of_item(clause, item, place) for item in value)
        case Struct():
            yield (
                "",
                Promise(parts(value), listed_parts(written_parts(value)), place_of(value, place)),
            )
        case _:
            yield "", Promise({clause: value}, spelled(value), place)


#: What tells the items of a list apart that have no name, and the parts that the name stands for.
_NAMES: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "keys": lambda key: ", ".join(key.fields),
        "references": lambda each: f"{', '.join(each.fields)} → {each.table}.{', '.join(each.to)}",
    }
)
_IN_NAMES = MappingProxyType(
    {
        "keys": {"fields"},
        "references": {"fields", "table", "to"},
        "queries": {"name", "fields"},  # whose fields are promises of their own
    }
)


def _of_item(clause: str, item: Any, place: Location) -> tuple[str, Promise]:
    if not isinstance(item, Struct):
        return spelled(item), Promise({}, _PROMISED, place)
    named = clause in _NAMES or "name" in parts(item)
    name = _NAMES[clause](item) if clause in _NAMES else str(getattr(item, "name", spelled(item)))
    in_name = _IN_NAMES.get(clause, {"name"}) if named else parts(item).keys()
    said, written = (
        {part: value for part, value in of(item).items() if part not in in_name}
        for of in (parts, written_parts)
    )
    return name, Promise(said, listed_parts(written) or _PROMISED, place_of(item, place))


def place_of(value: Struct, otherwise: Location) -> Location:
    place = getattr(value, "place", otherwise)
    return place if isinstance(place, Location) else otherwise


def _source_changes(
    before: SourceContract | None, after: SourceContract | None
) -> Iterator[PromiseChange]:
    if before is None or after is None:
        if before is not None:
            yield PromiseRemoved("source", "", _source_text(before))
        if after is not None:
            yield PromiseAdded("source", "", _source_text(after))
        return
    old, new = parts(before), parts(after)
    for name in (name for name in old if name not in _NOT_OF_SOURCES):
        yield from part_changes(f"source {name}", "", name, old[name], new[name])


def _source_text(source: SourceContract) -> str:
    shown = {
        name: without_secrets(str(part)) if name == "location" else part
        for name, part in written_parts(source).items()
        if name not in _NOT_OF_SOURCES
    }
    return listed_parts(shown)


_Said: TypeAlias = Mapping[str, object]
#: A field before and after, with what it says of one part.
_Sides: TypeAlias = tuple[tuple[FieldContract, object], tuple[FieldContract, object]]


def _field_changes(before: TableContract, after: TableContract) -> Iterator[PromiseChange]:
    """Of fields that both have. What all fields below another have from it is told at that one."""
    old, new = dict(_of_fields(before)), dict(_of_fields(after))
    told: dict[str, set[tuple[str, object, object]]] = {
        "": {("nullability", before.nullability, after.nullability)}
    }
    for path, said in old.items():
        if path not in new:
            continue
        differing = {
            (name, value, new[path].said[name])
            for name, value in said.said.items()
            if value != new[path].said[name]
        }
        told[path] = differing
        for name, was, now in sorted(differing - told.get(said.above, set()), key=_by_name):
            sides = (said.field, was), (new[path].field, now)
            changes = part_changes(f"field {name}", path, name, was, now)
            yield from (_with_values(change, sides) for change in changes)


def _by_name(part: tuple[str, object, object]) -> str:
    return part[0]


class _Field(Struct, frozen=True):
    """What a field promises about its values, and the path of the field that it is below."""

    field: FieldContract
    said: _Said
    above: str


def _of_fields(contract: TableContract) -> Iterator[tuple[str, _Field]]:
    for field in contract.fields:
        yield from _of_field(field, "", contract.nullability)


def _of_field(
    field: FieldContract, above: str, mode: NullabilityMode
) -> Iterator[tuple[str, _Field]]:
    said = {name: part for name, part in parts(field).items() if name not in _NOT_OF_FIELDS}
    said |= said_of_values(field.constraints)
    said["nullability"] = field.nullability or mode
    yield field.path, _Field(field, said, above)
    for child in field.children:
        yield from _of_field(child, field.path, mode)


def part_changes(
    clause: str, name: str, part: str, was: object, now: object
) -> Iterator[PromiseChange]:
    """Of one part of a promise, which may be all of it."""
    if was == now:
        return
    old, new = (_shown(part, each) for each in (was, now))
    if part not in FLAGS and was in (None, ()):
        yield PromiseAdded(clause, name, new)
    elif part not in FLAGS and now in (None, ()):
        yield PromiseRemoved(clause, name, old)
    else:
        yield PromiseChanged(clause, name, old, new, part_direction(part, was, now))


def _with_values(change: PromiseChange, sides: _Sides) -> PromiseChange:
    """A change of a field's bounds or of its list of values, with what only the field's type tells."""
    if not isinstance(change, PromiseChanged):
        return change
    key = change.clause.removeprefix("field ")
    went = bound_direction(key, *sides) or change.direction
    (_, was), (_, now) = sides
    if key != "enum" or not isinstance(was, tuple) or not isinstance(now, tuple):
        return replace(change, direction=went)
    gained, lost = (
        tuple(each for each in one if each not in other) for one, other in ((now, was), (was, now))
    )
    return replace(change, direction=went, gained=gained, lost=lost)


def _shown(part: str, value: object) -> str:
    return without_secrets(str(value)) if part == "location" else spelled(value)
