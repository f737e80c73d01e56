"""Aggregates over real tables, in every format, computed from the rows whatever footers say."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from support.delta_logs import with_deleted_rows

from cst_contracts.checks.verdict import Broken, Kept, Undecided, Vacuous
from cst_contracts.facts import Basis

#: Of three repositories, of 60, 30 and 10 rows; the last has no number at all.
ROWS = pa.table(
    {
        "repo": ["attrs"] * 60 + ["flask"] * 30 + ["tiny"] * 10,
        "n": pa.array([*range(60), *range(30), *([None] * 10)], pa.int64()),
    }
)
TEXT = """\
table: t
source: {{format: {format_}, location: t{source}}}
fields:
  - {{name: repo, type: string{more}}}
  - {{name: n, type: int64}}
{rest}
aggregates:
  - {{name: it, {aggregate}}}
"""
IT = "aggregate[it]"


def text(
    aggregate: str, format_: str = "parquet", more: str = "", source: str = "", rest: str = ""
) -> str:
    return TEXT.format(aggregate=aggregate, format_=format_, more=more, source=source, rest=rest)


def write(folder: Path, format_: str, rows: pa.Table = ROWS) -> None:
    """In two files, so that groups lie in both."""
    (folder / "t").mkdir(exist_ok=True)
    for number, part in enumerate((rows.slice(0, 45), rows.slice(45))):
        file = folder / "t" / f"{number}.{format_}"
        if format_ == "delta":
            write_deltalake(folder / "t", part, mode="append", partition_by=["repo"])
        elif format_ == "csv":
            pyarrow.csv.write_csv(part, file)
        elif format_ == "json":
            lines = map(json.dumps, part.to_pylist())
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        else:
            pq.write_table(part, file, row_group_size=20)


EVERY_FORMAT = pytest.mark.parametrize("format_", ["parquet", "delta", "csv", "json"])


def partitioned(format_: str) -> str:
    return ", partitioned_by: [repo]" if format_ == "delta" else ""


TRUE = (
    "sql: count(*) = 100",
    'sql: "count(DISTINCT repo) = 3 AND max(n) = 59 -- both"',
    "sql: sum(n) = 2205 AND avg(n) > 20",
    "sql: count(*) >= 10, per: [repo]",
    "sql: count(DISTINCT repo) = 1, per: [repo]",
    "sql: \"sum(n) FILTER (WHERE repo <> 'tiny') = 2205\"",
    "sql: \"max(n) < 60 OR repo = 'tiny'\", per: [repo], allow_empty: true",
)
#: With how many groups it is false for, and what is told.
FALSE = (
    ("sql: count(*) >= 101", 1, "false for 100 rows: count(*) = 100"),
    (
        "sql: count(DISTINCT repo) > 3 AND min(n) = 0",
        1,
        "false for 100 rows: count(DISTINCT repo) = 3, min(n) = 0",
    ),
    (
        "sql: count(*) > 30, per: [repo]",
        2,
        "false for 2 of 3 groups: repo='flask' (30 rows); repo='tiny' (10 rows)",
    ),
    ("sql: count(*) <> 10, per: [repo]", 1, "false for 1 of 3 groups: repo='tiny' (10 rows)"),
    (
        "sql: count(*) > 2, per: [n]",
        60,
        "false for 60 of 61 groups: n=0 (2 rows); n=1 (2 rows); n=2 (2 rows); n=3 (2 rows); "
        "n=4 (2 rows) and 55 more",
    ),
)


def several(aggregates: Sequence[str], format_: str = "parquet") -> str:
    """A contract with each of them, named by its number."""
    lines = [f"  - {{name: it{number}, {each}}}\n" for number, each in enumerate(aggregates)]
    first, _, _ = text("sql: none", format_, source=partitioned(format_)).partition("  - {name: it")
    return "".join([first, *lines])


@EVERY_FORMAT
def test_what_is_true_of_all_rows_or_of_each_group_is_kept(
    tmp_path: Path, judge: Callable[..., Any], format_: str
) -> None:
    write(tmp_path, format_)
    promises = judge(several(TRUE, format_))
    for number in range(len(TRUE)):
        assert promises[f"aggregate[it{number}]"] == Kept(Basis.SCAN, 100)


@EVERY_FORMAT
def test_what_is_false_is_red_with_its_groups(
    tmp_path: Path, judge: Callable[..., Any], format_: str
) -> None:
    write(tmp_path, format_)
    promises = judge(several([sql for sql, *_ in FALSE], format_), samples=3)
    for number, (_, violations, told) in enumerate(FALSE):
        check = f"aggregate[it{number}]"
        broken = promises[check]
        assert isinstance(broken, Broken)
        assert (broken.rows, broken.violations, broken.samples) == (100, violations, ())
        assert promises.red[check] == ("aggregate-violated",)
        assert promises.finding(check).observed == told


@EVERY_FORMAT
def test_null_is_vacuous_and_red_unless_that_is_allowed(
    tmp_path: Path, judge: Callable[..., Any], format_: str
) -> None:
    write(tmp_path, format_)
    source = partitioned(format_)

    def judged(aggregate: str) -> Any:
        return judge(text(aggregate, format_, source=source), only=IT)

    whole = judged("sql: \"sum(n) FILTER (WHERE repo = 'tiny') > 0\"")
    assert isinstance(whole[IT], Vacuous)
    assert whole.red == {IT: ("nothing-to-count",)}
    assert whole.finding(IT).observed.startswith("NULL for 100 rows: sum(n)")
    some = judged("sql: max(n) < 60, per: [repo]")
    assert some.red == {IT: ("nothing-to-count",)}
    assert some.finding(IT).observed == "NULL for 1 of 3 groups: repo='tiny' (10 rows)"
    assert judged("sql: max(n) < 60, per: [repo], allow_empty: true")[IT] == Kept(Basis.SCAN, 100)
    nothing = judged('sql: "sum(n) FILTER (WHERE n < 0) = 0", per: [repo], allow_empty: true')
    assert isinstance(nothing[IT], Vacuous)
    assert nothing.red == {}


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_no_row_is_no_group(tmp_path: Path, judge: Callable[..., Any], format_: str) -> None:
    write(tmp_path, format_, ROWS.slice(0, 0))
    source = partitioned(format_)
    empty = judge(text("sql: count(*) = 0", format_, source=source))
    assert isinstance(empty[IT], Undecided)
    assert "rows" in empty.red
    allowed = judge(text("sql: count(*) = 0", format_, source=f"{source}, allow_empty: true"))
    assert isinstance(allowed[IT], Vacuous)
    assert allowed.red == {}


REFUSED = [
    ("n > 0", "it aggregates nothing; write what is true of every row under `rules`"),
    (
        "n > 0 AND count(*) > 0",
        "n stands outside of an aggregate; write what is true of every row under `rules`",
    ),
    ("1 = 1", "it aggregates nothing; write what is true of every row under `rules`"),
    ("row_number() OVER () > 0", "it aggregates nothing"),
    ("sum(sum(n)) OVER () > 0", "it aggregates nothing"),
    ("sum(n)", "it is of type int64, not bool"),
    ("count(*) > 0) FROM u --", "Expected: end of expression"),
    ("count(*) > 0; DROP TABLE t", "Expected: end of expression"),
    ("count(*) > (SELECT count(*) FROM t)", "not found"),
    ("count(nope) > 0", "nope"),
    ("count(*) > 0 AS x", "Expected: )"),
    ("nope(n) > 0", "nope"),
    (" + ".join(["count(*)"] * 600) + " > 0", "operators in a row"),
]


def test_what_is_no_boolean_aggregate_is_told(tmp_path: Path, judge: Callable[..., Any]) -> None:
    write(tmp_path, "parquet")
    promises = judge(several([f'sql: "{sql}"' for sql, _ in REFUSED]))
    for number, (_, told) in enumerate(REFUSED):
        check = f"aggregate[it{number}]"
        assert isinstance(promises[check], Undecided)
        assert promises.red[check] == ("aggregate-unplanned",)
        assert told in promises.finding(check).observed


def test_what_changes_without_the_rows_is_refused(
    tmp_path: Path, judge: Callable[..., Any]
) -> None:
    write(tmp_path, "parquet")
    promises = judge(text('sql: "max(n) < random() * 100"'), only=IT)
    assert promises.red == {IT: ("rule-volatile",)}


def test_a_rule_that_aggregates_is_shown_the_way(tmp_path: Path, judge: Callable[..., Any]) -> None:
    write(tmp_path, "parquet")
    rules = "rules: [{name: r, sql: count(*) > 0}]"
    promises = judge(text("sql: count(*) > 0", rest=rules), only="rule[r]")
    assert promises.red == {"rule[r]": ("rule-unplanned",)}
    assert promises.finding("rule[r]").observed.endswith("all of them together under `aggregates`")


def test_one_that_cannot_be_computed_spoils_no_other(
    tmp_path: Path, judge: Callable[..., Any]
) -> None:
    write(tmp_path, "parquet")
    others = "  - {name: fails, sql: 1 / min(n) > 0}\n  - {name: kept, sql: max(n) = 59}\n"
    promises = judge(text("sql: count(*) = 100") + others)
    assert set(promises.red) == {"aggregate[fails]"}
    assert "Divide by zero" in promises.finding("aggregate[fails]").observed


@pytest.mark.parametrize(
    ("aggregate", "told"),
    [
        ("sql: count(*) > 30, per: [repo]", "repo=<redacted> (30 rows); repo=<redacted> (10 rows)"),
        ("sql: max(repo) = 'x'", "false for 100 rows"),
    ],
)
def test_nothing_sensitive_names_a_group(
    tmp_path: Path, judge: Callable[..., Any], aggregate: str, told: str
) -> None:
    write(tmp_path, "parquet")
    promises = judge(text(aggregate, more=", sensitive: true"), only=IT)
    assert promises.finding(IT).observed.endswith(told)


def test_a_view_over_sensitive_fields_names_no_group(
    tmp_path: Path, judge: Callable[..., Any]
) -> None:
    write(tmp_path, "parquet")
    below = text("sql: count(*) = 100", more=", sensitive: true").replace("table: t", "table: u")
    view = 'views: [{name: t, sql: "SELECT lower(repo) AS repo, n FROM u"}]\n'
    above = text("sql: count(*) > 30, per: [repo]", "view").replace(", location: t", "")
    promises = judge(above, below + view, only=IT)
    assert promises.finding(IT).observed.endswith("repo=<redacted> (10 rows)")


def test_no_footer_answers_for_the_rows(tmp_path: Path, judge: Callable[..., Any]) -> None:
    """NaN is left out of the least and greatest value; a view takes these from the footer."""
    (tmp_path / "t").mkdir()
    values = pa.table({"repo": ["a", "b"], "f": [float("nan"), 1.0]})
    pq.write_table(values, tmp_path / "t" / "0.parquet")
    contract = (
        "table: t\nsource: {format: parquet, location: t}\n"
        "fields: [{name: repo, type: string}, {name: f, type: double}]\n"
        'aggregates: [{name: it, sql: "sum(CASE WHEN isnan(f) THEN 1 ELSE 0 END) = 1"}]\n'
    )
    assert judge(contract, only=IT)[IT] == Kept(Basis.SCAN, 2)


@pytest.mark.parametrize("declared", [True, False])
def test_what_a_session_declares_is_not_believed(
    tmp_path: Path, judge: Callable[..., Any], *, declared: bool
) -> None:
    """Twice the same number under a PRIMARY KEY, which the engine takes for distinct."""
    file = tmp_path / "t.csv"
    file.write_text("repo,n\na,1\na,1\nb,2\n", encoding="utf-8")
    context = SessionContext()
    key = ", PRIMARY KEY (n)" if declared else ""
    context.sql(
        f"CREATE EXTERNAL TABLE t (repo VARCHAR NOT NULL, n BIGINT NOT NULL{key}) "
        f"STORED AS CSV LOCATION '{file}' OPTIONS (format.has_header true)"
    )
    contract = text("sql: count(DISTINCT n) = 2 AND count(n) = 3 AND count(repo) = 3")
    without_source = contract.replace("source: {format: parquet, location: t}\n", "")
    assert judge(without_source, supplied=context, only=IT)[IT] == Kept(Basis.SCAN, 3)
    groups = without_source.replace("sql: count(DISTINCT n) = 2", "per: [n], sql: count(*) = 1")
    red = judge(groups.replace(" AND count(n) = 3 AND count(repo) = 3", ""), supplied=context)
    assert red.finding(IT).observed == "false for 1 of 2 groups: n=1 (2 rows)"


def test_deleted_rows_of_a_delta_table_are_not_counted(
    tmp_path: Path, judge: Callable[..., Any]
) -> None:
    write_deltalake(tmp_path / "t", ROWS)
    with_deleted_rows(tmp_path / "t", [0, 1, 99])
    promises = judge(text("sql: count(*) > 30, per: [repo]", "delta"), only=IT)
    assert promises.finding(IT).observed == (
        "false for 2 of 3 groups: repo='flask' (30 rows); repo='tiny' (9 rows)"
    )


@pytest.mark.parametrize(
    ("rows", "outcome", "codes"),
    [(100, Kept, ()), (2, Undecided, ("stream-cut",))],
)
def test_a_stream_that_has_not_ended_decides_nothing(
    tmp_path: Path,
    judge: Callable[..., Any],
    rows: int,
    outcome: type[Kept | Undecided],
    codes: Sequence[str],
) -> None:
    (tmp_path / "t").write_text("repo,n\na,1\na,2\nb,3\n", encoding="utf-8")
    contract = text("sql: count(*) <= 2, per: [repo]", "csv", source=", unbounded: true")
    promises = judge(contract, only=IT, stream_rows=rows)
    assert isinstance(promises[IT], outcome)
    assert tuple(promises.red.get(IT, ())) == tuple(codes)


def test_a_stream_of_which_no_field_is_read_is_counted(
    tmp_path: Path, judge: Callable[..., Any]
) -> None:
    (tmp_path / "t").write_text("repo,n\na,1\na,2\nb,3\n", encoding="utf-8")
    contract = text("sql: count(*) > 3", "csv", source=", unbounded: true")
    assert judge(contract, only=IT).finding(IT).observed == "false for 3 rows: count(*) = 3"


NESTED = """\
table: t
source: {{format: {format_}, location: t}}
fields:
  - {{name: repo, type: string}}
  - {{name: l, type: "list<struct<x: int64>>"}}
aggregates:
  - {{name: it, sql: "sum(cardinality(l)) >= 3", per: [repo]}}
"""


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_nested_values_are_aggregated_by_what_sql_makes_of_them(
    tmp_path: Path, judge: Callable[..., Any], format_: str
) -> None:
    lists = [[{"x": 1}, {"x": 2}], [{"x": 3}], [{"x": 4}], None]
    type_ = pa.list_(pa.struct([("x", pa.int64())]))
    rows = pa.table({"repo": ["a", "a", "b", "b"], "l": pa.array(lists, type_)})
    if format_ == "delta":
        write_deltalake(tmp_path / "t", rows)
    else:
        (tmp_path / "t").mkdir()
        pq.write_table(rows, tmp_path / "t" / "0.parquet")
    promises = judge(NESTED.format(format_=format_), only=IT)
    assert promises.finding(IT).observed == "false for 1 of 2 groups: repo='b' (2 rows)"
