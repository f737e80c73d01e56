"""Where dataframely can say the same promise, it counts as many rows that break it."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.orders import contract_of

from cst_contracts.api import check
from cst_contracts.neighbours.dataframely import dataframely_schema
from cst_contracts.neighbours.parts import schema_of

CONTRACT = """\
table: t
source: {format: parquet, location: t}
nullability: values
fields:
  - {name: id,     type: int64, nullable: false, minimum: 0}
  - {name: status, type: string, nullable: false, enum: [open, paid, ü]}
  - {name: code,   type: string, pattern: "^[a-z]+$", max_length: 2}
  - {name: total,  type: float64, exclusive_maximum: 9.5}
  - {name: day,    type: date32, minimum: "2026-01-01"}
keys: [[status]]
"""
#: What dataframely calls our checks.
RULES = {
    "nulls[id]": "id|nullability",
    "range[id]": "id|min",
    "nulls[status]": "status|nullability",
    "enum[status]": "status|check__enum",
    "pattern[code]": "code|regex",
    "length[code]": "code|check__max_length",
    "range[total]": "total|max_exclusive",  # polars takes NaN for the greatest number
    "range[day]": "day|min",
}
COLUMNS: Mapping[str, st.SearchStrategy[Any]] = {
    "id": st.integers(-2, 5),
    "status": st.sampled_from(["open", "paid", "ü", "u", ""]),
    "code": st.text("abÄ1\n", max_size=3),
    "total": st.sampled_from(
        [0.0, -0.0, 9.4, 9.5, 1e300, float("inf"), float("-inf"), float("nan")]
    ),
    "day": st.dates(date(2025, 12, 30), date(2026, 1, 3)),
}
ROW = st.fixed_dictionaries({name: st.none() | each for name, each in COLUMNS.items()})


def counted_by_us(rows: pa.Table) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "t").mkdir()
        half = rows.num_rows // 2
        for name, part in {"0": rows[:half], "1": rows[half:]}.items():
            pq.write_table(part, Path(folder) / "t" / f"{name}.parquet", row_group_size=2)
        contract = Path(folder) / "t.yaml"
        contract.write_text(CONTRACT, encoding="utf-8")
        result = check(contract, lake=folder)
    return {each.check: each.violations or 0 for each in result.promises}


def counted_by_dataframely(rows: pa.Table) -> dict[str, int]:
    defined: dict[str, Any] = {}
    exec(compile(dataframely_schema(contract_of(CONTRACT)).content, "made.py", "exec"), defined)  # noqa: S102
    schema: type[dy.Schema] = defined["T"]
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    _, failure = schema.filter(frame)
    return dict(failure.counts())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(ROW, min_size=1, max_size=8))
def test_as_many_rows_break_each_promise(rows: Sequence[Mapping[str, Any]]) -> None:
    schema = pa.schema(
        [each.with_nullable(nullable=True) for each in schema_of(contract_of(CONTRACT))]
    )
    table = pa.Table.from_pylist([dict(each) for each in rows], schema)
    ours, theirs = counted_by_us(table), counted_by_dataframely(table)
    assert {each: ours[each] for each in RULES} == {
        each: theirs.get(rule, 0) for each, rule in RULES.items()
    }
    assert bool(ours["unique[status]"]) == bool(_twice(table))


def _twice(table: pa.Table) -> int:
    """To dataframely, two nulls are one key twice; in SQL they are none."""
    kept = table.filter(pa.compute.is_valid(table["status"]))
    return counted_by_dataframely(kept).get("status|unique", 0)
