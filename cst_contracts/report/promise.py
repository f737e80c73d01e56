"""Check and verdict to one flat record: what the summary counts and the manifest lists."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from cst_contracts.checks.check import INVALID_CHECK, Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.contract.model import Contract
from cst_contracts.errors import Problem
from cst_contracts.facts import Basis, RowPlace, Sample


class Outcome(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    UNDECIDED = "undecided"
    VACUOUS = "vacuous"
    WAIVED = "waived"


class PromiseRecord(Struct, frozen=True):
    """Strings, numbers and tuples of strings only: it crosses from xdist's workers to the controller.

    `subject` is the contract's table, or its session. `rows` is None where no row was looked at.
    `hidden_by`: the mark or fixture of the project that kept the promise from being looked at, or from
    being red.
    """

    contract: str
    subject: str
    check: str
    group: str
    outcome: str
    severity: str
    place: str
    code: str | None = None
    promised: str | None = None
    observed: str | None = None
    basis: str | None = None
    rows: int | None = None
    violations: int | None = None
    hint: str | None = None
    failed: bool = False
    hidden_by: str | None = None
    samples: tuple[str, ...] = ()


def promise_record(
    contract: Contract, check: Check, verdict: Verdict, *, failed: bool
) -> PromiseRecord:
    finding, basis = first_finding(verdict), _basis(verdict)
    return PromiseRecord(
        contract=contract.file,
        subject=contract.name,
        check=check.id,
        group=check.group.value,
        outcome=outcome_of(verdict).value,
        severity=check.severity.value,
        place=str(finding.place if finding else check.place),
        code=finding.code.value if finding else None,
        promised=finding.promised if finding else None,
        observed=finding.observed if finding else None,
        basis=None if basis is None else basis.value,
        rows=_rows(verdict),
        violations=_violations(verdict),
        hint=(finding.hint or None) if finding else None,
        failed=failed,
        samples=tuple(map(told_sample, samples_of(verdict))),
    )


def untold_record(contract: Contract, check: Check, why: str, *, failed: bool) -> PromiseRecord:
    """Of a promise whose item never came to look."""
    return PromiseRecord(
        contract=contract.file,
        subject=contract.name,
        check=check.id,
        group=check.group.value,
        outcome=Outcome.UNDECIDED.value,
        severity=check.severity.value,
        place=str(check.place),
        code=FindingCode.NOT_CHECKABLE.value,
        promised="an item that runs",
        observed=why,
        failed=failed,
    )


def outcome_of(verdict: Verdict) -> Outcome:
    match verdict:
        case Kept():
            return Outcome.KEPT
        case Broken():
            return Outcome.BROKEN
        case Undecided():
            return Outcome.UNDECIDED
        case Vacuous():
            return Outcome.VACUOUS
        case Waived():
            return Outcome.WAIVED


def findings_of(verdict: Verdict) -> tuple[Finding, ...]:
    match verdict:
        case Kept(notes=notes):
            return notes
        case Broken(findings=findings) | Waived(broken=Broken(findings=findings)):
            return findings
        case Undecided(finding=finding) | Vacuous(finding=finding):
            return (finding,)


def samples_of(verdict: Verdict) -> tuple[Sample, ...]:
    match verdict:
        case Broken(samples=samples) | Waived(broken=Broken(samples=samples)):
            return samples
        case Kept() | Undecided() | Vacuous():
            return ()


def told_sample(sample: Sample) -> str:
    return _told_place(sample) + ", ".join(f"{name}={value}" for name, value in sample.values)


def _told_place(sample: Sample) -> str:
    match sample.place:
        case RowPlace(file=file, row=row):
            return f"{file}, row {row}: "
        case str(file):
            return f"{file}: "
        case None:
            return ""


def first_finding(verdict: Verdict) -> Finding | None:
    return next(iter(findings_of(verdict)), None)


def _basis(verdict: Verdict) -> Basis | None:
    match verdict:
        case Kept(basis=basis) | Broken(basis=basis) | Vacuous(basis=basis):
            return basis
        case Waived(broken=broken):
            return broken.basis
        case Undecided():
            return None


def _rows(verdict: Verdict) -> int | None:
    match verdict:
        case Kept(rows=rows) | Broken(rows=rows) | Vacuous(rows=rows):
            return rows
        case Waived(broken=broken):
            return broken.rows
        case Undecided():
            return None


def _violations(verdict: Verdict) -> int | None:
    match verdict:
        case Broken(violations=violations) | Waived(broken=Broken(violations=violations)):
            return violations
        case Kept() | Undecided() | Vacuous():
            return None


def invalid_record(file: str, problems: Sequence[Problem]) -> PromiseRecord:
    """Of a file whose promises could not be read."""
    return PromiseRecord(
        contract=file,
        subject=file,
        check=INVALID_CHECK,
        group="schema",
        outcome=Outcome.UNDECIDED.value,
        severity="error",
        place=str(problems[0].place),
        code=FindingCode.INVALID_CONTRACT.value,
        promised="a contract of this language",
        observed="\n".join(map(str, problems)),
        failed=True,
    )
