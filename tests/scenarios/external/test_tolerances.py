"""Bounds over real tables: what is within them is kept with its exact number, in every format and depth."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Kept

#: Of 1,000 rows: 40 nulls in `a`, 3 negative numbers, 5 that another row has, 2 that refer to nothing.
ROWS = 1000
FLAT = {
    "a": [None if n % 25 == 0 else n for n in range(ROWS)],
    "n": [-1 if n in (7, 500, 999) else n for n in range(ROWS)],
    "k": [n - 1 if n in (10, 20, 400, 600, 999) else n for n in range(ROWS)],
    "r": [5_000 if n in (3, 998) else n % 10 for n in range(ROWS)],
}
TEXT = """\
table: t
source: {{format: {format_}, location: t}}
fields:
  - {{name: a, type: int64, max_nulls: {nulls}}}
  - {{name: n, type: int64}}
  - {{name: k, type: int64}}
  - {{name: r, type: int64}}
keys: [{{fields: [k], at_most: {keys}}}]
references: [{{fields: [r], table: u, to: [id], at_most: {references}}}]
rules: [{{name: positive, sql: n >= 0, at_most: {rules}}}]
"""
OTHER = "table: u\nsource: {format: parquet, location: u}\nfields: [{name: id, type: int64}]\n"
CHECKS = {
    "nulls[a]": ("nulls", 40, "4%", "3.9%", "null-values"),
    "unique[k]": ("keys", 5, "0.5%", "0.4%", "duplicate-keys"),
    "reference[r→u.id]": ("references", 2, "0.2%", "1", "dangling-references"),
    "rule[positive]": ("rules", 3, "3", "2", "rule-violated"),
}


def write(folder: Path, format_: str, rows: pa.Table) -> None:
    """In two files, so that no bound is held against the rows of one."""
    (folder / "t").mkdir(exist_ok=True)
    for number, part in enumerate((rows.slice(0, 600), rows.slice(600))):
        file = folder / "t" / f"{number}.{format_}"
        if format_ == "delta":
            write_deltalake(folder / "t", part, mode="append")
        elif format_ == "csv":
            pyarrow.csv.write_csv(part, file)
        else:
            pq.write_table(part, file, row_group_size=250)


def write_other(folder: Path) -> None:
    (folder / "u").mkdir()
    pq.write_table(pa.table({"id": list(range(10))}), folder / "u" / "0.parquet")


def text(format_: str, bounds: Mapping[str, str]) -> str:
    return TEXT.format(format_=format_, **bounds)


@pytest.mark.parametrize("samples", [0, 2])
@pytest.mark.parametrize("format_", ["parquet", "delta", "csv"])
def test_as_many_as_are_tolerated_are_kept_and_told(
    tmp_path: Path, judge: Callable[..., Any], format_: str, samples: int
) -> None:
    write(tmp_path, format_, pa.table(FLAT))
    write_other(tmp_path)
    bounds = {name: within for name, _, within, _, _ in CHECKS.values()}
    promises = judge(text(format_, bounds), OTHER, samples=samples)
    assert promises.red == {}
    for check, (_, count, *_) in CHECKS.items():
        kept = promises[check]
        assert isinstance(kept, Kept)
        assert kept.violations == count
        assert promises.finding(check).code is FindingCode.VIOLATIONS_TOLERATED


@pytest.mark.parametrize("format_", ["parquet", "delta", "csv"])
def test_more_than_are_tolerated_are_red_with_their_rows(
    tmp_path: Path, judge: Callable[..., Any], format_: str
) -> None:
    write(tmp_path, format_, pa.table(FLAT))
    write_other(tmp_path)
    bounds = {name: below for name, _, _, below, _ in CHECKS.values()}
    promises = judge(text(format_, bounds), OTHER, samples=2)
    assert promises.red == {check: (code,) for check, (*_, code) in CHECKS.items()}
    for check, (_, count, *_) in CHECKS.items():
        broken = promises[check]
        assert isinstance(broken, Broken)
        assert (broken.violations, len(broken.samples)) == (count, 2)


NESTED = """\
table: t
source: {{format: {format_}, location: t}}
fields:
  - name: l
    type: list<struct>
    fields:
      - {{name: id, type: string, max_nulls: {nulls}}}
      - {{name: n, type: int64}}
