"""Are the values of a field what they may be? Judged by answers, without an engine."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from support.answers import checks_of, judged_by

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.value_constraints import in_words
from cst_contracts.checks.verdict import Broken, Cause, Kept, Undecided, Vacuous
from cst_contracts.contract.model import (
    NOTHING_TOLERATED,
    Limit,
    Matching,
    OfLength,
    OneOf,
    Severity,
    Tolerance,
    Within,
)
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    RowCount,
    RowPlace,
    Sample,
    TableFacts,
    Trouble,
    ValueCount,
)
from cst_contracts.location import Location
from cst_contracts.needs import RowCountNeed, SchemaNeed, ValuesNeed

TEXT = """\
table: t
fields:
  - {name: a, type: string, enum: [x, y]}
  - {name: b, type: list<string>, elements: {enum: [x, y]}%s}
  - {name: c, type: string, enum: [x, y], at_most: 50%%, severity: warn}
"""
LIMIT = OneOf(("x", "y"))
SCHEMA = pa.schema(
    [("a", pa.string()), ("b", pa.list_(pa.large_string())), ("c", pa.string_view())]
)
HALF = Tolerance(percent=Decimal(50))
SAMPLES = (Sample(RowPlace("f", 1), ()),)


def judged(
    answer: ValueCount | CouldNotLook,
    path: str = "a",
    *,
    more: str = "",
    rows: int = 3,
    schema: pa.Schema = SCHEMA,
) -> Any:
    answers = {
        SchemaNeed("t"): TableFacts("t", "parquet", schema),
        RowCountNeed("t"): RowCount(rows, Basis.SCAN),
        ValuesNeed(
            "t",
            path,
            LIMIT,
            told="sensitive" not in more,
            tolerance=HALF if path == "c" else NOTHING_TOLERATED,
        ): answer,
    }
    return judged_by(TEXT % more, f"enum[{path}]", answers)


def test_where_no_value_offends_it_is_kept() -> None:
    assert judged(ValueCount(2, 0, rows=3)) == Kept(Basis.SCAN, 3)


def test_what_offends_is_told_with_how_often_at_the_line_of_the_clause() -> None:
    broken = judged(ValueCount(6, 5, (("'z'", 3), ("''", 1)), 1, samples=SAMPLES, rows=3))
    assert isinstance(broken, Broken)
    (finding,) = broken.findings
    assert finding.code is FindingCode.VALUE_NOT_LISTED
    assert finding.place == Location("contracts/t.yaml", 3, 29)
    assert (finding.subject, finding.promised) == ("t.a", "one of 'x', 'y'")
    assert finding.observed == "5 of 6 values: 'z' (3), '' (1) and 1 other"
    assert (broken.rows, broken.violations, broken.samples) == (3, 5, SAMPLES)


def test_some_may_offend_where_that_is_said() -> None:
    kept = judged(ValueCount(4, 2, (("'z'", 2),), 0, rows=3), "c")
    assert isinstance(kept, Kept)
    (note,) = kept.notes
    assert note.code is FindingCode.VIOLATIONS_TOLERATED
    assert note.promised == "one of 'x', 'y'; at most 50% may break it"
    assert note.observed == "2 of 4 values: 'z' (2) (50%)"
    broken = judged(ValueCount(4, 3, (("'z'", 3),), 0, rows=3), "c")
    assert isinstance(broken, Broken)
    assert checks_of(TEXT % "")["enum[c]"].severity is Severity.WARN


def test_of_a_sensitive_field_no_value_is_told() -> None:
    broken = judged(ValueCount(1, 1, rows=3), "b[]", more=", sensitive: true")
    assert broken.findings[0].observed == "1 of 1 value"


def test_too_many_to_list_are_not_listed() -> None:
    broken = judged(ValueCount(20_000, 20_000, (), rows=3))
    assert broken.findings[0].observed == ("20000 of 20000 values, too many different ones to list")


def test_no_value_is_nothing_to_look_at_unless_that_is_allowed() -> None:
    nothing = judged(ValueCount(0, 0, rows=3), "b[]")
    assert isinstance(nothing, Vacuous)
    assert not nothing.allowed
    assert nothing.finding.observed == "3 rows hold no value to look at"
    assert nothing.finding.hint == "write `allow_empty: true` on the field if that is fine"
    allowed = judged(ValueCount(0, 0, rows=3), "b[]", more=", allow_empty: true")
    assert isinstance(allowed, Vacuous)
    assert allowed.allowed
    assert allowed.finding.hint == ""


def test_without_rows_the_rows_are_to_blame() -> None:
    empty = judged(ValueCount(0, 0), rows=0)
    assert isinstance(empty, Undecided)
    assert empty.cause == Cause("t", "rows")


def test_values_of_another_type_are_red_at_their_field() -> None:
    other = judged(ValueCount(3, 0, rows=3), schema=pa.schema([("a", pa.int8())]))
    assert isinstance(other, Undecided)
    assert (other.finding.code, other.cause) == (
        FindingCode.TYPE_MISMATCH,
        Cause("t", "field[a]"),
    )
    assert (other.finding.promised, other.finding.observed) == (
        "one of 'x', 'y'",
        "values of type int8",
    )


def test_a_field_that_is_not_there_is_red_at_the_field() -> None:
    gone = judged(CouldNotLook("no field", "t", trouble=Trouble.FIELD), schema=pa.schema([]))
    assert isinstance(gone, Undecided)
    assert gone.cause == Cause("t", "field[a]")


def test_rows_that_nobody_could_read_are_undecided() -> None:
    unread = judged(CouldNotLook("broken page", "t"))
    assert isinstance(unread, Undecided)
    assert unread.finding.code is FindingCode.TABLE_UNREADABLE


def test_other_rows_than_the_session_counts_are_red() -> None:
    other = judged(ValueCount(2, 0, rows=2))
    assert isinstance(other, Broken)
    assert other.findings[0].code is FindingCode.ROW_COUNT_DISAGREES


@pytest.mark.parametrize(
    ("limit", "of_text", "words"),
    [
        (OneOf(("1", "2")), False, "one of 1, 2"),
        (
            OneOf(tuple("abcdefghij")),
            True,
            "one of 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h' and 2 more",
        ),
        (Within("0"), False, "at least 0"),
        (Within("0", "1", lower_open=True, upper_open=True), False, "more than 0 and less than 1"),
        (Within(None, "z"), True, "at most 'z'"),
        (Matching("^a$"), True, "matches ^a$"),
        (OfLength(1, 2), True, "at least 1 character and at most 2 characters"),
        (OfLength(None, 1), False, "at most 1 byte"),
    ],
)
def test_each_limit_has_its_words(limit: Limit, of_text: bool, words: str) -> None:  # noqa: FBT001
    assert in_words(limit, of_text=of_text) == words
