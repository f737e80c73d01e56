"""What is counted of groups equals what a naive reader makes of the rows, in every format and type."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.row_oracle import Row, rows_of
from support.rows import observing, table_contract
from support.tables import ARROW, CSV, DELTA, PARQUET, Made, made_tables, write

from cst_contracts.contract.model import AggregateContract
from cst_contracts.datatypes import print_type
from cst_contracts.facts import AggregateCount
from cst_contracts.location import Location
from cst_contracts.needs import AggregateNeed

AT = Location("t.yaml", 1, 1)
Numbers: TypeAlias = Sequence[int]
#: Of the numbers in a group, and how many rows it has.
AGGREGATES: dict[str, Callable[[Numbers, int], bool | None]] = {
    "count(*) <= 1": lambda _, rows: rows <= 1,
    "count(n) > 0": lambda found, _: len(found) > 0,
    "count(n) = count(*)": lambda found, rows: len(found) == rows,
    "count(DISTINCT n) = count(n)": lambda found, _: len(set(found)) == len(found),
    "count(DISTINCT n) > 1 AND avg(n) < 1": (
        lambda found, _: len(set(found)) > 1 and sum(found) < len(found)
    ),
    "sum(DISTINCT n) = sum(n)": lambda found, _: sum(set(found)) == sum(found) if found else None,
    "avg(n) >= 0": lambda found, _: sum(found) >= 0 if found else None,
    "stddev_pop(n) = 0": lambda found, _: len(set(found)) == 1 if found else None,
    "sum(n) >= 0": lambda found, _: sum(found) >= 0 if found else None,
    "min(n) = max(n)": lambda found, _: min(found) == max(found) if found else None,
    "max(n) > 0 OR count(n) = 0": lambda found, _: not found or max(found) > 0,
}


def grouped(rows: Sequence[Row], per: Sequence[str]) -> list[list[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = {} if per else {(): []}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in per), []).append(row)
    return list(groups.values())


def expected(made: Made, sql: str, per: Sequence[str]) -> tuple[int, int, int, int, list[int]]:
    """How many rows, groups, false ones and NULL ones, and the rows of the largest false ones."""
    rows = [row for _, row in rows_of(made.files)]
    held = [
        (AGGREGATES[sql]([row["n"] for row in group if row["n"] is not None], len(group)), group)
        for group in grouped(rows, per)
    ]
    false = sorted((len(group) for holds, group in held if holds is False), reverse=True)
    null = sum(holds is None for holds, _ in held)
    return len(rows), len(held), len(false), null, false[:5] if per else []


def answered(made: Made, sql: str, per: Sequence[str]) -> tuple[int, int, int, int, list[int]]:
    fields = ", ".join(f'{{name: {n}, type: "{print_type(t)}"}}' for n, t in made.types.items())
    contract = table_contract(
        f"table: t\nsource: {{format: {made.format}, location: t}}\nfields: [{fields}]\n"
    )
    need = AggregateNeed("t", AggregateContract("it", sql, AT, tuple(per)))
    with tempfile.TemporaryDirectory() as folder:
        write(made, Path(folder))
        count = observing(folder, [contract], [need]).answer(need)
    assert isinstance(count, AggregateCount), count
    sizes = [group.rows for group in count.false]
    return count.rows, count.groups, count.violations, count.unknown, sizes


@pytest.mark.parametrize("format_", [PARQUET, DELTA, ARROW, CSV])
def test_groups_are_counted_as_a_naive_reader_counts_them(format_: str) -> None:
    keys = ["b", "a"] if format_ == CSV else ["t", "b", "a", "w", "y", "d"]

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        made_tables(format_),
        st.sampled_from(list(AGGREGATES)),
        st.lists(st.sampled_from(keys), max_size=2, unique=True),
    )
    def compare(made: Made, sql: str, per: list[str]) -> None:
        assert answered(made, sql, per) == expected(made, sql, per)

    compare()
