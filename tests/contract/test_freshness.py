"""How old the newest row may be, as it is written."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from cst_contracts.contract.clauses.freshness import FreshnessContract, zone_of
from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract
from cst_contracts.location import Location

TEXT = """\
table: t
fields:
  - {name: at, type: "timestamp[us]"}
  - {name: zoned, type: "timestamp[us, UTC]"}
  - {name: day, type: date32}
  - {name: n, type: int64}
freshness: %s
"""
PLACE = Location("t.yaml", 7, 12)


def freshness(written: str) -> FreshnessContract | None:
    contract = parse_contract((TEXT % written).encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    return contract.freshness


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{field: zoned, within: 24h}", FreshnessContract("zoned", timedelta(hours=24), PLACE)),
        (
            "{field: at, within: 90m, zone: Europe/Berlin}",
            FreshnessContract("at", timedelta(minutes=90), PLACE, "Europe/Berlin"),
        ),
        (
            "{field: day, within: 2d, zone: UTC}",
            FreshnessContract("day", timedelta(days=2), PLACE, "UTC"),
        ),
    ],
)
def test_what_is_written_of_freshness_is_what_it_says(
    written: str, expected: FreshnessContract
) -> None:
    assert freshness(written) == expected
    assert zone_of(expected) == (ZoneInfo(expected.zone) if expected.zone else None)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (
            "{field: n, within: 1d}",
            "20: `n` is `int64`, which tells no age; name a field of timestamps or dates",
        ),
        (
            "{field: at, within: 1d}",
            "20: `at` is `timestamp[us]`, without a time zone; write `zone: UTC`, or the zone it is meant in",
        ),
        (
            "{field: day, within: 1d}",
            "20: `day` is `date32[day]`, without a time zone; write `zone: UTC`, or the zone it is meant in",
        ),
        (
            "{field: zoned, within: 1d, zone: Mars}",
            "39: `Mars` is no time zone; write one such as `UTC` or `Europe/Berlin`",
        ),
        (
            "{field: q, within: 1d}",
            "20: `q` is no promised field; promised are `at`, `zoned`, `day` and `n`",
        ),
    ],
)
def test_an_age_that_nobody_could_tell_is_refused(written: str, problem: str) -> None:
    with pytest.raises(InvalidContract) as caught:
        freshness(written)
    assert list(map(str, caught.value.problems)) == [f"t.yaml:7:{problem}"]
