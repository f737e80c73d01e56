"""What came of rows in another library, judged by answers that no library of today gives."""

from typing import Any

import pyarrow as pa
import pytest
from msgspec.structs import replace
from support.answers import Answered, checks_of

from cst_contracts.checks.interop import TableArrives
from cst_contracts.checks.verdict import Broken, Kept, Undecided, Vacuous, Verdict
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    Exchange,
    Refusal,
    RowCount,
    TableFacts,
    Trouble,
)
from cst_contracts.needs import RowCountNeed, SchemaNeed

TEXT = """\
table: t
fields:
  - {name: a, type: int64}
  - {name: s, type: "struct<b: string>", sensitive: true}
interop: [duckdb]
"""
SCHEMA = pa.schema({"a": pa.int64(), "at": pa.timestamp("us", "UTC")})
SAME = Exchange(SCHEMA, 7, SCHEMA, 7, "2.0.1")


def judged(answer: object) -> Verdict:
    check = checks_of(TEXT)["interop[duckdb]"]
    assert isinstance(check, TableArrives)
    known: dict[Any, object] = {
        SchemaNeed("t"): TableFacts("t", "parquet", SCHEMA),
        RowCountNeed("t"): RowCount(7, Basis.STATISTICS),
        check.exchange: answer,
    }
    return check.judge(Answered(known))


def told(answer: object) -> list[tuple[str, str, str, str]]:
    broken = judged(answer)
    assert isinstance(broken, Broken)
    return [(each.code, each.subject, each.promised, each.observed) for each in broken.findings]


def test_rows_that_come_back_as_they_were_are_kept() -> None:
    assert judged(SAME) == Kept(Basis.SCAN, 7)


def test_other_rows_are_red() -> None:
    fewer = replace(SAME, rows_returned=6)
    assert told(fewer) == [("interop-rows", "t", "7 rows", "6 rows in duckdb")]
    other = replace(SAME, differing=(("a", 2),))
    assert told(other) == [
        ("interop-rows", "t.a", "the same values", "2 of 7 rows differ in duckdb")
    ]


def test_values_of_another_type_are_told_by_their_type_alone() -> None:
    returned = pa.schema({"a": pa.int32(), "at": pa.timestamp("us", "UTC")})
    other = replace(SAME, returned=returned, differing=(("a", 2),))
    assert told(other) == [("interop-type", "t.a", "int64", "int32 in duckdb")]


def test_a_refusal_of_everything_is_the_table_s() -> None:
    nothing = replace(SAME, handed=pa.schema([]), returned=pa.schema([]), rows=0, rows_returned=0)
    ((code, subject, promised, observed),) = told(
        replace(nothing, refused=(Refusal("", "", "no"),))
    )
    assert (code, subject) == ("interop-refused", "t")
    assert promised == "the same names, types and rows in duckdb"
    assert observed.startswith("duckdb 2.0.1: ")


@pytest.mark.parametrize("path", ["", "s", "a"])
def test_an_error_about_a_field_that_is_sensitive_is_not_quoted(path: str) -> None:
    refused = replace(SAME, refused=(Refusal(path, "string", "not `secret`"),))
    quoted = path == "a"
    ((_, _, _, observed),) = told(refused)
    assert ("secret" in observed) is quoted
    assert ("may quote a value" in observed) is not quoted


@pytest.mark.parametrize(
    ("promised", "returned", "zone", "kept"),
    [
        ("UTC", "Etc/UTC", None, True),
        ("UTC", "+02:00", None, False),
        ("UTC", "Asia/Tokyo", "Asia/Tokyo", True),
        ("Asia/Tokyo", "Asia/Tokyo", "Asia/Tokyo", True),
        ("Europe/Berlin", "Asia/Tokyo", "Asia/Tokyo", False),
        ("Europe/Berlin", "UTC", "UTC", False),
    ],
)
def test_the_zone_of_a_session_counts_as_utc(
    promised: str, returned: str, zone: str | None, *, kept: bool
) -> None:
    handed, back = (pa.schema({"at": pa.timestamp("us", each)}) for each in (promised, returned))
    verdict = judged(replace(SAME, handed=handed, returned=back, zone=zone))
    assert isinstance(verdict, Kept if kept else Broken)


def test_what_stands_in_the_way_is_no_proof() -> None:
    missing = judged(
        CouldNotLook("no duckdb", "t", trouble=Trouble.LIBRARY, names=("duckdb>=1.4.0",))
    )
    assert isinstance(missing, Undecided)
    assert (missing.finding.code, missing.cause) == ("library-missing", None)
    assert missing.finding.hint == '`pip install "duckdb>=1.4.0"`'
    unread = judged(CouldNotLook("no", "t"))
    assert isinstance(unread, Undecided)
    assert unread.finding.code == "table-unreadable"
    none = judged(replace(SAME, rows=0, rows_returned=0))
    assert isinstance(none, Vacuous)
    assert not none.allowed
