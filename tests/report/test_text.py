"""Findings and problems to text for a person."""

import pytest
from msgspec.structs import replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Finding
from cst_contracts.errors import InvalidContract, Problem
from cst_contracts.location import Location
from cst_contracts.report.text import quoted_line, told_findings, told_problems

SOURCE = ["table: t", "fields:", "  - {name: a, type: int64, nullable: false}   "]
PLACE = Location("contracts/t.yaml", 3, 5)
NULLS = Finding(
    FindingCode.NULL_VALUES, PLACE, "t.a", "no null", "7 nulls among 9", "look upstream"
)
MISSING = Finding(FindingCode.FIELD_MISSING, PLACE, "t.a", "a: int64", "absent; there are b")


def test_a_finding_is_told_in_short_then_with_its_line_both_sides_and_the_way_out() -> None:
    assert told_findings([NULLS], SOURCE) == (
        "[null-values] t.a: 7 nulls among 9\n"
        "contracts/t.yaml:3:5\n"
        "    3 |   - {name: a, type: int64, nullable: false}\n"
        "    promised: no null\n"
        "    observed: 7 nulls among 9\n"
        "    hint:     look upstream"
    )


def test_without_a_hint_there_is_no_hint_line() -> None:
    assert "hint:" not in told_findings([MISSING], SOURCE)


def test_several_findings_are_told_one_after_the_other() -> None:
    together = told_findings([MISSING, NULLS], SOURCE)
    assert together == f"{told_findings([MISSING], SOURCE)}\n{told_findings([NULLS], SOURCE)}"
    assert told_findings([], SOURCE) == ""


def test_findings_that_differ_in_the_observed_side_only_share_the_rest() -> None:
    assert told_findings([NULLS, replace(NULLS, observed="and more")], SOURCE) == (
        "[null-values] t.a: 7 nulls among 9\n"
        "[null-values] t.a: and more\n"
        "contracts/t.yaml:3:5\n"
        "    3 |   - {name: a, type: int64, nullable: false}\n"
        "    promised: no null\n"
        "    observed: 7 nulls among 9\n"
        "    observed: and more\n"
        "    hint:     look upstream"
    )


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_line_that_the_file_does_not_have_is_not_quoted(number: int) -> None:
    assert list(quoted_line(number, SOURCE)) == []


def test_a_file_that_changed_under_the_run_is_still_told_by_its_place() -> None:
    told = told_findings([MISSING], []).splitlines()
    assert told[1:3] == ["contracts/t.yaml:3:5", "    promised: a: int64"]


@pytest.mark.parametrize(("count", "told"), [(1, "1 problem;"), (2, "2 problems;")])
def test_an_ill_formed_file_is_told_with_every_problem_and_its_line(count: int, told: str) -> None:
    problems = [
        Problem(Location("contracts/t.yaml", line, 1), "a wrong key", "remove it")
        for line in range(1, count + 1)
    ]
    head, *lines = told_problems(InvalidContract(problems).problems, SOURCE).splitlines()
    assert head == f"[invalid-contract] {told} none of this file's promises could be read"
    assert lines[:2] == [
        "contracts/t.yaml:1:1: a wrong key; remove it",
        "    1 | table: t",
    ]
    assert len(lines) == 2 * count
