"""How all that is needed of one relation's rows is answered, as a value that can be read and printed."""

from collections.abc import Iterator
from typing import TypeAlias

import pyarrow as pa
from msgspec import Struct

from cst_contracts.engine.rows.evidence import Evidence
from cst_contracts.engine.rows.results import RowFact
from cst_contracts.facts import SortTerm
from cst_contracts.needs import AnyRowNeed, KeyNeed, OrderNeed


class Proved(Struct, frozen=True):
    """Answered with no row read, by what `why` tells."""

    need: AnyRowNeed
    fact: RowFact
    why: str


class Scanned(Struct, frozen=True):
    """Answered by the one scan of the relation's files; `reads` says what of a row it looks at."""

    need: AnyRowNeed
    reads: str


class Compared(Struct, frozen=True):
    """Answered by the scan: neighbours are compared by the `terms` that are stored in files."""

    need: OrderNeed
    terms: tuple[SortTerm, ...]


class Hashed(Struct, frozen=True):
    """A key: its 64-bit hashes are gathered in the scan and sorted; equal ones are looked up exactly.

    `flat` keys ride in the one scan, those that reach into lists or structs take a pass of their own.
    No more than `room` hashes are held in memory.
    """

    need: KeyNeed
    flat: bool
    room: int


class Ordered(Struct, frozen=True):
    """A key that an order, measured in the same scan, begins with: neighbours tell.

    They can only where no two files overlap, which the scan finds out; `otherwise` where they do.
    """

    need: KeyNeed
    order: OrderNeed
    otherwise: Hashed


class Queried(Struct, frozen=True):
    """Answered by a query of its own, which may spill."""

    need: AnyRowNeed
    why: str


Answer: TypeAlias = Proved | Scanned | Compared | Hashed | Ordered | Queried


class RowPlan(Struct, frozen=True):
    """How each need of one relation is answered. `rows` is what the footers tell, None where there are
    none."""

    relation: str
    answers: tuple[Answer, ...]
    rows: int | None = None

    def __str__(self) -> str:
        return "\n".join((self.relation, *(f"  {line}" for line in _lines(self))))


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


def _lines(plan: RowPlan) -> Iterator[str]:
    read = dict.fromkeys(name for answer in plan.answers for name in _read(answer))
    if read:
        yield f"one scan of {', '.join(read)}"
    for answer in plan.answers:
        yield f"{answer.need}: {_way(answer)}"


def _read(answer: Answer) -> tuple[str, ...]:
    """What the scan reads for an answer."""
    match answer:
        case Scanned(reads=reads):
            return (reads,)
        case Compared(terms=terms):
            return tuple(term.field for term in terms)
        case Hashed(need=KeyNeed(paths=paths), flat=True):
            return paths
        case Proved() | Hashed() | Ordered() | Queried():
            return ()


def _way(answer: Answer) -> str:
    match answer:
        case Proved(why=why):
            return f"no row read, {why}"
        case Scanned() | Compared():
            return "in the scan"
        case Hashed(flat=True):
            return "hashes from the scan, sorted; equal ones looked up"
        case Hashed():
            return "a pass over its hashes, sorted; equal ones looked up"
        case Ordered(otherwise=otherwise):
            way = f"{otherwise.need}: {_way(otherwise)}"
            return f"neighbours in the scan; where files overlap, {way}"
        case Queried(why=why):
            return f"a query of its own, since {why}"
