"""The port for other machines that scan the files of a relation instead of this one."""

from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.measure import Part
from cst_contracts.engine.rows.plan import Answer, RowPlan, Sent, is_scanned
from cst_contracts.engine.rows.scan import Tallied


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


class Elsewhere(Protocol):
    """Measures files by the same parts as a scan here, and brings back their tallies."""

    @property
    def name(self) -> str:
        """What people are told of it, as in "on the cluster"."""

    def why_here(self, answer: Answer, files: ScannableFiles) -> str | None:
        """Why an answer of the scan is found here; None where the other machines find it."""

    def tallied(self, scan: SharedScan) -> list[Tallied]:
        """One tally for each part or for each need of it, of all rows of all files, or what stood in the
        way."""


def sent(plan: RowPlan, elsewhere: Elsewhere, files: ScannableFiles) -> RowPlan:
    """The plan, with who scans for which of its answers."""
    scanned = [answer for answer in plan.answers if is_scanned(answer)]
    found = {answer.need: elsewhere.why_here(answer, files) for answer in scanned}
    there = frozenset(need for need, why in found.items() if why is None)
    here = {need: why for need, why in found.items() if why is not None}
    return replace(plan, sent=Sent(elsewhere.name, there, here))
