"""What can come of a check, as frozen values."""

from typing import TypeAlias

from msgspec import Struct

from cst_contracts.checks.codes import FindingCode
from cst_contracts.facts import Basis, Sample
from cst_contracts.location import Location


class Finding(Struct, frozen=True):
    """One disagreement: the promised and the observed side, and the way out where there is one."""

    code: FindingCode
    place: Location
    subject: str
    promised: str
    observed: str
    hint: str = ""


class Kept(Struct, frozen=True):
    """`notes` are told and not red, such as a flag under `nullability: values`; so are `violations` that the
    contract tolerates."""

    basis: Basis
    rows: int | None = None
    notes: tuple[Finding, ...] = ()
    violations: int | None = None


class Broken(Struct, frozen=True):
    """`samples` are violating rows that somebody asked to see."""

    findings: tuple[Finding, ...]
    basis: Basis
    rows: int | None = None
    violations: int | None = None
    samples: tuple[Sample, ...] = ()


class Cause(Struct, frozen=True):
    """The check that is red for what another could not look at. `table` may be another contract's."""

    table: str
    check: str


class Undecided(Struct, frozen=True):
    """Could not look. Without a cause nothing else is red for it."""

    finding: Finding
    cause: Cause | None = None


class Vacuous(Struct, frozen=True):
    """Nothing was there to look at; `allowed` where that is fine. `rows`: None where no rows count."""

    finding: Finding
    allowed: bool
    basis: Basis
    rows: int | None = 0


class Waived(Struct, frozen=True):
    broken: Broken
    reason: str


Verdict: TypeAlias = Kept | Broken | Undecided | Vacuous | Waived
