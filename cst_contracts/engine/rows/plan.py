"""How all that is needed of one relation's rows is answered, as a value that can be read and printed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct, field

from cst_contracts.engine.rows.distinct import DistinctValues
from cst_contracts.engine.rows.evidence import Evidence
from cst_contracts.engine.rows.results import RowFact
from cst_contracts.facts import SortTerm
from cst_contracts.needs import AggregateNeed, AnyRowNeed, KeyNeed, OrderNeed


class Proved(Struct, frozen=True):
    """Answered with no row read, by what `why` tells."""

    need: AnyRowNeed
    fact: RowFact
    why: str


#: Why a promise about bounds is proved.
ENDS = "least and greatest values of every footer"


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


class Enumerated(Struct, frozen=True):
    """Answered with no row looked at by itself: the promise holds for each of so many `combinations` of the
    values that dictionaries list of the `fields`."""

    need: AnyRowNeed
    fact: RowFact
    fields: tuple[str, ...]
    combinations: int


Answer: TypeAlias = Proved | Enumerated | Scanned | Compared | Hashed | Ordered | Queried


class Sent(Struct, frozen=True):
    """Which needs other machines answer, and why they do not answer others. `to` is what people are told of
    these machines, as in "on the cluster". A key that rides on an order is among `needs` where they compare
    the hashes that it may take."""

    to: str
    needs: frozenset[AnyRowNeed]
    here: Mapping[AnyRowNeed, str]


class FromProofs(Struct, frozen=True):
    """Of how many of a relation's files the tallies were `kept` in `folder`, so that nobody had to read
    them. `unkept` is why the others could not be kept there; None where nothing stood in the way."""

    files: int
    kept: int
    folder: str
    unkept: str | None = None

    @property
    def measured(self) -> int:
        return self.files - self.kept

    @property
    def lost(self) -> str:
        """What to tell where something could not be kept."""
        return "" if self.unkept is None else f", which {self.folder} could not keep: {self.unkept}"

    def __str__(self) -> str:
        of_all = f"all {self.files} files" if self.files > 1 else "the one file"
        if not self.measured:
            return f"no row read, proofs of {of_all}"
        if not self.kept:
            return f"in {of_all}{self.lost}"
        few = f"{self.measured} of {self.files} files{self.lost}"
        return f"in {few}; proofs of the other {self.kept}"


class RowPlan(Struct, frozen=True):
    """How each need of one relation is answered. `rows` is what the footers tell, None where there are
    none. `sent` is None where no other machine takes part. `proofs` is what came of looking for proofs, after
    the plan was carried out; empty where none are kept."""

    relation: str
    answers: tuple[Answer, ...]
    rows: int | None = None
    sent: Sent | None = None
    proofs: Mapping[AnyRowNeed, FromProofs] = field(default_factory=dict)

    def scanned_there(self) -> list[Answer]:
        """What other machines scan for."""
        return [each for each in self.answers if self._is_sent(each) and not _meets(each)]

    def met_there(self) -> list[Answer]:
        """For what the keys of all rows meet on other machines."""
        return [each for each in self.answers if self._is_sent(each) and _meets(each)]

    def answered_here(self) -> list[Answer]:
        return [each for each in self.answers if not self._is_sent(each)]

    def is_sent(self, need: AnyRowNeed) -> bool:
        return self.sent is not None and need in self.sent.needs

    def _is_sent(self, answer: Answer) -> bool:
        """A key rides on its order, wherever that is measured."""
        return self.is_sent(answer.order if isinstance(answer, Ordered) else answer.need)

    def __str__(self) -> str:
        return "\n".join((self.relation, *(f"  {line}" for line in _lines(self))))


class Scannable(Struct, frozen=True):
    """What the plan must know of a relation of files: the schema its scan shows, and the footers'
    evidence. `memory` is in bytes; `samples` are the violating rows that somebody wants to see.
    `partitions` are fields that stand in folder names: in a file they have one value. `supplied`: the
    project registered the relation. `distinct` are the values of fields that have few, so far as somebody
    looked; rules can be asked of them in `context`."""

    schema: pa.Schema
    evidence: Evidence
    memory: int
    partitions: frozenset[str] = frozenset()
    samples: int = 0
    verify_data: bool = False
    supplied: bool = False
    distinct: Mapping[str, DistinctValues] = field(default_factory=dict)
    context: SessionContext | None = None


def _meets(answer: Answer) -> bool:
    return isinstance(answer, Hashed | Queried)


def _lines(plan: RowPlan) -> Iterator[str]:
    there = plan.scanned_there()
    here = [each for each in plan.answered_here() if _is_read(each, plan)]
    if plan.sent is not None and there:
        yield f"one scan {plan.sent.to} of {', '.join(_all_read(there))}"
    if read := _all_read(here):
        yield f"one scan{' here' if there else ''} of {', '.join(read)}"
    for answer in plan.answers:
        sent = plan.sent and plan.is_sent(answer.need)
        way = _way_there(answer) if sent else _way(answer, plan.proofs)
        yield f"{answer.need}: {way}{_where(answer, plan.sent)}"


def _all_read(answers: Sequence[Answer]) -> Sequence[str]:
    return list(dict.fromkeys(name for answer in answers for name in _read(answer)))


def _where(answer: Answer, sent: Sent | None) -> str:
    """Nothing where all is answered here."""
    if sent is None or isinstance(answer, Proved | Enumerated | Ordered):
        return ""
    if answer.need in sent.needs:
        return f", {sent.to}"
    why = sent.here.get(answer.need)
    return ", here" if why is None else f", here, since {why}"


def _read(answer: Answer) -> tuple[str, ...]:
    """What the scan reads for an answer."""
    match answer:
        case Scanned(reads=reads):
            return (reads,)
        case Compared(terms=terms):
            return tuple(term.field for term in terms)
        case Hashed(need=KeyNeed(paths=paths), flat=True):
            return paths
        case Proved() | Enumerated() | Hashed() | Ordered() | Queried():
            return ()


def _is_read(answer: Answer, plan: RowPlan) -> bool:
    """Whether rows had to be read for it, so far as anybody knows."""
    found = plan.proofs.get(answer.need)
    return found is None or found.measured > 0


def _way(answer: Answer, proofs: Mapping[AnyRowNeed, FromProofs]) -> str:
    found = proofs.get(answer.need)
    match answer:
        case Proved(why=why):
            return f"no row read, {why}"
        case Enumerated(fields=fields, combinations=combinations):
            different = "different values" if len(fields) == 1 else "combinations of values"
            return f"asked of the {combinations} {different} in the dictionaries of {', '.join(fields)}"
        case Scanned() | Compared() if found is not None:
            return str(found) if not found.measured else f"in the scan, {found}"
        case Scanned() | Compared():
            return "in the scan"
        case Hashed() if found is not None:
            return f"hashes, {found}; equal ones looked up"
        case Hashed(flat=True):
            return "hashes from the scan, sorted; equal ones looked up"
        case Hashed():
            return "a pass over its hashes, sorted; equal ones looked up"
        case Ordered(order=order, otherwise=otherwise):
            neighbours = (
                f"neighbours, {proofs[order]}" if order in proofs else "neighbours in the scan"
            )
            way = f"{otherwise.need}: {_way(otherwise, proofs)}"
            return f"{neighbours}; where files overlap, {way}"
        case Queried() if found is not None and not found.measured:
            return str(found)
        case Queried(why=why):
            if found is not None and found.kept:
                return f"a query of its own, {found}"
            lost = "" if found is None else found.lost
            return f"a query of its own, since {why}{lost}"


def _way_there(answer: Answer) -> str:
    match answer:
        case Hashed():
            return "hashes, grouped; equal ones looked up"
        case Queried(need=AggregateNeed()):
            return "aggregated by each task, and put together by group"
        case Queried():
            return "the keys of both tables, grouped"
        case Ordered(otherwise=otherwise):
            return f"neighbours in the scan; where files overlap, {_way_there(otherwise)}"
        case Proved() | Enumerated() | Scanned() | Compared():
            return _way(answer, {})
