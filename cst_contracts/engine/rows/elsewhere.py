"""The port for other machines that read the files of relations instead of this one."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.contract.model import AggregateContract
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.measure import Part
from cst_contracts.engine.rows.plan import (
    Answer,
    Compared,
    Enumerated,
    Hashed,
    Ordered,
    Proved,
    Queried,
    RowPlan,
    Scanned,
    Sent,
)
from cst_contracts.engine.rows.scan import Tallied
from cst_contracts.facts import AggregateCount, CouldNotLook, KeyCount, ReferenceCount
from cst_contracts.needs import AggregateNeed, AnyRowNeed, ReferenceNeed

#: The files of the table that a reference points at; None where these alone are not its rows.
Referred: TypeAlias = Callable[[ReferenceNeed], ScannableFiles | None]


class SharedScan(Struct, frozen=True):
    """One scan that several machines share. `files` show no more than the scan looks at; `relation` is the
    name of the table that they are of. `parts` are made of `answers`, and look for `samples` violating rows.
    `rows` is how many the footers tell."""

    files: ScannableFiles
    relation: str
    answers: tuple[Answer, ...]
    parts: tuple[Part, ...]
    samples: int
    rows: int | None


class KeysOf(Struct, frozen=True):
    """The keys at `paths` in the files of a relation. `rows` is how many there have to be, with those that
    have a null; None where footers do not tell it."""

    files: ScannableFiles
    relation: str
    paths: tuple[str, ...]
    rows: int | None = None


class GroupsOf(Struct, frozen=True):
    """The groups that an aggregate is asked of, in the files of a relation. `rows` is how many there have to
    be; None where footers do not tell it."""

    files: ScannableFiles
    relation: str
    aggregate: AggregateContract
    rows: int | None


class Elsewhere(Protocol):
    """Measures files by the same parts as a scan here, and lets the keys and groups of all rows meet.
    Violating rows are told by their places, as the engine knows their files."""

    @property
    def name(self) -> str:
        """What people are told of it, as in "on the cluster"."""

    def why_here(self, answer: Answer, files: ScannableFiles, referred: Referred) -> str | None:
        """Why an answer is found here; None where the other machines find it."""

    def tallied(self, scan: SharedScan) -> list[Tallied]:
        """One tally for each part or for each need of it, of all rows of all files, or what stood in the
        way."""

    def rows_read(
        self, files: ScannableFiles, relation: str, fields: tuple[str, ...]
    ) -> int | CouldNotLook:
        """How many rows there are, of which all that is stored of these fields was read."""

    def key_count(self, keys: KeysOf, samples: int) -> KeyCount | CouldNotLook:
        """How many rows share their key with another."""

    def reference_count(
        self, here: KeysOf, there: KeysOf, samples: int
    ) -> ReferenceCount | CouldNotLook:
        """How many rows `here` have a key that no row `there` has."""

    def aggregate_count(self, groups: GroupsOf) -> AggregateCount | CouldNotLook:
        """Of how many groups the aggregate is not true."""


def sent(plan: RowPlan, elsewhere: Elsewhere, files: ScannableFiles, referred: Referred) -> RowPlan:
    """The plan, with who finds which of its answers."""
    there: set[AnyRowNeed] = set()
    here: dict[AnyRowNeed, str] = {}
    for answer in (each for planned in plan.answers for each in _reading(planned)):
        why = elsewhere.why_here(answer, files, referred)
        if why is None:
            there.add(answer.need)
        else:
            here[answer.need] = why
    return replace(plan, sent=Sent(elsewhere.name, frozenset(there), here))


def _reading(answer: Answer) -> Iterator[Answer]:
    """What of it reads rows of files, and has not told yet why it is done here."""
    match answer:
        case Ordered(otherwise=otherwise):
            yield otherwise
        case Scanned() | Compared() | Hashed():
            yield answer
        case Queried(need=need):
            if isinstance(need, ReferenceNeed | AggregateNeed):
                yield answer
        case Proved() | Enumerated():
            pass
