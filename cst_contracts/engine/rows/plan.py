"""What is needed of a relation's rows, and evidence, to the cheapest way that proves each answer.

The plan is a value: it can be read, and tested without data.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.datatypes import child_path, find_node, top_level
from cst_contracts.engine.rows.evidence import Evidence, PathEvidence
from cst_contracts.facts import Basis, SortTerm
from cst_contracts.needs import AnyRowNeed, KeyNeed, NullsNeed, OrderNeed, ReferenceNeed, RuleNeed

#: Types of which equal values have equal hashes. Floats have several zeros and NaNs, and the engine
#: hashes no unsigned integers.
_HASHED = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_signed_integer,
    pa.types.is_boolean,
    pa.types.is_date,
    pa.types.is_timestamp,
)

#: Of the memory that a run may take, what the hashes of all keys may: the engine that reads the rows has
#: been seen to keep more than a gigabyte of what it has freed.
_SHARE_OF_HASHES = 1 / 16
_BYTES_A_HASH = 8


class Proved(Struct, frozen=True):
    """Answered by footers, no row read: `nulls` of `values`. By their schema, where every file declares
    the field REQUIRED, else by their null counts."""

    need: NullsNeed
    basis: Basis
    values: int
    nulls: int = 0


class Scanned(Struct, frozen=True):
    """Answered by the one scan of the relation's files."""

    need: NullsNeed | RuleNeed


class Compared(Struct, frozen=True):
    """Answered by the scan: neighbours are compared by the `terms` that are stored in files. The first
    `prefix` of them make a key that is answered with it; 0: none."""

    need: OrderNeed
    terms: tuple[SortTerm, ...]
    prefix: int = 0


class Hashed(Struct, frozen=True):
    """A key: its 64-bit hashes are gathered in the scan and sorted; equal ones are looked up exactly.

    `flat` keys ride in the one scan, those that reach into lists or structs take a pass of their own.
    No more than `room` hashes are held in memory.
    """

    need: KeyNeed
    flat: bool
    room: int


class Queried(Struct, frozen=True):
    """Answered by a query of its own, which may spill."""

    need: AnyRowNeed
    why: str


class Ordered(Struct, frozen=True):
    """A key that an order, measured in the same scan, begins with: neighbours tell.

    Only where no two files overlap, which the scan finds out; `otherwise` where they do.
    """

    need: KeyNeed
    order: OrderNeed
    otherwise: Hashed


Answer: TypeAlias = Proved | Scanned | Compared | Hashed | Ordered | Queried


class RowPlan(Struct, frozen=True):
    """How all that is needed of one relation is answered. `rows` is what the footers tell, None where
    there are none."""

    relation: str
    answers: tuple[Answer, ...]
    rows: int | None = None

    def __str__(self) -> str:
        return "\n".join((self.relation, *(f"  {line}" for line in _told(self))))


class Scannable(Struct, frozen=True):
    """What the plan must know of a relation of files: the schema its scan shows, and the footers'
    evidence. `memory` is in bytes; `samples` are the violating rows that somebody wants to see.
    `partitions` are fields that stand in folder names: in a file they have one value. `supplied`: the
    project registered the relation."""

    schema: pa.Schema
    evidence: Evidence
    memory: int
    partitions: frozenset[str] = frozenset()
    samples: int = 0
    verify_data: bool = False
    supplied: bool = False


def plan_rows(relation: str, needs: Sequence[AnyRowNeed], scannable: Scannable | None) -> RowPlan:
    """Without files to scan, the engine is asked for each answer."""
    if scannable is None:
        why = "it has no files that can be scanned"
        return RowPlan(relation, tuple(Queried(need, why) for need in needs))
    compared = [
        answer
        for need in needs
        if isinstance(need, OrderNeed) and isinstance(answer := _order(need, scannable), Compared)
    ]
    room = _room(needs, scannable.memory)
    answers = [_answer(need, scannable, compared, room) for need in needs]
    prefixes = {
        answer.order: len(answer.need.paths) for answer in answers if isinstance(answer, Ordered)
    }
    return RowPlan(
        relation,
        tuple(
            replace(answer, prefix=prefixes.get(answer.need, 0))
            if isinstance(answer, Compared)
            else answer
            for answer in answers
        ),
        scannable.evidence.rows,
    )


def _answer(need: AnyRowNeed, scannable: Scannable, compared: list[Compared], room: int) -> Answer:
    match need:
        case NullsNeed(path=path):
            if find_node(scannable.schema, path) is None:
                return Queried(need, "no file has the field")
            if scannable.supplied:
                return Queried(need, "the project's own registration may hide or refuse a null")
            return _proved(need, scannable) or Scanned(need)
        case RuleNeed():
            return Scanned(need)
        case OrderNeed():
            return _order(need, scannable)
        case KeyNeed():
            return _key(need, scannable, compared, room)
        case ReferenceNeed():
            return Queried(need, "it reads two relations")