keys: [{{fields: ["l[].n"], at_most: {keys}}}]
"""
LIST = pa.list_(pa.struct([("id", pa.string()), ("n", pa.int64())]))


def nested(rows: int) -> pa.Table:
    """Three elements a row: of all, two have no id, and two the number of another."""
    lists = [
        [{"id": f"{row}-{each}", "n": 3 * row + each} for each in range(3)] for row in range(rows)
    ]
    for row in (0, 6):
        lists[row][1]["id"] = None
        lists[row][2]["n"] = 3 * row
    return pa.table({"l": pa.array(lists, LIST)})


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_a_share_is_of_elements_where_a_promise_is_about_elements(
    tmp_path: Path, judge: Callable[..., Any], format_: str
) -> None:
    write(tmp_path, format_, nested(10))  # 30 elements, of which 2 are 6.67%
    kept = judge(NESTED.format(format_=format_, nulls="7%", keys="7%"))
    assert kept.red == {}
    assert kept.finding("nulls[l[].id]").observed == "2 nulls among 30 (6.67%)"
    assert kept.finding("unique[l[].n]").observed == "2 more rows than keys, of 30 (6.67%)"
    red = judge(NESTED.format(format_=format_, nulls="6%", keys="1"))
    assert red.red == {"nulls[l[].id]": ("null-values",), "unique[l[].n]": ("duplicate-keys",)}


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_a_share_of_no_element_is_vacuous(
    tmp_path: Path, judge: Callable[..., Any], format_: str
) -> None:
    write(tmp_path, format_, pa.table({"l": pa.array([[], None, []], LIST)}))
    promises = judge(NESTED.format(format_=format_, nulls="99%", keys="99%"))
    assert promises.red == {
        "nulls[l[].id]": ("nothing-to-count",),
        "unique[l[].n]": ("nothing-to-count",),
    }


def test_footers_alone_count_the_nulls_of_a_flat_field(
    tmp_path: Path, judge: Callable[..., Any]
) -> None:
    write(tmp_path, "parquet", pa.table(FLAT))
    write_other(tmp_path)
    bounds = {name: within for name, _, within, _, _ in CHECKS.values()}
    promises = judge(text("parquet", bounds), OTHER, only="nulls[a]", samples=3)
    kept = promises["nulls[a]"]
    assert isinstance(kept, Kept)
    assert (kept.basis, kept.violations) == ("statistics", 40)


def test_a_session_that_declares_the_field_not_null_cannot_have_its_nulls_counted(
    tmp_path: Path, judge: Callable[..., Any]
) -> None:
    table = pa.table(FLAT)
    write(tmp_path, "parquet", table)
    write_other(tmp_path)
    context = SessionContext()
    schema = pa.schema([field.with_nullable(field.name != "a") for field in table.schema])
    context.register_parquet("t", str(tmp_path / "t"), schema=schema)
    bounds = {name: within for name, _, within, _, _ in CHECKS.values()}
    promises = judge(text("parquet", bounds), OTHER, supplied=context, only="nulls[a]")
    assert promises.red == {"nulls[a]": ("null-values",)}
    assert promises.finding("nulls[a]").promised == "at most 4% null"


VIEW = """\
table: t
source: {{format: parquet, location: t}}
fields:
  - {{name: a, type: int64}}
  - {{name: n, type: int64}}
  - {{name: k, type: int64}}
  - {{name: r, type: int64}}
views:
  - name: v
    sql: SELECT a FROM t
    fields: [{{name: a, type: int64, {promise}}}]
"""


@pytest.mark.parametrize(
    ("promise", "outcome", "codes"),
    [
        ("max_nulls: 4%", Kept, ("violations-tolerated",)),
        ("max_nulls: 39", Broken, ("null-values",)),
        ("max_nulls: 39, severity: warn", Kept, ("null-values",)),
        ("nullable: false, severity: warn", Kept, ("declared-nullable", "null-values")),
    ],
)
def test_a_view_tells_what_its_fields_tolerate_and_what_only_warns(
    tmp_path: Path,
    judge: Callable[..., Any],
    promise: str,
    outcome: type[Kept | Broken],
    codes: tuple[str, ...],
) -> None:
    write(tmp_path, "parquet", pa.table(FLAT))
    verdict = judge(VIEW.format(promise=promise), only="view[v]")["view[v]"]
    assert isinstance(verdict, outcome)
    findings = verdict.notes if isinstance(verdict, Kept) else verdict.findings
    assert tuple(each.code.value for each in findings) == codes


STREAM = """\
table: t
source: {{format: csv, location: t.csv, unbounded: true}}
fields: [{{name: a, type: int64, max_nulls: {nulls}}}]
rules: [{{name: positive, sql: a >= 0, at_most: {rules}}}]
"""


@pytest.mark.parametrize(
    ("nulls", "rules", "red"),
    [("50%", "1", {}), ("2", "0", {"nulls[a]": "null-values", "rule[positive]": "rule-violated"})],
)
def test_what_came_of_a_stream_is_held_against_the_bound(
    tmp_path: Path, judge: Callable[..., Any], nulls: str, rules: str, red: Mapping[str, str]
) -> None:
    (tmp_path / "t.csv").write_text('a\n""\n1\n""\n2\n-3\n""\n', encoding="utf-8")
    promises = judge(STREAM.format(nulls=nulls, rules=rules))
    assert promises.red == {check: (code,) for check, code in red.items()}
    if not red:
        assert promises.finding("nulls[a]").observed == "3 nulls among 6 (50%)"
        assert promises["rule[positive]"].violations == 1
