"""What a waiver makes of the verdict of the check that it names."""

from datetime import date

from msgspec.structs import replace

from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.contract.model import WaiverContract


def waive(check: Check, verdict: Verdict, waiver: WaiverContract, today: date) -> Verdict:
    """A valid waiver excuses a broken promise; an expired one, or one for a kept promise, is red itself."""
    match verdict:
        case Broken() if waiver.expires >= today:
            return Waived(verdict, f"{waiver.reason} ({waiver.owner}, until {waiver.expires})")
        case Broken():
            expired = _finding(
                check,
                waiver,
                FindingCode.WAIVER_EXPIRED,
                f"a waiver that holds on {today}",
                f"it expired on {waiver.expires}",
                f"keep the promise, or talk to {waiver.owner}",
            )
            return replace(verdict, findings=(*verdict.findings, expired))
        case Kept(basis=basis, rows=rows):
            unused = _finding(
                check,
                waiver,
                FindingCode.WAIVER_UNUSED,
                "a broken promise to waive",
                "it is kept",
                "delete it",
            )
            return Broken((unused,), basis, rows)
        case Undecided() | Vacuous() | Waived():
            return verdict


def _finding(
    check: Check, waiver: WaiverContract, code: FindingCode, promised: str, observed: str, hint: str
) -> Finding:
    return Finding(code, waiver.place, check.id, promised, observed, hint)
