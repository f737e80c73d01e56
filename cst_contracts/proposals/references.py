"""Proposes references: fields whose every value is a key of another table."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from cst_contracts.contract.model import ReferenceContract
from cst_contracts.datatypes import find_node, same_type
from cst_contracts.gate.observer import Observer
from cst_contracts.location import Location
from cst_contracts.needs import ReferenceNeed
from cst_contracts.proposals.keys import is_called_like_a_key
from cst_contracts.proposals.looking import Seen, borne_out
from cst_contracts.proposals.outline import KeyLine, ReferenceLine


class _Target(Struct, frozen=True):
    """A key of one field, which others may refer to."""

    seen: Seen
    path: str


def reference_lines(
    seen: Seen, tables: Sequence[Seen], keys: Mapping[str, Sequence[KeyLine]], observer: Observer
) -> tuple[ReferenceLine, ...]:
    """`keys` are the proven ones, by table. At most one reference for each field: to the table with the most
    rows. Raises Unseen where looking them up takes too long."""
    found: dict[str, ReferenceLine] = {}
    for path, target in _candidates(seen, tables, keys):
        if path not in found and (line := _proven(seen, path, target, observer)) is not None:
            found[path] = line
    return tuple(found.values())


def _candidates(
    seen: Seen, tables: Sequence[Seen], keys: Mapping[str, Sequence[KeyLine]]
) -> Iterator[tuple[str, _Target]]:
    own = {key.fields for key in keys.get(seen.name, ())}
    for target in _targets(tables, keys):
        for path in _called_like(target):
            node = find_node(seen.facts.schema, path)
            there = find_node(target.seen.facts.schema, target.path)
            if target.seen.name == seen.name or node is None or there is None:
                continue
            # Of two tables with the same key, the smaller one may be a part of the other.
            smaller = (path,) not in own or target.seen.rows > seen.rows
            if smaller and same_type(node.field.type, there.field.type):
                yield path, target


def _targets(tables: Sequence[Seen], keys: Mapping[str, Sequence[KeyLine]]) -> Iterator[_Target]:
    for table in sorted(tables, key=lambda each: -each.rows):
        for key in keys.get(table.name, ()):
            if (
                len(key.fields) == 1
                and "[]" not in key.fields[0]
                and is_called_like_a_key(key.fields[0])
            ):
                yield _Target(table, key.fields[0])


def _called_like(target: _Target) -> Iterator[str]:
    """A key `id` is referred to by its table's name, in the singular or as it is."""
    if target.path.lower() != "id":
        yield target.path
        return
    table = target.seen.name.rpartition(".")[2]
    yield f"{table}_{target.path}"
    if table.endswith("s"):
        yield f"{table[:-1]}_{target.path}"


def _proven(seen: Seen, path: str, target: _Target, observer: Observer) -> ReferenceLine | None:
    place = Location(seen.draft.source.told, 1, 1)
    reference = ReferenceContract((path,), target.seen.name, (target.path,), place)
    answer = borne_out(observer, ReferenceNeed(seen.name, reference))
    if answer is None or answer.dangling or not answer.rows:
        return None
    evidence = f"all {answer.rows:,} are there" if answer.rows > 1 else "the one is there"
    return ReferenceLine((path,), target.seen.name, (target.path,), evidence)
