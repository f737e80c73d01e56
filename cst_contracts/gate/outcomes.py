"""Which verdicts make a run fail."""

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Cause, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.contract.model import Severity

#: A waiver that does not hold fails whatever it is about.
_OF_WAIVERS = frozenset({FindingCode.WAIVER_EXPIRED, FindingCode.WAIVER_UNUSED})


def fails(verdict: Verdict, severity: Severity, cause: Cause | None) -> bool:
    """`cause` is the undecided verdict's, where that check runs in this session and will be red for it."""
    match verdict:
        case Kept() | Waived():
            return False
        case Broken(findings=findings):
            waived = any(finding.code in _OF_WAIVERS for finding in findings)
            return waived or severity is Severity.ERROR
        case Vacuous(allowed=allowed):
            return not allowed
        case Undecided():
            return cause is None
