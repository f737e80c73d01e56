"""The line that a list has of a promise: its subject first, and what is so of it."""

import pytest
from msgspec.structs import replace
from support.pages import found
from support.promises import promise, red

from cst_contracts.checks.codes import FindingCode
from cst_contracts.report.html.headlines import Headline, headline, short
from cst_contracts.report.manifest_file import PromiseRecord

FILE = "contracts/t.yaml"


def of(check: str, code: FindingCode, observed: str, promised: str = "x") -> PromiseRecord:
    return found(promise(FILE, "t", check), code, promised, observed)


@pytest.mark.parametrize(
    ("record", "subject", "text"),
    [
        (
            of("nulls[a]", FindingCode.NULL_VALUES, "7 nulls among 20634"),
            "a",
            "has 7 nulls among 20,634",
        ),
        (of("field[a]", FindingCode.TYPE_MISMATCH, "int64", "int32"), "a", "is int64, not int32"),
        (of("field[a]", FindingCode.FIELD_MISSING, "absent; there are b"), "a", "is absent"),
        (
            of("fields", FindingCode.FIELD_UNPROMISED, "z: string"),
            "z",
            "is there, and nobody promised it",
        ),
        (
            of("rule[r]", FindingCode.RULE_VIOLATED, "false for 5 of 20634 rows"),
            "r",
            "is false for 5 of 20,634 rows",
        ),
        (
            of("unique[a,b]", FindingCode.DUPLICATE_KEYS, "3 more rows than keys, of 2000"),
            "a,b",
            "is not unique: 3 more rows than keys, of 2,000",
        ),
        (
            of("reference[a→u.b]", FindingCode.DANGLING_REFERENCES, "2 of 9 references dangle"),
            "a",
            "points to nothing in u.b: 2 of 9 references dangle",
        ),
        (of("rows", FindingCode.EMPTY_TABLE, "0 rows"), "", "there are no rows"),
        (
            of("table", FindingCode.TABLE_UNREADABLE, "p-1.parquet cannot be read: torn"),
            "p-1.parquet",
            "cannot be read: torn",
        ),
        (of("table", FindingCode.TABLE_UNREADABLE, "no permission"), "", "no permission"),
        (
            of("setting[datafusion.a]", FindingCode.SETTING_DIFFERS, "false", "true"),
            "datafusion.a",
            "is false, not true",
        ),
        (
            of("snapshot[schema]", FindingCode.SNAPSHOT_DIFFERS, "a: int32 → int64"),
            "",
            "not as last accepted: a: int32 → int64",
        ),
        (of("fields", FindingCode.DECLARED_NULLABLE, "1 field, a"), "", "1 field, a"),
    ],
)
def test_a_headline_has_its_subject_first(record: PromiseRecord, subject: str, text: str) -> None:
    assert headline(record) == Headline(subject, text)


def test_a_code_without_a_phrase_shows_what_was_observed_cut() -> None:
    record = of("order[plan]", FindingCode.ORDER_NOT_USED, f"{'word ' * 60}\nsecond line")
    told = headline(record)
    assert told.subject == ""
    assert len(told.text) == 150
    assert told.text.endswith("…")


@pytest.mark.parametrize("code", FindingCode)
def test_every_code_says_something_in_one_short_line(code: FindingCode) -> None:
    told = headline(of("nulls[a]", code, "x\n" * 200))
    assert told.text
    assert "\n" not in told.text
    assert len(told.text) <= 150
    assert len(short(of("nulls[a]", code, "long " * 90))) <= 56


def test_at_a_leaf_nothing_is_said_that_stands_there() -> None:
    nulls = of("nulls[a]", FindingCode.NULL_VALUES, "7 nulls among 20634")
    assert short(nulls) == "has 7 nulls among 20,634"
    unique = of("unique[a]", FindingCode.DUPLICATE_KEYS, "3 more rows than keys, of 9")
    assert short(unique) == "3 more rows than keys, of 9"


def test_problems_of_a_file_and_changes_since_a_snapshot_are_counted() -> None:
    two = replace(red("a"), findings=red("a").findings * 2)
    invalid = replace(two, code=FindingCode.INVALID_CONTRACT)
    assert headline(invalid).text.startswith("2 problems in the file; ")
    drift = replace(two, code=FindingCode.SNAPSHOT_DIFFERS, observed="a: gone")
    assert headline(drift).text == "not as last accepted: a: gone, and 1 more change"


def test_numbers_are_grouped_and_names_that_hold_some_are_not() -> None:
    text = "12345 rows of part-12345.parquet at 2030-01-02T10:00 in v1.12345, 20300 left"
    record = of("order[plan]", FindingCode.ORDER_NOT_USED, text)
    assert headline(record).text == (
        "12,345 rows of part-12345.parquet at 2030-01-02T10:00 in v1.12345, 20,300 left"
    )
