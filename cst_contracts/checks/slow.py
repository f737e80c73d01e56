"""The verdict of a check whose question took longer to answer than a query may take."""

from collections.abc import Set

from msgspec.structs import replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Vacuous, Verdict, Waived

_HINT = (
    "allow more (pytest: `--cst-query-seconds`, command line: `--query-seconds`), or ask less of the engine: "
    "a rule over fewer fields, a view that joins less"
)


def not_waited_for(verdict: Verdict, slow: Set[str]) -> Verdict:
    """What is broken or undecided for nothing but answers that took too long is undecided for that. `slow`
    says why these answers are missing."""
    match verdict:
        case Broken(findings=findings) if _explain(slow, findings):
            return Undecided(_slow(findings[0]))
        case Undecided(finding=found) if _explain(slow, (found,)):
            return replace(verdict, finding=_slow(found))
        case Broken() | Undecided() | Kept() | Vacuous() | Waived():
            return verdict


def _explain(slow: Set[str], findings: tuple[Finding, ...]) -> bool:
    return all(any(reason in each.observed for reason in slow) for each in findings)


def _slow(found: Finding) -> Finding:
    return replace(found, code=FindingCode.QUERY_TOO_SLOW, hint=_HINT)
