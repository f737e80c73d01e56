"""Promises of a run, as lines and as annotations."""

import pytest
from msgspec.structs import replace
from support.promises import promise

from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import Severity
from cst_contracts.location import Location
from cst_contracts.report.manifest_file import (
    FindingEntry,
    Outcome,
    PromiseRecord,
    SampleEntry,
)
from cst_contracts.report.promise_lines import (
    is_bad_news,
    place_of,
    promise_annotations,
    promise_lines,
    unhinted_code,
)

BROKEN = replace(
    promise("c:/t.yaml", "t", "nulls[a]", line=3),
    outcome=Outcome.BROKEN,
    code=FindingCode.NULL_VALUES,
    promised="no null",
    observed="1 null\namong 3",
    hint="fill it",
    failed=True,
    samples=(SampleEntry(file="part-0.parquet", row=2, values={"a": "NULL"}),),
)
KEPT = replace(BROKEN, outcome=Outcome.KEPT, failed=False)


def test_a_promise_is_its_place_both_sides_the_way_out_and_rows() -> None:
    assert list(promise_lines(BROKEN)) == [
        "c:/t.yaml:3:5: t nulls[a]: broken [null-values]",
        "    promised: no null",
        "    observed: 1 null",
        "              among 3",
        "    hint:     fill it",
        "    row:      part-0.parquet, row 2: a=NULL",
    ]


def test_without_a_way_out_the_command_that_explains_the_code_is_named_on_demand() -> None:
    bare = replace(BROKEN, hint=None)
    assert "    hint:     `cst-contracts explain null-values`" in promise_lines(bare, explain=True)
    assert not any("hint:" in line for line in promise_lines(bare))
    assert list(promise_lines(BROKEN, explain=True)) == list(promise_lines(BROKEN))
    hinted = FindingEntry(
        code=FindingCode.NULL_VALUES,
        place="c:/t.yaml:3:5",
        subject="t.a",
        promised="no null",
        observed="1 null",
        hint="fill it",
    )
    assert unhinted_code(replace(bare, findings=(hinted,))) is None


def test_the_place_is_read_from_the_end_as_drives_have_colons() -> None:
    assert place_of(BROKEN) == Location("c:/t.yaml", 3, 5)


@pytest.mark.parametrize(
    ("record", "bad"),
    [
        (BROKEN, True),
        (replace(BROKEN, failed=False, severity=Severity.WARN), True),
        (replace(BROKEN, outcome=Outcome.UNDECIDED), True),
        (replace(BROKEN, outcome=Outcome.UNDECIDED, failed=False), False),
        (replace(BROKEN, outcome=Outcome.WAIVED, failed=False), False),
        (KEPT, False),
    ],
)
def test_bad_news_is_what_failed_and_what_is_broken(record: PromiseRecord, *, bad: bool) -> None:
    assert is_bad_news(record) is bad


def test_only_bad_news_is_annotated_and_a_warning_is_one() -> None:
    warned = replace(BROKEN, failed=False, severity=Severity.WARN, code=None, hint=None)

    told = list(promise_annotations([KEPT, BROKEN, warned]))

    assert told == [
        "::error file=c%3A/t.yaml,line=3,col=5,title=t nulls[a] broken"
        "::[null-values] promised: no null%0Aobserved: 1 null%0Aamong 3%0Ahint: fill it",
        "::warning file=c%3A/t.yaml,line=3,col=5,title=t nulls[a] broken"
        "::promised: no null%0Aobserved: 1 null%0Aamong 3",
    ]