def _order(need: OrderNeed, scannable: Scannable) -> Compared | Queried:
    terms = tuple(term for term in need.terms if term.field not in scannable.partitions)
    absent = [term.field for term in terms if term.field not in scannable.schema.names]
    if absent:
        return Queried(need, f"no file has {', '.join(absent)}")
    return Compared(need, terms)


def _proved(need: NullsNeed, scannable: Scannable) -> Proved | None:
    found = scannable.evidence.paths.get(need.path)
    if scannable.verify_data or top_level(need.path) in scannable.evidence.mixed:
        return None
    match found:
        case PathEvidence(required=True, values=int(values)) if values:
            return Proved(need, Basis.SCHEMA, values)
        case PathEvidence(values=int(values), nulls=0) if values:
            return Proved(need, Basis.STATISTICS, values)
        case PathEvidence(values=int(values), nulls=int(nulls)) if values and not scannable.samples:
            return Proved(need, Basis.STATISTICS, values, nulls)
        case _:
            return None


def _key(need: KeyNeed, scannable: Scannable, compared: list[Compared], room: int) -> Answer:
    """An order answers for one key; `compared` are those that have none yet."""
    otherwise = _hashed(need, scannable, room)
    if isinstance(otherwise, Queried):
        return otherwise
    for order in compared:
        if _begins_with(order, need):
            compared.remove(order)
            return Ordered(need, order.need, otherwise)
    return otherwise


def _hashed(need: KeyNeed, scannable: Scannable, room: int) -> Hashed | Queried:
    nodes = [find_node(scannable.schema, path) for path in need.paths]
    if any(node is None for node in nodes):
        return Queried(need, "no file has all of its fields")
    if not all(node and _is_hashed(node.field.type) for node in nodes):
        return Queried(need, "equal values of its types need not have equal hashes")
    flat = all(path in _names(scannable.schema) for path in need.paths)
    return Hashed(need, flat, min(room, scannable.evidence.rows) if flat else room)


def _room(needs: Sequence[AnyRowNeed], memory: int) -> int:
    """For the hashes of one key."""
    keys = sum(isinstance(need, KeyNeed) for need in needs)
    return max(1, int(memory * _SHARE_OF_HASHES) // (_BYTES_A_HASH * max(1, keys)))


def _is_hashed(type_: pa.DataType) -> bool:
    return any(test(type_) for test in _HASHED)


def _begins_with(order: Compared, key: KeyNeed) -> bool:
    terms = [child_path("", term.field) for term in order.terms[: len(key.paths)]]
    return set(terms) == set(key.paths)


def _names(schema: pa.Schema) -> frozenset[str]:
    """Of the fields whose path is their name."""
    return frozenset(name for name in schema.names if child_path("", name) == name)


def _told(plan: RowPlan) -> Iterator[str]:
    if read := _read(plan):
        yield f"one scan of {', '.join(read)}"
    for answer in plan.answers:
        yield _told_answer(answer)


def _read(plan: RowPlan) -> list[str]:
    found: dict[str, None] = {}
    for answer in plan.answers:
        match answer:
            case Scanned(need=NullsNeed(path=path)):
                found[top_level(path)] = None
            case Scanned(need=RuleNeed(rule=rule)):
                found[f"what rule[{rule.name}] reads"] = None
            case Compared(terms=terms):
                found.update(dict.fromkeys(term.field for term in terms))
            case Hashed(need=KeyNeed(paths=paths), flat=True):
                found.update(dict.fromkeys(paths))
            case Proved() | Scanned() | Hashed() | Ordered() | Queried():
                pass
    return list(found)


def _told_answer(answer: Answer) -> str:
    match answer:
        case Proved(need=need, basis=Basis.SCHEMA):
            return f"{need}: no row read, REQUIRED in every file"
        case Proved(need=need):
            return f"{need}: no row read, null counts of every footer"
        case Scanned(need=need):
            return f"{need}: in the scan"
        case Compared(need=need):
            return f"{need}: in the scan"
        case Hashed(need=need, flat=True):
            return f"{need}: hashes from the scan, sorted; equal ones looked up"
        case Hashed(need=need):
            return f"{need}: a pass over its hashes, sorted; equal ones looked up"
        case Ordered(need=need, otherwise=otherwise):
            return f"{need}: neighbours in the scan; where files overlap, {_told_answer(otherwise)}"
        case Queried(need=need, why=why):
            return f"{need}: a query of its own, since {why}"
