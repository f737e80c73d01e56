"""Makes the record of a promise: its check and the verdict, as an entry of the manifest."""

from collections.abc import Sequence

from cst_contracts.checks.check import INVALID_CHECK, Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.fields import FieldKept
from cst_contracts.checks.nulls import NoNulls
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.contract.model import Contract, Severity
from cst_contracts.drift.consumers import Affected
from cst_contracts.errors import Problem
from cst_contracts.facts import Basis, RowPlace, Sample
from cst_contracts.report.manifest_file import (
    CauseEntry,
    ConsumerEntry,
    Denominator,
    FindingEntry,
    LookedAt,
    Outcome,
    PromiseRecord,
    SampleEntry,
    WaiverEntry,
)

#: An answer on one of these bases is about rows; on any other, none was looked at.
_OF_ROWS = (Basis.STATISTICS, Basis.SCAN)


def promise_record(
    contract: Contract,
    check: Check,
    verdict: Verdict,
    *,
    failed: bool,
    looked_at: LookedAt | None = None,
    decided_by: Denominator | None = None,
    consumers: Sequence[Affected] = (),
    seconds: float | None = None,
) -> PromiseRecord:
    """`looked_at` says how much the answer covers, where more is known of that than the verdict tells.
    `consumers` are those that a failed promise concerns."""
    finding, basis, rows = first_finding(verdict), _basis(verdict), _rows(verdict)
    leaf = _field_of(check)
    return PromiseRecord(
        id=promise_id(contract.file, check.id),
        contract=contract.file,
        subject=contract.name,
        check=check.id,
        group=check.group,
        outcome=outcome_of(verdict),
        severity=check.severity,
        place=str(finding.place if finding else check.place),
        code=finding.code if finding else None,
        promised=finding.promised if finding else None,
        observed=finding.observed if finding else None,
        basis=basis,
        rows=rows,
        violations=_violations(verdict),
        hint=(finding.hint or None) if finding else None,
        failed=failed,
        samples=tuple(sample_entry(each, leaf) for each in samples_of(verdict)),
        findings=tuple(map(_finding, findings_of(verdict))),
        field=leaf,
        decided_by=decided_by,
        looked_at=looked_at or _covered(basis, rows),
        cause=_cause(verdict),
        hidden_by=None,
        waiver=_waiver(contract, check),
        consumers=tuple(
            ConsumerEntry(name=each.name, owner=each.owner, through=each.through)
            for each in consumers
        ),
        seconds=seconds,
    )


def untold_record(contract: Contract, check: Check, why: str, *, failed: bool) -> PromiseRecord:
    """The record of a promise whose item never came to look."""
    return PromiseRecord(
        id=promise_id(contract.file, check.id),
        contract=contract.file,
        subject=contract.name,
        check=check.id,
        group=check.group,
        outcome=Outcome.UNDECIDED,
        severity=check.severity,
        place=str(check.place),
        code=FindingCode.NOT_CHECKABLE,
        promised="an item that runs",
        observed=why,
        basis=None,
        rows=None,
        violations=None,
        hint=None,
        failed=failed,
        field=_field_of(check),
    )


def invalid_record(file: str, problems: Sequence[Problem]) -> PromiseRecord:
    """The one record of a file whose promises could not be read: each problem is a finding."""
    return PromiseRecord(
        id=promise_id(file, INVALID_CHECK),
        contract=file,
        subject=file,
        check=INVALID_CHECK,
        group=Group.SCHEMA,
        outcome=Outcome.UNDECIDED,
        severity=Severity.ERROR,
        place=str(problems[0].place),
        code=FindingCode.INVALID_CONTRACT,
        promised="a contract of this language",
        observed="\n".join(map(str, problems)),
        basis=None,
        rows=None,
        violations=None,
        hint=None,
        failed=True,
        findings=tuple(_problem(each, file) for each in problems),
    )


def promise_id(file: str, check: str) -> str:
    """The name of a promise in every run, as pytest spells it."""
    return f"{file}::{check}"


def _field_of(check: Check) -> str | None:
    """The path of the field that the promise is about, where it is about one."""
    return check.field.path if isinstance(check, FieldKept | NoNulls) else None


def _finding(finding: Finding) -> FindingEntry:
    return FindingEntry(
        code=finding.code,
        place=str(finding.place),
        subject=finding.subject,
        promised=finding.promised,
        observed=finding.observed,
        hint=finding.hint or None,
    )


def _problem(problem: Problem, file: str) -> FindingEntry:
    return FindingEntry(
        code=FindingCode.INVALID_CONTRACT,
        place=str(problem.place),
        subject=file,
        promised="a contract of this language",
        observed=problem.what,
        hint=problem.instead,
    )


def _covered(basis: Basis | None, rows: int | None) -> LookedAt | None:
    """Statistics answer for rows that nobody has read."""
    if rows is None or basis not in _OF_ROWS:
        return None
    return LookedAt(rows=rows, read=rows if basis is Basis.SCAN else 0)


def _cause(verdict: Verdict) -> CauseEntry | None:
    if isinstance(verdict, Undecided) and verdict.cause is not None:
        return CauseEntry(subject=verdict.cause.table, check=verdict.cause.check)
    return None


def _waiver(contract: Contract, check: Check) -> WaiverEntry | None:
    for each in contract.waivers:
        if each.check == check.id:
            return WaiverEntry(reason=each.reason, owner=each.owner, expires=each.expires)
    return None


def sample_entry(sample: Sample, leaf: str | None = None) -> SampleEntry:
    """A violating row as data; `leaf` is the path that breaks the promise."""
    match sample.place:
        case RowPlace(file=file, row=row):
            return SampleEntry(file=file, row=row, leaf=leaf, values=dict(sample.values))
        case str(file):
            return SampleEntry(file=file, leaf=leaf, values=dict(sample.values))
        case None:
            return SampleEntry(leaf=leaf, values=dict(sample.values))


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
        case Broken(violations=number) | Waived(broken=Broken(violations=number)):
            return number
        case Kept(violations=number):
            return number
        case Undecided() | Vacuous():
            return None
