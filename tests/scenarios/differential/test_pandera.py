"""Where pandera can say the same promise, it comes to the same verdict."""

import tempfile
from pathlib import Path

import pandera.polars as pa_polars
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors
from support.rows import answers, observing, table_contract

from cst_contracts.facts import KeyCount, NullCount, RuleCount

CONTRACT = """table: t
source: {format: parquet, location: t}
fields:
  - {name: t, type: string, nullable: false}
  - {name: n, type: int64, nullable: false}
keys: [[t], [n], [t, n]]
rules:
  - {name: known, sql: "t IN ('a', 'b', '')"}
  - {name: positive, sql: n > 0}
"""
ROW = st.tuples(
    st.one_of(st.none(), st.sampled_from(["", "a", "b", "ä"])),
    st.one_of(st.none(), st.integers(-1, 9)),
)
SCHEMA = pa.schema([("t", pa.string()), ("n", pa.int64())])


def broken_for_pandera(rows: list[tuple[str | None, int | None]]) -> set[str]:
    frame = polars.DataFrame(
        {"t": [t for t, _ in rows], "n": [n for _, n in rows]},
        schema={"t": polars.String, "n": polars.Int64},
    )
    known = pa_polars.Check.isin(["a", "b", ""])
    promises = {
        "nulls[t]": (frame, {"t": pa_polars.Column(str, nullable=False)}, None),
        "nulls[n]": (frame, {"n": pa_polars.Column(int, nullable=False)}, None),
        "rule[known]": (frame, {"t": pa_polars.Column(str, known, nullable=True)}, None),
        "rule[positive]": (
            frame,
            {"n": pa_polars.Column(int, pa_polars.Check.gt(0), nullable=True)},
            None,
        ),
        # To pandera, two nulls are one key twice; in SQL they are none.
        "unique[t]": (frame.drop_nulls("t"), {"t": pa_polars.Column(str, unique=True)}, None),
        "unique[n]": (frame.drop_nulls("n"), {"n": pa_polars.Column(int, unique=True)}, None),
        "unique[t,n]": (frame.drop_nulls(), {}, ["t", "n"]),
    }
    return {
        name
        for name, (rows_, columns, unique) in promises.items()
        if _fails(rows_, columns, unique)
    }


def _fails(
    frame: polars.DataFrame, columns: dict[str, pa_polars.Column], unique: list[str] | None
) -> bool:
    try:
        pa_polars.DataFrameSchema(columns, unique=unique).validate(frame, lazy=True)
    except SchemaErrors:
        return True
    return False


def broken_for_us(rows: list[tuple[str | None, int | None]]) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "t").mkdir()
        half = len(rows) // 2
        for name, part in {"0": rows[:half], "1": rows[half:]}.items():
            table = pa.Table.from_pylist([{"t": t, "n": n} for t, n in part], SCHEMA)
            pq.write_table(table, Path(folder) / "t" / f"{name}.parquet", row_group_size=2)
        contract = table_contract(CONTRACT)
        found = answers(observing(folder, [contract]), contract)
        return {name for name, answer in found.items() if _violations(answer)}


def _violations(answer: object) -> int:
    match answer:
        case NullCount(nulls=nulls):
            return nulls
        case KeyCount(duplicates=duplicates):
            return duplicates
        case RuleCount(violations=violations):
            return violations
        case _:
            pytest.fail(str(answer))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(ROW, min_size=1, max_size=6))
def test_the_verdict_is_panderas(rows: list[tuple[str | None, int | None]]) -> None:
    assert broken_for_us(rows) == broken_for_pandera(rows)
