"""Makes references point at rows that another table has."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from cst_contracts.contract.model import ReferenceContract
from cst_contracts.datatypes import child_path, find_node, top_level
from cst_contracts.proof.choices import Choices
from cst_contracts.proof.columns import Value
from cst_contracts.proof.errors import NoData
from cst_contracts.proof.rows import Rows, Slot

#: Choices below it are the first row: that several references are the same is what rules are often about.
_FIRST = 128


def tuples(rows: Rows, paths: tuple[str, ...]) -> Iterator[tuple[Slot, ...]]:
    """The slots of several paths, those of one row and one element together."""
    deepest, *_ = sorted(([*rows.slots(path)] for path in paths), key=lambda slots: -_depth(slots))
    by_path = [{(slot.row, slot.at): slot for slot in rows.slots(path)} for path in paths]
    for slot in deepest:
        found = [_above(by, slot) for by in by_path]
        if all(each is not None for each in found):
            yield tuple(each for each in found if each is not None)


def _depth(slots: list[Slot]) -> int:
    return max((len(slot.at) for slot in slots), default=0)


def _above(slots: dict[tuple[int, tuple[int, ...]], Slot], slot: Slot) -> Slot | None:
    """The one of the same element, or of the nearest one that it is in."""
    for length in range(len(slot.at), -1, -1):
        found = slots.get((slot.row, slot.at[:length]))
        if found is not None:
            return found
    return None


def referring(
    rows: Rows,
    references: Sequence[ReferenceContract],
    made: Mapping[str, Rows],
    choices: Choices,
) -> None:
    """Puts values that other tables have into the references that are not null.

    Those of more fields come first, and the others keep to what these have put where both share a field.
    """
    put: set[str] = set()
    for reference in sorted(references, key=lambda each: -len(each.fields)):
        own = list(tuples(rows, reference.fields))
        there = targets(made[reference.table], reference.to)
        shared = [number for number, path in enumerate(reference.fields) if path in put]
        for slots, choice in zip(own, choices.bytes(len(own)), strict=True):
            if all(slot.value is not None for slot in slots):
                _point(slots, shared, there, choice)
        put.update(reference.fields)


def _point(
    slots: Sequence[Slot], shared: Sequence[int], there: Sequence[tuple[Value, ...]], choice: int
) -> None:
    """Where no row of the other table has the shared values, the reference is left as it is."""
    fitting = [
        each for each in there if all(each[number] == slots[number].value for number in shared)
    ]
    if fitting:
        chosen = choice % len(fitting) if choice >= _FIRST else 0
        for slot, value in zip(slots, fitting[chosen], strict=True):
            slot.put(value)


def targets(others: Rows, paths: tuple[str, ...]) -> list[tuple[Value, ...]]:
    """The values that a reference to these fields may have."""
    found = [tuple(slot.value for slot in slots) for slots in tuples(others, paths)]
    return [each for each in found if None not in each]


def whole(rows: Rows, paths: tuple[str, ...]) -> Iterator[tuple[Slot, ...]]:
    """The tuples without a null."""
    for slots in tuples(rows, paths):
        if all(slot.value is not None for slot in slots):
            yield slots


def hanging(
    rows: Rows, reference: ReferenceContract, made: Mapping[str, Rows]
) -> list[tuple[Slot, ...]]:
    """The references to nothing."""
    there = {repr(each) for each in targets(made[reference.table], reference.to)}
    return [
        slots
        for slots in whole(rows, reference.fields)
        if repr(tuple(slot.value for slot in slots)) not in there
    ]


def dangling(
    rows: Rows, references: Sequence[ReferenceContract], made: Mapping[str, Rows]
) -> set[int]:
    """The rows with a reference to nothing."""
    return {slots[0].row for reference in references for slots in hanging(rows, reference, made)}


def stranger(rows: Rows, references: Sequence[ReferenceContract]) -> Rows:
    """A table of which nothing is known but what refers to it: a row for each value that it must have."""
    types: dict[str, pa.DataType] = {}
    made: dict[str, dict[str, Value]] = {}
    for reference in references:
        for path, to in zip(reference.fields, reference.to, strict=True):
            node, name = find_node(rows.schema, path), top_level(to)
            if node is None or child_path("", name) != to:
                what = f"no contract of {reference.table} is known, which has {to}"
                raise NoData(f"{reference.place}: {what}")
            types[name] = node.field.type
        for value in targets(rows, reference.fields):
            row = dict(zip(map(top_level, reference.to), value, strict=True))
            made.setdefault(repr(row), row)
    columns = {name: [row.get(name) for row in made.values()] for name in types}
    return Rows(pa.schema(list(types.items())), columns)


def holding(others: Rows, rows: Rows, reference: ReferenceContract) -> Rows:
    """The other table with what it lacks of that which is referred to, each in a row of its own. Where the
    reference leads into lists, it is left as it is."""
    if any(child_path("", top_level(to)) != to for to in reference.to):
        return others
    there = {repr(each) for each in targets(others, reference.to)}
    columns = {name: list(values) for name, values in others.columns.items()}
    for value in targets(rows, reference.fields):
        if repr(value) not in there:
            there.add(repr(value))
            row = dict(zip(map(top_level, reference.to), value, strict=True))
            for name, values in columns.items():
                values.append(row.get(name, values[0] if values else None))
    return Rows(others.schema, columns)
