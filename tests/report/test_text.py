"""Findings and problems, told as text for a person."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Verdict, Waived
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract, Problem
from cst_contracts.facts import Basis, RowPlace, Sample
from cst_contracts.location import Location
from cst_contracts.report.text import (
    first_line,
    quoted_line,
    told_problems,
    told_sample,
    told_verdict,
    unhinted,
)

SOURCE = ["table: t", "fields:", "  - {name: a, type: int64, nullable: false}   "]
PLACE = Location("contracts/t.yaml", 3, 5)
NULLS = Finding(
    FindingCode.NULL_VALUES, PLACE, "t.a", "no null", "7 nulls among 9", "look upstream"
)
MISSING = Finding(FindingCode.FIELD_MISSING, PLACE, "t.a", "a: int64", "absent; there are b")
ROWS = tuple(Sample(RowPlace("part-0.parquet", row), (("a", str(row)),)) for row in range(5))


def told_findings(findings: Sequence[Finding], source: Sequence[str]) -> str:
    return told_verdict(Broken(tuple(findings), Basis.SCHEMA), source)


ASKING = "    rows:     `--cst-samples N` shows N of them, without sensitive fields"


def test_a_finding_is_told_in_short_then_with_the_promise_its_line_and_the_way_out() -> None:
    assert told_findings([NULLS], SOURCE) == (
        "[null-values] t.a: 7 nulls among 9\n"
        "    promised: no null\n"
        "contracts/t.yaml:3:5\n"
        "    3 |   - {name: a, type: int64, nullable: false}\n"
        "    hint:     look upstream"
    )


def test_without_a_hint_the_command_that_explains_the_code_is_named_once() -> None:
    other = replace(MISSING, promised="b: int64")
    explained = "    hint:     `cst-contracts explain field-missing`"
    told = told_findings([MISSING, other], SOURCE).splitlines()
    assert [line for line in told if "hint:" in line] == [explained]
    verdict = Broken((MISSING, NULLS), Basis.SCHEMA)
    assert unhinted(verdict) == {FindingCode.FIELD_MISSING}
    assert explained not in told_verdict(verdict, SOURCE, explained=unhinted(verdict))


def test_several_findings_are_told_one_after_the_other() -> None:
    together = told_findings([MISSING, NULLS], SOURCE)
    assert together == f"{told_findings([MISSING], SOURCE)}\n{told_findings([NULLS], SOURCE)}"
    assert told_findings([], SOURCE) == ""


def test_findings_that_differ_in_the_observed_side_only_share_the_rest() -> None:
    alike = [NULLS, replace(NULLS, observed="and more"), replace(NULLS, observed="and still more")]
    assert told_findings(alike, SOURCE) == (
        "[null-values] t.a: 7 nulls among 9; and 2 more\n"
        "    and:      and more\n"
        "    and:      and still more\n"
        "    promised: no null\n"
        "contracts/t.yaml:3:5\n"
        "    3 |   - {name: a, type: int64, nullable: false}\n"
        "    hint:     look upstream"
    )


@pytest.mark.parametrize(
    ("observed", "short", "below"),
    [
        ("x" * 120, "x" * 120, []),
        ("x" * 121, f"{'x' * 119}…", [f"    observed: {'x' * 121}"]),
        ("one\ntwo\n", "one …", ["    observed: one", "              two", ""]),
    ],
    ids=["fits", "long", "several lines"],
)
def test_what_no_line_holds_is_cut_in_the_first_and_told_whole_below(
    observed: str, short: str, below: list[str]
) -> None:
    head, *lines = told_findings([replace(MISSING, observed=observed)], SOURCE).split("\n")
    assert head == f"[field-missing] t.a: {short}"
    assert lines[: len(below)] == below
    assert lines[len(below)] == "    promised: a: int64"


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_line_that_the_file_does_not_have_is_not_quoted(number: int) -> None:
    assert list(quoted_line(number, SOURCE)) == []


def test_a_file_that_changed_under_the_run_is_still_told_by_its_place() -> None:
    told = told_findings([MISSING], []).splitlines()
    assert told[1:] == [
        "    promised: a: int64",
        "contracts/t.yaml:3:5",
        "    hint:     `cst-contracts explain field-missing`",
    ]


@pytest.mark.parametrize(
    ("clauses", "told"),
    [
        ("", ""),
        ("owner: platform\n", " (owner: platform)"),
        ("version: 1.2.0\n", " (version 1.2.0)"),
        ("owner: platform\nversion: 1.2.0\n", " (version 1.2.0, owner: platform)"),
    ],
)
def test_whose_contract_it_is_stands_beside_its_place(clauses: str, told: str) -> None:
    text = f"table: t\n{clauses}fields: [{{name: a, type: int64}}]\n".encode()
    contract = parse_contract(text, "contracts/t.yaml")
    lines = told_verdict(Undecided(MISSING), SOURCE, contract).splitlines()
    assert lines[2] == f"contracts/t.yaml:3:5{told}"


def test_rows_are_named_without_their_values_and_how_to_see_them_is_said() -> None:
    broken = Broken((NULLS,), Basis.SCAN, rows=9, violations=5, samples=ROWS)
    for verdict in (broken, Waived(broken, "later")):
        assert told_verdict(verdict, SOURCE).splitlines()[-4:] == [
            "    row:      part-0.parquet, row 0",
            "    row:      part-0.parquet, row 1",
            "    row:      part-0.parquet, row 2",
            ASKING,
        ]


def test_rows_that_were_asked_for_come_with_their_values() -> None:
    broken = Broken((NULLS,), Basis.SCAN, rows=9, violations=5, samples=ROWS)
    told = told_verdict(broken, SOURCE, samples=5).splitlines()
    assert told[-5:] == [f"    row:      part-0.parquet, row {row}: a={row}" for row in range(5)]


@pytest.mark.parametrize(
    ("verdict", "asks"),
    [
        (Broken((NULLS,), Basis.SCAN, rows=9, violations=5), True),
        (Broken((NULLS,), Basis.STATISTICS, rows=9, violations=5), True),
        (Broken((MISSING,), Basis.SCHEMA), False),
        (Broken((MISSING,), Basis.SCHEMA, violations=2), False),
        (Undecided(MISSING), False),
        (Kept(Basis.SCAN, 9, (NULLS,)), False),
    ],
)
def test_samples_are_offered_where_rows_break_the_promise(verdict: Verdict, *, asks: bool) -> None:
    assert (ASKING in told_verdict(verdict, SOURCE).splitlines()) is asks
    assert ASKING not in told_verdict(verdict, SOURCE, samples=1)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (RowPlace("p=1/part-0.parquet", 7), "p=1/part-0.parquet, row 7: a=1, b=NULL"),
        ("part-0.csv", "part-0.csv: a=1, b=NULL"),
        (None, "a=1, b=NULL"),
    ],
)
def test_a_row_is_told_with_as_much_of_its_place_as_is_known(
    place: RowPlace | str | None, told: str
) -> None:
    assert told_sample(Sample(place, (("a", "1"), ("b", "NULL")))) == told


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, ""), (2, ", and 1 more problem"), (3, ", and 2 more problems")],
)
def test_an_ill_formed_file_is_told_with_every_problem_and_its_line(count: int, told: str) -> None:
    problems = [
        Problem(Location("contracts/t.yaml", line, 1), "a wrong key", "remove it")
        for line in range(1, count + 1)
    ]
    text = told_problems(InvalidContract(problems).problems, SOURCE)
    head, none, *lines = text.splitlines()
    assert head == first_line(text) == f"[invalid-contract] a wrong key{told}"
    assert none == "none of this file's promises could be read"
    assert lines[:2] == [
        "contracts/t.yaml:1:1: a wrong key; remove it",
        "    1 | table: t",
    ]
    assert len(lines) == 2 * count
