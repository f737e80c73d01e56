"""Is the newest row as young as promised, by a clock that the test sets?"""

from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from support.answers import Answered, checks_of

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Kept, Undecided, Vacuous, Verdict
from cst_contracts.contract.parse import parse_contract
from cst_contracts.datatypes import parse_type
from cst_contracts.errors import InvalidContract
from cst_contracts.facts import Basis, CouldNotLook, NewestValue, RowCount, TableFacts
from cst_contracts.location import Location
from cst_contracts.needs import NewestNeed, NowNeed, RowCountNeed, SchemaNeed

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
TEXT = """\
table: t
fields: [{name: at, type: "timestamp[us, tz=UTC]"}]
freshness: {field: at, within: 24h}
"""
NAIVE = """\
table: t
fields: [{name: at, type: "timestamp[us]"}]
freshness: {field: at, within: 24h, zone: Europe/Berlin}
"""


def verdict(newest: NewestValue | CouldNotLook, text: str = TEXT, rows: int = 3) -> Verdict:
    schema = pa.schema([("at", parse_type("timestamp[us]"))])
    answers = Answered(
        {
            SchemaNeed("t"): TableFacts("t", "parquet", schema),
            RowCountNeed("t"): RowCount(rows, Basis.SCAN),
            NewestNeed("t", "at"): newest,
            NowNeed(): NOW,
        }
    )
    return checks_of(text)["freshness[at]"].judge(answers)


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=24), timedelta(hours=-3)])
def test_a_young_row_is_kept_and_so_is_one_of_the_future(age: timedelta) -> None:
    assert verdict(NewestValue(3, NOW - age)) == Kept(Basis.SCAN, 3)


def test_an_old_one_is_red_with_its_age_at_its_line() -> None:
    broken = verdict(NewestValue(3, NOW - timedelta(days=8, minutes=1)))
    assert isinstance(broken, Broken)
    (finding,) = broken.findings
    assert (finding.code, finding.place) == (
        FindingCode.ROWS_STALE,
        Location("contracts/t.yaml", 3, 12),
    )
    assert (finding.subject, finding.promised) == ("t.at", "a row of the last 1d")
    assert finding.observed == "the newest is of 2026-11-20T11:59:00+00:00, 8 days ago"
    assert broken.rows == 3


def test_times_without_a_zone_are_read_in_the_stated_one() -> None:
    """Noon in Berlin is eleven in UTC."""
    kept = NOW.replace(tzinfo=None) - timedelta(hours=23)
    assert isinstance(verdict(NewestValue(1, kept), NAIVE), Kept)
    assert isinstance(verdict(NewestValue(1, kept - timedelta(minutes=1)), NAIVE), Broken)


def test_values_whose_zone_nobody_knows_are_undecided() -> None:
    undecided = verdict(NewestValue(1, NOW.replace(tzinfo=None)))
    assert isinstance(undecided, Undecided)
    assert undecided.finding.code is FindingCode.NOT_CHECKABLE


def test_no_value_is_nothing_to_look_at() -> None:
    assert isinstance(verdict(NewestValue(0)), Vacuous)
    assert isinstance(verdict(NewestValue(0), rows=0), Undecided)
    assert isinstance(verdict(CouldNotLook("gone", "t")), Undecided)


@pytest.mark.parametrize(
    ("clause", "problem"),
    [
        (
            "{field: at, within: 24h}",
            "`at` is `timestamp[us]`, without a time zone; write `zone: UTC`",
        ),
        (
            "{field: n, within: 24h}",
            "`n` is `int64`, which tells no age; name a field of timestamps",
        ),
        ("{field: nope, within: 24h, zone: UTC}", "`nope` is no promised field"),
        ("{field: at, within: 24h, zone: Mars}", "`Mars` is no time zone; write one such as `UTC`"),
        ("{field: at, within: 1 day, zone: UTC}", "write a time span such as `24h` or `7d`"),
        ("{field: at, within: 0h, zone: UTC}", "write a time span such as `24h` or `7d`"),
    ],
)
def test_what_tells_no_age_is_refused(clause: str, problem: str) -> None:
    text = (
        'table: t\nfields: [{name: at, type: "timestamp[us]"}, {name: n, type: int64}]\n'
        f"freshness: {clause}\n"
    )
    with pytest.raises(InvalidContract) as refused:
        parse_contract(text.encode(), "contracts/t.yaml")
    assert problem in str(refused.value)


def test_an_age_is_told_in_any_zone() -> None:
    elsewhere = (NOW - timedelta(hours=30)).astimezone(timezone(timedelta(hours=9)))
    broken = verdict(NewestValue(1, elsewhere))
    assert isinstance(broken, Broken)
    assert broken.findings[0].observed == (
        "the newest is of 2026-11-27T06:00:00+00:00, 30 h 0 min ago"
    )
