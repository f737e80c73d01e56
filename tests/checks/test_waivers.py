"""Verdict and waiver to the verdict that counts."""

from datetime import date, timedelta

import pytest

from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.tables import TablePresent
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Undecided,
    Vacuous,
    Verdict,
    Waived,
)
from cst_contracts.checks.waivers import waive
from cst_contracts.contract.model import WaiverContract
from cst_contracts.facts import Basis
from cst_contracts.location import Location

LAST_DAY = date(2027, 1, 31)
PLACE, WAIVER_PLACE = Location("c.yaml", 1, 1), Location("c.yaml", 9, 5)
CHECK: Check = TablePresent("t", PLACE)
WAIVER = WaiverContract("table", "upstream fix pending", "cst-platform", LAST_DAY, WAIVER_PLACE)
FINDING = Finding(FindingCode.TABLE_MISSING, PLACE, "t", "a table", "nothing")
BROKEN = Broken((FINDING,), Basis.SCHEMA, rows=3, violations=2)
KEPT = Kept(Basis.SCAN, rows=3)
DAYS = [LAST_DAY - timedelta(days=1), LAST_DAY, LAST_DAY + timedelta(days=1)]


@pytest.mark.parametrize("today", DAYS[:2], ids=["before", "last-day"])
def test_a_valid_waiver_excuses_a_broken_promise_and_says_why(today: date) -> None:
    reason = "upstream fix pending (cst-platform, until 2027-01-31)"
    assert waive(CHECK, BROKEN, WAIVER, today) == Waived(BROKEN, reason)


def test_an_expired_waiver_stands_beside_what_is_broken() -> None:
    expired = Finding(
        FindingCode.WAIVER_EXPIRED,
        WAIVER_PLACE,
        "table",
        "a waiver that holds on 2027-02-01",
        "it expired on 2027-01-31",
        "keep the promise, or talk to cst-platform",
    )
    assert waive(CHECK, BROKEN, WAIVER, DAYS[2]) == Broken(
        (FINDING, expired), Basis.SCHEMA, rows=3, violations=2
    )


@pytest.mark.parametrize("today", DAYS, ids=["before", "last-day", "after"])
def test_a_waiver_of_a_kept_promise_is_red_whatever_the_day(today: date) -> None:
    unused = Finding(
        FindingCode.WAIVER_UNUSED,
        WAIVER_PLACE,
        "table",
        "a broken promise to waive",
        "it is kept",
        "delete it",
    )
    assert waive(CHECK, KEPT, WAIVER, today) == Broken((unused,), Basis.SCAN, rows=3)


@pytest.mark.parametrize("today", DAYS, ids=["before", "last-day", "after"])
@pytest.mark.parametrize(
    "verdict",
    [
        Undecided(FINDING, Cause("t", "rows")),
        Undecided(FINDING),
        Vacuous(FINDING, allowed=False, basis=Basis.SCAN),
        Vacuous(FINDING, allowed=True, basis=Basis.SCAN),
        Waived(BROKEN, "already"),
    ],
    ids=["undecided", "without-cause", "vacuous", "allowed", "waived"],
)
def test_a_waiver_excuses_nothing_that_is_not_broken(verdict: Verdict, today: date) -> None:
    assert waive(CHECK, verdict, WAIVER, today) is verdict
