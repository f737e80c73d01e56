"""What comes of violations that were counted: broken, or kept with a note where they are tolerated."""

from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Finding, Kept
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import NOTHING_TOLERATED, Tolerance
from cst_contracts.facts import Basis, Sample
from cst_contracts.location import Location


class CountedPromise(Protocol):
    """A promise that some of what it is about may break."""

    @property
    def place(self) -> Location: ...

    @property
    def subject(self) -> str: ...

    @property
    def promise(self) -> str:
        """In words, with what is tolerated: `tolerating` says it."""

    @property
    def tolerance(self) -> Tolerance: ...


class Violations(Struct, frozen=True):
    """Exactly `count` of the rows, elements or values that were `looked_at`, and these in words; `code` is
    what they are where they are too many."""

    count: int
    looked_at: int
    observed: str
    code: FindingCode
    samples: tuple[Sample, ...] = ()


def tolerating(promise: str, tolerance: Tolerance) -> str:
    """The promise in words, and how many may break it."""
    if tolerance == NOTHING_TOLERATED:
        return promise
    return f"{promise}; at most {tolerance} may break it"


def judge_count(
    check: CountedPromise,
    found: Violations,
    basis: Basis,
    rows: int,
    notes: tuple[Finding, ...] = (),
) -> Kept | Broken:
    """Of what was looked at, which is not nothing. `rows` and `notes` go into either verdict."""
    if not found.count:
        return Kept(basis, rows, notes)
    observed = f"{found.observed}{_share(found, check.tolerance)}"
    if check.tolerance.allows(found.count, found.looked_at):
        note = finding(check, FindingCode.VIOLATIONS_TOLERATED, check.promise, observed)
        return Kept(basis, rows, (note, *notes), found.count)
    red = finding(check, found.code, check.promise, observed)
    return Broken((red, *notes), basis, rows, found.count, found.samples)


def _share(found: Violations, tolerance: Tolerance) -> str:
    """Where a share is tolerated. What is a little more than that does not read as if it were the same."""
    if tolerance.percent is None:
        return ""
    percent = 100 * found.count / found.looked_at
    rounded = f"{percent:.3g}"
    misleading = Decimal(rounded) == tolerance.percent and not tolerance.allows(
        found.count, found.looked_at
    )
    return f" ({percent:.12g}%)" if misleading else f" ({rounded}%)"
