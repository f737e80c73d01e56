"""Promise records, summed up for a terminal."""

import pytest
from msgspec.structs import replace
from support.promises import promise

from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import Severity
from cst_contracts.report.lines import Style, coloured, plain
from cst_contracts.report.manifest_file import CauseEntry, Outcome, PromiseRecord
from cst_contracts.report.summary import (
    looked_at_nothing,
    red_for_nothing,
    summary_lines,
    total_line,
)


def record(
    outcome: Outcome,
    subject: str = "refs",
    rows: int | None = None,
    severity: Severity = Severity.ERROR,
    *,
    failed: bool = False,
) -> PromiseRecord:
    return replace(
        promise(f"contracts/{subject}.yaml", subject, "table"),
        outcome=outcome,
        severity=severity,
        rows=rows,
        failed=failed,
    )


KEPT, BROKEN = Outcome.KEPT, Outcome.BROKEN
RECORDS = [
    record(KEPT, rows=20_634),
    record(KEPT, rows=12),
    record(BROKEN, rows=20_634, severity=Severity.WARN),
    record(Outcome.UNDECIDED, "a_much_longer_name"),
    record(Outcome.VACUOUS, "empty", rows=0, failed=True),
    record(Outcome.WAIVED, "empty"),
    record(BROKEN, "edges", rows=7, failed=True),
    record(BROKEN, "edges", rows=7, failed=True),
]


def told(records: list[PromiseRecord], width: int = 80, *, verbose: bool = False) -> list[str]:
    return [plain(spans) for spans in summary_lines(records, width, verbose=verbose)]


def test_red_tables_come_first_and_each_has_a_line() -> None:
    assert told(RECORDS) == [
        "table                 rows  kept  broken  undecided  vacuous  waived  red",
        "edges                    7     .       2          .        .       .    2",
        "empty                    0     .       .          .        1       1    1",
        "refs                20,634     2       1          .        .       .    .",
        "a_much_longer_name       -     .       .          1        .       .    .",
        "7 of 8 promises looked at: 2 kept, 3 broken, 1 undecided, 1 vacuous, 1 waived (1",
        "  of the broken only warn)",
    ]


def test_columns_that_are_zero_everywhere_take_no_room() -> None:
    assert told([record(KEPT, rows=3), record(KEPT, "defs")]) == [
        "table  rows  kept",
        "refs      3     1",
        "defs      -     1",
        "2 of 2 promises looked at: 2 kept",
    ]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = [record(Outcome.UNDECIDED, "warehouse_of_the_north_" * 2, failed=True), *RECORDS]
    lines = told(long, width)
    assert max(map(len, lines)) <= width
    assert any("warehouse_of_the_north_warehouse_of_the_north_" in line for line in lines)


def test_a_name_that_leaves_no_room_has_a_line_of_its_own() -> None:
    short, long = record(KEPT, "short", rows=3), record(KEPT, "x" * 39, rows=20)
    assert told([short, long], 40)[:4] == [
        f"table{'rows  kept':>35}",
        f"short{'3     1':>35}",
        "x" * 39,
        f"{'20     1':>40}",
    ]


def test_what_is_red_is_marked_as_such() -> None:
    lines = list(summary_lines(RECORDS))
    styles = {spans[0].text.strip(): spans[0].style for spans in lines[1:5]}
    assert styles == {
        "edges": Style.BROKEN,
        "empty": Style.BROKEN,
        "refs": Style.PLAIN,
        "a_much_longer_name": Style.PLAIN,
    }
    assert [span.style for span in lines[1] if span.text.strip() == "2"] == [Style.BROKEN] * 2
    assert [span.style for span in lines[3] if span.text.strip() == "1"] == [Style.WARNED]
    assert coloured(lines[1]).startswith("\x1b[1;31medges")
    (total,) = list(summary_lines([record(KEPT)]))[-1]
    assert total.style is Style.KEPT


ALLOWED = replace(record(Outcome.VACUOUS), observed="no snapshot folder", hint="make one")


def test_what_is_vacuous_and_allowed_to_be_is_counted_and_explained_where_that_is_asked() -> None:
    *_, last = told([ALLOWED, ALLOWED])
    assert last == "2 of 2 promises looked at: 2 vacuous (allowed)"

    *_, total, why = told([ALLOWED, ALLOWED], verbose=True)
    assert total == last
    assert why == "2 vacuous, and allowed to be: no snapshot folder; make one"


