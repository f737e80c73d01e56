"""How many rows, values or groups a kept promise rests on, as a summary tells it."""

import pytest
from msgspec.structs import replace
from support.promises import promise

from cst_contracts.report.denominators import fewest_looked_at
from cst_contracts.report.lines import plain
from cst_contracts.report.manifest_file import Denominator, Outcome, PromiseRecord, Unit
from cst_contracts.report.summary import summary_lines

VALUE, GROUP = Unit.VALUE, Unit.GROUP
ROWS = replace(promise("t.yaml", "t", "rows"), rows=4000)


def kept(check: str, rows: int = 4000, decided_by: Denominator | None = None) -> PromiseRecord:
    return replace(promise("t.yaml", "t", check), rows=rows, decided_by=decided_by)


FEW = [
    ROWS,
    kept("unique[a]", 3999),
    kept("nulls[b[].c]", decided_by=Denominator(count=1, unit=VALUE)),
    kept("aggregate[d]", decided_by=Denominator(count=5, unit=GROUP)),
    kept("range[e]", decided_by=Denominator(count=3000, unit=VALUE)),
]


def test_the_three_that_rest_on_the_fewest_are_told_with_their_units() -> None:
    fewest = "t nulls[b[].c] (1 value), t aggregate[d] (5 groups), t range[e] (3,000 values)"
    told = f"kept by the fewest: {fewest}"
    assert fewest_looked_at(FEW) == told
    lines = [plain(spans) for spans in summary_lines(FEW, 200)]
    assert lines[-2:] == ["5 of 5 promises looked at: 5 kept", told]


@pytest.mark.parametrize(
    "records",
    [
        [],
        [ROWS, kept("unique[a]")],
        [ROWS, kept("nulls[b[].c]", decided_by=Denominator(count=9000, unit=VALUE))],
        [kept("nulls[b[].c]", decided_by=Denominator(count=1, unit=VALUE))],
        [ROWS, replace(kept("rule[a]", 3), outcome=Outcome.BROKEN)],
    ],
    ids=["none", "all rows", "more than rows", "rows not selected", "not kept"],
)
def test_nothing_is_told_where_no_kept_promise_rests_on_less_than_all_rows(
    records: list[PromiseRecord],
) -> None:
    assert fewest_looked_at(records) == ""
