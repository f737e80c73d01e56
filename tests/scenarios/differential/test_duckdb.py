"""Where DuckDB can ask the same in SQL, it counts as many nulls, values, keys, references, rows, groups."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cst_contracts.api import check
from cst_contracts.report.manifest_file import Outcome

CONTRACT = """\
table: t
source: {format: parquet, location: t}
nullability: values
fields:
  - {name: id,   type: int64, nullable: false, minimum: 0}
  - {name: kind, type: string, enum: [a, b, ü]}
  - {name: n,    type: int64}
  - {name: day,  type: date32, nullable: false}
  - {name: tags, type: "list<int64 not null>"}
  - {name: span, type: "struct<low: int64 not null, high: int64>"}
keys: [[id], [kind, n], [span.low]]
references: [{fields: [n], table: u, to: [n]}]
rules:
  - {name: positive, sql: n > 0}
  - {name: later,    sql: "day >= DATE '2026-01-01' OR kind = 'a'"}
  - {name: rises,    sql: "span.low <= span.high"}
  - {name: short,    sql: "length(kind) = 1 AND kind NOT IN ('b')"}
aggregates:
  - {name: several,  sql: count(*) >= 3}
  - {name: few,      sql: count(DISTINCT n) <= 1, per: [kind]}
  - {name: balanced, sql: "sum(n) BETWEEN -3 AND 6"}
"""
OTHER = (
    "table: u\nsource: {format: parquet, location: u.parquet}\nfields: [{name: n, type: int64}]\n"
)
WHOLE = "SELECT count(*) FROM t WHERE NOT coalesce({}, true)"
KEY = "SELECT count(*) - count(DISTINCT {0}) FROM t WHERE {1}"
#: What DuckDB is asked for each check: how many break it.
ASKED = {
    "nulls[id]": "SELECT count(*) FROM t WHERE id IS NULL",
    "nulls[day]": "SELECT count(*) FROM t WHERE day IS NULL",
    "nulls[tags[]]": "SELECT count(*) FROM (SELECT unnest(tags) AS v FROM t) WHERE v IS NULL",
    "nulls[span.low]": "SELECT count(*) FROM t WHERE span IS NOT NULL AND span.low IS NULL",
    "range[id]": "SELECT count(*) FROM t WHERE id < 0",
    "enum[kind]": "SELECT count(*) FROM t WHERE kind NOT IN ('a', 'b', 'ü')",
    "unique[id]": KEY.format("id", "id IS NOT NULL"),
    "unique[kind,n]": KEY.format("(kind, n)", "kind IS NOT NULL AND n IS NOT NULL"),
    "unique[span.low]": KEY.format("span.low", "span.low IS NOT NULL"),
    "reference[n→u.n]": "SELECT count(*) FROM t WHERE n IS NOT NULL AND n NOT IN "
    "(SELECT n FROM u WHERE n IS NOT NULL)",
    "rule[positive]": WHOLE.format("n > 0"),
    "rule[later]": WHOLE.format("(day >= DATE '2026-01-01' OR kind = 'a')"),
    "rule[rises]": WHOLE.format("span.low <= span.high"),
    "rule[short]": WHOLE.format("(length(kind) = 1 AND kind NOT IN ('b'))"),
    "aggregate[several]": "SELECT count(*) FROM (SELECT count(*) >= 3 AS held FROM t) WHERE NOT held",
    "aggregate[few]": "SELECT count(*) FROM (SELECT count(DISTINCT n) <= 1 AS held FROM t GROUP BY kind) "
    "WHERE NOT held",
    "aggregate[balanced]": "SELECT count(*) FROM "
    "(SELECT sum(n) BETWEEN -3 AND 6 AS held FROM t) WHERE NOT held",
}
SMALL = st.none() | st.integers(-2, 4)
ROW = st.fixed_dictionaries(
    {
        "id": SMALL,
        "kind": st.none() | st.sampled_from(["a", "b", "ü", "u", ""]),
        "n": SMALL,
        "day": st.none() | st.dates(date(2025, 12, 30), date(2026, 1, 3)),
        "tags": st.none() | st.lists(SMALL, max_size=2),
        "span": st.none() | st.fixed_dictionaries({"low": SMALL, "high": SMALL}),
    }
)
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("kind", pa.string()),
        ("n", pa.int64()),
        ("day", pa.date32()),
        ("tags", pa.list_(pa.int64())),
        ("span", pa.struct([("low", pa.int64()), ("high", pa.int64())])),
    ]
)


@contextmanager
def stored(rows: Sequence[Mapping[str, Any]], others: Sequence[int | None]) -> Iterator[None]:
    """In two files, in the working directory."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("t").mkdir()
        Path("contracts").mkdir()
        half = len(rows) // 2
        for name, part in {"0": rows[:half], "1": rows[half:]}.items():
            table = pa.Table.from_pylist([dict(each) for each in part], SCHEMA)
            pq.write_table(table, f"t/{name}.parquet", row_group_size=2)
        pq.write_table(pa.table({"n": pa.array(others, pa.int64())}), "u.parquet")
        Path("contracts/t.yaml").write_text(CONTRACT, encoding="utf-8")
        Path("contracts/u.yaml").write_text(OTHER, encoding="utf-8")
        yield


def counted_by_duckdb() -> dict[str, int]:
    with duckdb.connect() as connection:
        connection.sql("CREATE VIEW t AS FROM read_parquet('t/*.parquet')")
        connection.sql("CREATE VIEW u AS FROM read_parquet('u.parquet')")
        answers = {each: connection.sql(sql).fetchall() for each, sql in ASKED.items()}
    return {each: int(count) for each, ((count,),) in answers.items()}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(ROW, min_size=1, max_size=8), others=st.lists(SMALL, min_size=1, max_size=5))
def test_as_many_break_each_promise(
    rows: Sequence[Mapping[str, Any]], others: Sequence[int | None]
) -> None:
    with stored(rows, others):
        theirs = counted_by_duckdb()
        found = {each.check: each for each in check("contracts/t.yaml").promises}

    for id_, count in theirs.items():
        told = found[id_]
        assert (told.violations or 0) == count, (id_, told.observed)
        if count:
            assert told.outcome is Outcome.BROKEN, (id_, told)


def test_what_is_asked_of_both_is_every_promise_about_rows() -> None:
    with stored([{"id": 1, "day": date(2026, 1, 1)}], [1]):
        found = check("contracts/t.yaml").promises
    kinds = ("nulls[", "range[", "enum[", "unique[", "reference[", "rule[", "aggregate[")
    asked = {each.check for each in found if each.check.startswith(kinds)}
    assert asked - set(ASKED) <= {f"nulls[{each}]" for each in ("kind", "n", "tags", "span")}
    assert set(ASKED) <= asked
