"""On small made-up tables, what is measured equals what a naive reader of the rows counts."""

import math
import tempfile
from collections.abc import Callable, Sequence
from functools import cmp_to_key
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from measuring import measurements, table_contract

from cst_contracts.checks.needs import KeyNeed, OrderNeed, ReferenceNeed, RuleNeed
from cst_contracts.contract.model import TableContract
from cst_contracts.engine.measurements import Measurements
from cst_contracts.facts import KeyCount, ReferenceCount, RowOrder, RuleCount, SortTerm

Row: TypeAlias = dict[str, Any]

TEXT = st.one_of(st.none(), st.sampled_from(["", "a", "b", "ä", "Z", "🦀"]), st.text(max_size=2))
NUMBER = st.one_of(st.none(), st.integers(-2, 2))
FLOAT = st.one_of(st.none(), st.sampled_from([0.0, -0.0, math.nan, -math.inf, 1.5]))
ELEMENT = st.one_of(st.none(), st.fixed_dictionaries({"id": TEXT, "n": NUMBER}))
ROW = st.fixed_dictionaries(
    {
        "t": TEXT.filter(lambda text: text is None or "\x00" not in text),
        "n": NUMBER,
        "f": FLOAT,
        "l": st.one_of(st.none(), st.lists(ELEMENT, max_size=3)),
    }
)
SCHEMA = pa.schema(
    [
        ("t", pa.string()),
        ("n", pa.int64()),
        ("f", pa.float64()),
        ("l", pa.list_(pa.struct([("id", pa.string()), ("n", pa.int64())]))),
    ]
)
CONTRACT = """table: t
source: {{format: {format}, location: t}}
fields:
  - {{name: t, type: string}}
  - {{name: n, type: int64}}
  - {{name: f, type: double}}
  - {{name: l, type: "list<struct<id: string, n: int64>>"}}
keys: [[t], [t, n], ["l[].id"], ["l[].id", "l[].n"], [t, "l[].n"]]
references:
  - {{fields: [t], table: t, to: ["l[].id"]}}
  - {{fields: ["l[].id", "l[].n"], table: t, to: [t, n]}}
rules:
  - {{name: small, sql: n < 2}}
  - {{name: known, sql: "t IS NOT NULL AND t <> 'b'"}}
"""


def flat(rows: Sequence[Row], paths: Sequence[str]) -> list[tuple[Any, ...]]:
    """One tuple per row, or per element of the one list that the paths reach into."""
    if not any("[]" in path for path in paths):
        return [tuple(row[path] for path in paths) for row in rows]
    return [
        tuple(
            (None if element is None else element[path.removeprefix("l[].")])
            if "[]" in path
            else row[path]
            for path in paths
        )
        for row in rows
        for element in row["l"] or []
    ]


def key_count(rows: Sequence[Row], paths: Sequence[str]) -> KeyCount:
    keys = flat(rows, paths)
    complete = [key for key in keys if None not in key]
    return KeyCount(len(complete), len(complete) - len(set(complete)), len(keys) - len(complete))


def reference_count(rows: Sequence[Row], paths: Sequence[str], to: Sequence[str]) -> ReferenceCount:
    there = set(flat(rows, to))
    complete = [key for key in flat(rows, paths) if None not in key]
    return ReferenceCount(len(complete), sum(key not in there for key in complete))


def total_order(value: object) -> tuple[object, ...]:
    """Text by its bytes, floats by IEEE 754's total order."""
    if isinstance(value, str):
        return (value.encode(),)
    if isinstance(value, float):
        return (math.inf, 2.0) if math.isnan(value) else (value, math.copysign(1, value))
    return (value,)


def belongs_before(second: Row, first: Row, terms: Sequence[SortTerm]) -> bool:
    def compare(one: Row, other: Row) -> int:
        for term in terms:
            a, b = one[term.field], other[term.field]
            if (a is None) != (b is None):
                return -1 if (a is None) == term.nulls_first else 1
            if a is not None and total_order(a) != total_order(b):
                smaller = total_order(a) < total_order(b)
                return -1 if smaller != term.descending else 1
        return 0

    return bool(cmp_to_key(compare)(second) < cmp_to_key(compare)(first))


def measure(
    rows: Sequence[Row], format_: str, check: Callable[[Measurements, TableContract], None]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = pa.Table.from_pylist(list(rows), SCHEMA)
        if format_ == "delta":
            write_deltalake(f"{folder}/t", table)
        else:
            half = len(rows) // 2
            (Path(folder) / "t").mkdir()
            pq.write_table(table.slice(0, half), f"{folder}/t/0.parquet", row_group_size=2)
            pq.write_table(table.slice(half), f"{folder}/t/1.parquet", row_group_size=3)
        contract = table_contract(CONTRACT.format(format=format_))
        check(measurements(folder, [contract]), contract)


@pytest.mark.parametrize("format_", ["parquet", "delta"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(ROW, min_size=1, max_size=8))
def test_keys_references_and_rules_are_counted_exactly(rows: list[Row], format_: str) -> None:
    def check(measured: Measurements, contract: TableContract) -> None:
        for key in contract.keys:
            assert measured.answer("t", KeyNeed(key.fields)) == key_count(rows, key.fields)
        for reference in contract.references:
            expected = reference_count(rows, reference.fields, reference.to)
            assert measured.answer("t", ReferenceNeed(reference)) == expected
        small = sum(row["n"] is not None and row["n"] >= 2 for row in rows)
        known = sum(row["t"] is None or row["t"] == "b" for row in rows)
        counted = {rule.name: measured.answer("t", RuleNeed(rule)) for rule in contract.rules}
        assert counted == {
            "small": RuleCount(len(rows), small),
            "known": RuleCount(len(rows), known),
        }

    measure(rows, format_, check)


TERM = st.builds(SortTerm, st.sampled_from(["t", "n", "f"]), st.booleans(), st.booleans())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(ROW, min_size=1, max_size=10),
    terms=st.lists(TERM, min_size=1, max_size=3, unique_by=lambda term: term.field),
)
def test_rows_out_of_order_are_counted_file_by_file(rows: list[Row], terms: list[SortTerm]) -> None:
    half = len(rows) // 2
    expected = sum(
        belongs_before(second, first, terms)
        for part in (rows[:half], rows[half:])
        for first, second in pairwise(part)
    )

    def check(measured: Measurements, _: TableContract) -> None:
        order = measured.answer("t", OrderNeed(tuple(terms)))
        assert isinstance(order, RowOrder)
        assert (order.rows, order.violations) == (len(rows), expected)
        assert bool(order.examples) == (expected > 0)

    measure(rows, "parquet", check)
