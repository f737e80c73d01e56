"""What took too long is undecided, whatever a check makes of it."""

from typing import Any, ClassVar

import pytest
from msgspec import Struct
from support.answers import Answered

from cst_contracts.checks.check import Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.slow import judge_in_time
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.contract.model import Severity
from cst_contracts.facts import Basis, CouldNotLook, RowCount, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, RowCountNeed

PLACE = Location("contracts/t.yaml", 3, 1)
REASON = "it took longer than the 5 s that a query may take"
SLOW = CouldNotLook(REASON, "t", trouble=Trouble.SLOW)
ROWS = RowCountNeed("t")


def found(observed: str) -> Finding:
    return Finding(FindingCode.TABLE_UNREADABLE, PLACE, "t", "rows", observed, "see the cause")


class Asking(Struct, frozen=True):
    """Asks how many rows there are, and says what it was made to say."""

    verdict: Verdict
    known: bool = False
    id: str = "rows"
    place: Location = PLACE
    group: ClassVar[Group] = Group.VALUES
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = True

    def needs(self) -> tuple[AnyNeed, ...]:
        return (ROWS,)

    def judge(self, answers: Answers) -> Verdict:
        assert (answers.if_asked(ROWS) if self.known else answers[ROWS]) is not None
        return self.verdict


@pytest.mark.parametrize("known", [False, True])
def test_broken_for_it_becomes_undecided(known: bool) -> None:  # noqa: FBT001
    broken = Broken((found(REASON),), Basis.SCAN)

    verdict = judge_in_time(Asking(broken, known), Answered({ROWS: SLOW}))

    assert isinstance(verdict, Undecided)
    assert verdict.cause is None
    assert verdict.finding.code is FindingCode.QUERY_TOO_SLOW
    assert (verdict.finding.place, verdict.finding.observed) == (PLACE, REASON)
    assert "--cst-query-seconds" in verdict.finding.hint
    assert "--query-seconds" in verdict.finding.hint


def test_undecided_for_it_keeps_its_cause() -> None:
    verdict = judge_in_time(
        Asking(Undecided(found(f"v: {REASON}"), Cause("v", "table"))), Answered({ROWS: SLOW})
    )

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
    assert judge_in_time(Asking(verdict), Answered({ROWS: SLOW})) == verdict


@pytest.mark.parametrize(
    "answer", [RowCount(3, Basis.SCAN), CouldNotLook(REASON, "t"), CouldNotLook("gone", "t")]
)
def test_where_nothing_took_too_long_the_check_decides(answer: Any) -> None:
    broken = Broken((found(REASON),), Basis.SCAN)

    assert judge_in_time(Asking(broken), Answered({ROWS: answer})) == broken
