"""Records of promises, with as little said as a test is about."""

from msgspec.structs import replace

from cst_contracts.checks.check import Group
from cst_contracts.contract.model import Severity
from cst_contracts.report.manifest_file import Outcome, PromiseRecord

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
