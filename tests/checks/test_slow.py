"""What took too long is undecided, whatever a check makes of it."""

import pytest

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.slow import not_waited_for
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.facts import Basis, CouldNotLook, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import RowCountNeed

PLACE = Location("contracts/t.yaml", 3, 1)
REASON = "it took longer than the 5 s that a query may take"
SLOW = CouldNotLook(REASON, "t", trouble=Trouble.SLOW)
ROWS = RowCountNeed("t")


def found(observed: str) -> Finding:
    return Finding(FindingCode.TABLE_UNREADABLE, PLACE, "t", "rows", observed, "see the cause")


def test_broken_for_it_becomes_undecided() -> None:
    verdict = not_waited_for(Broken((found(REASON),), Basis.SCAN), {"gone", REASON})

    assert isinstance(verdict, Undecided)
    assert verdict.cause is None
    assert verdict.finding.code is FindingCode.QUERY_TOO_SLOW
    assert (verdict.finding.place, verdict.finding.observed) == (PLACE, REASON)
    assert "--cst-query-seconds" in verdict.finding.hint
    assert "--query-seconds" in verdict.finding.hint


def test_undecided_for_it_keeps_its_cause() -> None:
    undecided = Undecided(found(f"v: {REASON}"), Cause("v", "table"))

    verdict = not_waited_for(undecided, {REASON})

    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("v", "table")
    assert verdict.finding.code is FindingCode.QUERY_TOO_SLOW


@pytest.mark.parametrize(
    "verdict",
    [
        Kept(Basis.SCAN, 3),
        Vacuous(found(REASON), allowed=False, basis=Basis.SCAN),
        Broken((found(REASON), found("no field a")), Basis.SCAN),
        Undecided(found("no field a")),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_something_else_decides_stays(verdict: Verdict) -> None:
    assert not_waited_for(verdict, {REASON}) == verdict
