"""A broken order is told with its other side: what is declared, and what the rows are like."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cst_contracts.checks.verdict import Cause, Undecided

Judge = Callable[..., Any]

TEXT = """\
table: t
source: {format: parquet, location: t.parquet, ordered_by: [a]}
fields: [{name: a, type: int64}, {name: b, type: int64}]
"""


def test_rows_out_of_order_are_told_with_what_is_declared(tmp_path: Path, judge: Judge) -> None:
    pq.write_table(pa.table({"a": [2, 1, 3], "b": [1, 2, 3]}), tmp_path / "t.parquet")
    judged = judge(TEXT)
    assert judged.red == {
        "order[measured]": ("rows-out-of-order",),
        "order[declared]": ("not-checkable",),
        "order[plan]": ("not-checkable",),
    }
    for check in ("order[declared]", "order[plan]"):
        undecided = judged[check]
        assert isinstance(undecided, Undecided)
        assert undecided.cause == Cause("t", "order[measured]")
        assert undecided.finding.observed == "not registered with it: 1 of 3 rows are out of it"
    assert judged.finding("order[measured]").observed == (
        "1 row out of order; first in t.parquet, row 1: (1) after (2); "
        "declared: the plan shows no order"
    )


def test_a_conflicting_footer_is_told_with_what_the_rows_are_like(
    tmp_path: Path, judge: Judge
) -> None:
    rows = pa.table({"a": [1, 2, 3], "b": [3, 2, 1]})
    pq.write_table(rows, tmp_path / "t.parquet", sorting_columns=[pq.SortingColumn(1)])
    judged = judge(TEXT)
    assert judged.red == {"order[declared]": ("order-conflict",)}
    observed = judged.finding("order[declared]").observed
    assert observed.endswith("; measured: all of 3 rows are in the promised order")


def test_both_red_tell_of_each_other(tmp_path: Path, judge: Judge) -> None:
    rows = pa.table({"a": [3, 2, 1], "b": [1, 2, 3]})
    pq.write_table(rows, tmp_path / "t.parquet", sorting_columns=[pq.SortingColumn(1)])
    judged = judge(TEXT)
    assert set(judged.red) == {"order[declared]", "order[measured]", "order[plan]"}
    assert isinstance(judged["order[plan]"], Undecided)
    assert judged.finding("order[declared]").observed.endswith(
        "; measured: 2 of 3 rows are out of the promised order, first in t.parquet"
    )
    assert judged.finding("order[measured]").observed.endswith(
        "; declared: the plan shows b asc nulls last, footers claim b asc nulls last"
    )


def test_nothing_is_measured_that_was_not_selected(tmp_path: Path, judge: Judge) -> None:
    rows = pa.table({"a": [3, 2, 1], "b": [1, 2, 3]})
    pq.write_table(rows, tmp_path / "t.parquet", sorting_columns=[pq.SortingColumn(1)])
    assert "measured" not in judge(TEXT, only="order[declared]").finding("order[declared]").observed