def test_what_is_vacuous_and_red_is_not_counted_among_what_is_allowed() -> None:
    red = record(Outcome.VACUOUS, failed=True)
    assert total_line([ALLOWED, red]) == "2 of 2 promises looked at: 2 vacuous (1 allowed)"
    assert total_line([red]) == "1 of 1 promises looked at: 1 vacuous"


def test_a_shadowed_built_in_that_nobody_promises_is_told() -> None:
    shadowed = record(KEPT, "session")
    shadowed = replace(shadowed, code=FindingCode.SHADOWED_FUNCTION, observed="another `lower`")

    *_, last = told([shadowed, record(KEPT)])

    assert last == "session: another `lower`"


def test_notes_are_counted_by_code() -> None:
    noted = replace(record(KEPT), code=FindingCode.NULL_KEYS)
    *_, last = told([noted, noted])
    assert last == "kept, with a note in the manifest: 2 null-keys"


def test_nothing_is_summed_up_where_nothing_ran() -> None:
    assert told([]) == []


def test_without_a_warning_none_is_mentioned() -> None:
    quiet = [record(KEPT, severity=Severity.WARN), record(BROKEN)]
    assert total_line(quiet) == "2 of 2 promises looked at: 1 kept, 1 broken"


@pytest.mark.parametrize(
    ("outcomes", "nothing"),
    [
        ([], True),
        ([Outcome.UNDECIDED, Outcome.UNDECIDED], True),
        ([Outcome.UNDECIDED, Outcome.VACUOUS], False),
    ],
)
def test_a_run_that_decided_nothing_looked_at_nothing(
    outcomes: list[Outcome], *, nothing: bool
) -> None:
    assert looked_at_nothing([record(outcome) for outcome in outcomes]) is nothing


def test_undecided_promises_are_red_for_nothing_where_their_cause_is_not_red() -> None:
    """What is red, or waived, for another cause excuses nothing."""
    cause = CauseEntry(subject="refs", check="table")
    code = FindingCode.TABLE_UNREADABLE
    undecided = replace(record(Outcome.UNDECIDED), check="rows", code=code, cause=cause)
    elsewhere = [record(BROKEN, "other", failed=True), record(Outcome.WAIVED, "other")]
    hidden = replace(record(BROKEN), hidden_by="xfail: known")
    assert red_for_nothing([undecided, *elsewhere]) == (cause,)
    assert red_for_nothing([undecided, hidden, *elsewhere]) == (cause,)
    assert red_for_nothing([undecided, record(BROKEN, failed=True)]) == ()
    assert red_for_nothing([undecided, record(Outcome.WAIVED)]) == ()


def test_a_cause_may_be_undecided_itself() -> None:
    table, rows = (CauseEntry(subject="refs", check=check) for check in ("table", "rows"))
    code = FindingCode.TABLE_UNREADABLE
    middle = replace(record(Outcome.UNDECIDED), check="rows", code=code, cause=table)
    last = replace(middle, check="unique[a]", cause=rows)
    assert red_for_nothing([last, middle, record(BROKEN, failed=True)]) == ()
    assert red_for_nothing([last, middle, record(KEPT)]) == (rows, table)


def test_what_the_project_hides_itself_is_counted_and_named() -> None:
    hidden = [
        replace(record(BROKEN), check=f"rule[{index}]", hidden_by="xfail: known")
        for index in range(12)
    ]
    lines = told([record(KEPT), *hidden])
    assert lines[3:5] == [
        "12 hidden by marks or fixtures of the project, and not by waivers:",
        "  broken: contracts/refs.yaml::rule[0] (xfail: known)",
    ]
    assert lines[-2:] == ["  broken: contracts/refs.yaml::rule[9] (xfail: known)", "  and 2 more"]


def test_what_is_tolerated_is_told_with_its_number_and_counted_as_kept() -> None:
    tolerated = replace(
        record(KEPT, rows=9),
        check="rule[positive]",
        code=FindingCode.VIOLATIONS_TOLERATED,
        observed="false for 2 of 9 rows",
    )
    lines = told([tolerated])
    assert lines[-1] == "refs: rule[positive] is kept, though false for 2 of 9 rows"
    assert "1 kept" in lines[-2]
    assert told([tolerated] * 12)[-1] == "and 2 more are kept by what is tolerated"
