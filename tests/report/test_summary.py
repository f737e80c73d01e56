"""Promise records to the lines of a terminal summary."""

import pytest
from msgspec.structs import replace

from cst_contracts.report.promise import PromiseRecord
from cst_contracts.report.summary import looked_at_nothing, summary_lines, total_line


def record(
    outcome: str, subject: str = "refs", rows: int | None = None, severity: str = "error"
) -> PromiseRecord:
    return PromiseRecord(
        contract=f"contracts/{subject}.yaml",
        subject=subject,
        check="table",
        group="schema",
        outcome=outcome,
        severity=severity,
        place=f"contracts/{subject}.yaml:1:1",
        rows=rows,
    )


RECORDS = [
    record("kept", rows=20_634),
    record("kept", rows=12),
    record("broken", rows=20_634),
    record("broken", rows=20_634, severity="warn"),
    record("undecided", "a_much_longer_name"),
    replace(record("vacuous", "empty", rows=0), failed=True),
    record("waived", "empty"),
]


def test_a_summary_has_a_line_for_each_subject_and_the_sum() -> None:
    assert list(summary_lines(RECORDS)) == [
        "table                     rows       kept     broken  undecided    vacuous     waived",
        "refs                    20,634          2          2          .          .          .",
        "a_much_longer_name           -          .          .          1          .          .",
        "empty                        0          .          .          .          1          1",
        "6 of 7 promises looked at: 2 kept, 2 broken, 1 undecided, 1 vacuous, 1 waived"
        " (1 of the broken only warn)",
    ]


def test_what_is_vacuous_and_allowed_to_be_is_explained() -> None:
    allowed = replace(record("vacuous"), observed="no snapshot folder", hint="make one")

    *_, last = summary_lines([allowed, allowed])

    assert last == "2 vacuous, and allowed to be: no snapshot folder; make one"


def test_a_shadowed_built_in_that_nobody_promises_is_told() -> None:
    told = replace(record("kept", "session"), code="shadowed-function", observed="another `lower`")

    *_, last = summary_lines([told, record("kept")])

    assert last == "session: another `lower`"


def test_nothing_is_summed_up_where_nothing_ran() -> None:
    assert list(summary_lines([])) == []


def test_short_names_leave_room_for_the_heading() -> None:
    head, line, _ = summary_lines([record("kept", "t")])
    assert head.startswith("table  ")
    assert len(head) == len(line)


def test_without_a_warning_none_is_mentioned() -> None:
    quiet = [record("kept", severity="warn"), record("broken")]
    told = "2 of 2 promises looked at: 1 kept, 1 broken, 0 undecided, 0 vacuous, 0 waived"
    assert total_line(quiet) == told


@pytest.mark.parametrize(
    ("outcomes", "nothing"),
    [([], True), (["undecided", "undecided"], True), (["undecided", "vacuous"], False)],
)
def test_a_run_that_decided_nothing_looked_at_nothing(
    outcomes: list[str], *, nothing: bool
) -> None:
    assert looked_at_nothing([record(outcome) for outcome in outcomes]) is nothing


def test_what_the_project_hides_itself_is_counted_and_named() -> None:
    hidden = [
        replace(record("broken"), check=f"rule[{index}]", hidden_by="xfail: known")
        for index in range(12)
    ]
    lines = list(summary_lines([record("kept"), *hidden]))
    assert lines[3:5] == [
        "12 hidden by marks or fixtures of the project, and not by waivers:",
        "  broken: contracts/refs.yaml::rule[0] (xfail: known)",
    ]
    assert lines[-2:] == ["  broken: contracts/refs.yaml::rule[9] (xfail: known)", "  and 2 more"]
