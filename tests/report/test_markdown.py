"""A run in Markdown: the verdict first, what is red with both sides, a line a table."""

from datetime import UTC, datetime

from msgspec.structs import replace
from support.promises import promise

from cst_contracts.checks.codes import FindingCode
from cst_contracts.report.manifest import manifest_of
from cst_contracts.report.manifest_file import (
    ConsumerEntry,
    FindingEntry,
    Manifest,
    Outcome,
    PromiseRecord,
    RunEntry,
    SampleEntry,
)
from cst_contracts.report.markdown import markdown
from cst_contracts.report.observed import Observed
from cst_contracts.report.reports import REPORTS

BROKEN = replace(
    promise("contracts/t.yaml", "t_1", "nulls[a|b]", line=3),
    outcome=Outcome.BROKEN,
    code=FindingCode.NULL_VALUES,
    promised="no null",
    observed="1 null among 3",
    failed=True,
    findings=(
        FindingEntry(
            code=FindingCode.NULL_VALUES,
            place="contracts/t.yaml:3:5",
            subject="t_1.a",
            promised="no null",
            observed="1 null among 3",
            hint="write `nullable: true`",
        ),
    ),
    samples=(SampleEntry(file="part-0.parquet", row=2, values={"a": "NULL"}),),
)


def manifest(*records: PromiseRecord) -> Manifest:
    return manifest_of({}, Observed(), records)


def test_a_red_run_tells_what_is_red_with_both_sides_and_its_row() -> None:
    told = markdown(manifest(promise("contracts/u.yaml", "u", "rows"), BROKEN))

    assert told == (
        "## Contracts: 1 promise failed\n\n"
        "2 of 2 promises looked at: 1 kept, 1 broken\n\n"
        "### t\\_1: `nulls[a|b]` broken `null-values`\n\n"
        "`contracts/t.yaml:3:5`\n\n"
        "- promised: no null\n- observed: 1 null among 3\n"
        "- way out: write `nullable: true`\n"
        "- row: `part-0.parquet, row 2: a=NULL`\n\n"
        "| table | kept | broken |\n| --- | ---: | ---: |\n"
        "| **t\\_1** |  | 1 |\n| u | 1 |  |\n"
    )


def test_whom_a_failed_promise_concerns_is_told() -> None:
    readers = (
        ConsumerEntry(name="billing", owner="orders-team", through="open_refs"),
        ConsumerEntry(name="search"),
    )

    told = markdown(manifest(replace(BROKEN, consumers=readers)))

    assert "\n- read by: billing (orders-team) through open\\_refs, search\n" in told
    assert "read by" not in markdown(manifest(BROKEN))


def test_a_green_run_says_so_and_a_run_of_nothing_does_not() -> None:
    assert markdown(manifest(promise("u.yaml", "u", "rows"))).startswith("## Contracts: kept\n")
    assert markdown(manifest()).startswith("## Contracts: nothing was looked at\n")


def test_of_very_many_the_first_are_told_and_the_rest_are_counted() -> None:
    many = (replace(BROKEN, id=str(number), check=f"rule[r{number}]") for number in range(60))
    told = markdown(manifest(*many))
    assert told.count("\n### ") == 50
    assert "… and 10 more; the manifest has all of them." in told


def test_every_report_is_text_that_ends_in_a_line_feed() -> None:
    started = RunEntry(deselected=0, started=datetime(2026, 11, 29, tzinfo=UTC))
    for report in REPORTS.values():
        assert report(replace(manifest(BROKEN), run=started)).endswith("\n")
