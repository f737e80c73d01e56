"""Records of promises, with as little said as a test is about."""

from msgspec.structs import replace

from cst_contracts.checks.check import Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import Severity
from cst_contracts.report.manifest import manifest_of
from cst_contracts.report.manifest_file import FindingEntry, Manifest, Outcome, PromiseRecord
from cst_contracts.report.observed import Observed

KEPT = PromiseRecord(
    id="contracts/t.yaml::table",
    contract="contracts/t.yaml",
    subject="t",
    check="table",
    group=Group.SCHEMA,
    outcome=Outcome.KEPT,
    severity=Severity.ERROR,
    place="contracts/t.yaml:1:1",
    code=None,
    promised=None,
    observed=None,
    basis=None,
    rows=None,
    violations=None,
    hint=None,
    failed=False,
)


def promise(contract: str, subject: str, check: str, line: int = 1) -> PromiseRecord:
    """A kept one, of a line of a contract file."""
    return replace(
        KEPT,
        id=f"{contract}::{check}",
        contract=contract,
        subject=subject,
        check=check,
        place=f"{contract}:{line}:5",
    )


def finding(line: int = 3, subject: str = "t.a") -> FindingEntry:
    """A null where none is promised."""
    return FindingEntry(
        code=FindingCode.NULL_VALUES,
        place=f"contracts/t.yaml:{line}:5",
        subject=subject,
        promised="no null",
        observed="1 null among 3",
        hint="write `nullable: true`",
    )


def red(field: str, file: str = "contracts/t.yaml", subject: str = "t") -> PromiseRecord:
    """A promise about nulls that is broken and failed."""
    first = finding(subject=f"{subject}.{field}")
    return replace(
        promise(file, subject, f"nulls[{field}]", line=3),
        group=Group.VALUES,
        outcome=Outcome.BROKEN,
        code=first.code,
        promised=first.promised,
        observed=first.observed,
        hint=first.hint,
        failed=True,
        findings=(first,),
        field=field,
    )


def manifest(*records: PromiseRecord) -> Manifest:
    """Of a run that saw no table and no session."""
    return manifest_of({}, Observed(), records)
