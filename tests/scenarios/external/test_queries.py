"""Readers' queries over real tables, flat and nested: planned, run, and their scans read off the plan."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from support.gate import Promises

from cst_contracts.checks.verdict import Broken, Kept, Undecided, Vacuous

ROWS = pa.table(
    {
        "path": ["a.py", "b.py", "b.py"],
        "ref_id": ["r1", "r2", None],
        "n": pa.array([1, 2, 3], pa.int64()),
        "span": pa.array(
            [{"bstart": 1, "bend": 4}, {"bstart": 2, "bend": 9}, None],
            pa.struct({"bstart": pa.int64(), "bend": pa.int64()}),
        ),
        "refs": pa.array([[{"id": "x", "k": 1}], [], None]),
    }
)
FIELDS = """\
fields:
  - {name: path, type: string}
  - {name: ref_id, type: string}
  - {name: n, type: int64}
  - {name: span, type: "struct<bstart: int64, bend: int64>"}
  - {name: refs, type: "list<struct<id: string, k: int64>>"}
"""
Q = "query[q]"
Judge = Callable[..., Promises]
EVERY_FORMAT = pytest.mark.parametrize("format_", ["parquet", "delta"])


def text(query: str, format_: str = "parquet", more: str = "") -> str:
    source = f"source: {{format: {format_}, location: t{more}}}"
    return f"table: t\n{source}\n{FIELDS}queries:\n  - {{name: q, {query}}}\n"


def several(queries: Sequence[str], format_: str = "parquet") -> str:
    """A contract with each of them, named by its number, a line each."""
    first, _, _ = text("", format_).partition("  - {name: q")
    lines = (f"  - {{name: q{number}, {query}}}\n" for number, query in enumerate(queries))
    return "".join([first, *lines])


def write(folder: Path, format_: str = "parquet", rows: pa.Table = ROWS) -> None:
    if format_ == "delta":
        write_deltalake(folder / "t", rows)
    else:
        (folder / "t").mkdir()
        pq.write_table(rows, folder / "t" / "0.parquet")


OF_FILE = (
    'sql: "SELECT ref_id, n FROM t WHERE path = $path", parameters: {path: string}, '
    "fields: [{name: ref_id, type: string}, {name: n, type: int64, nullable: false, minimum: 1}], "
    "reads: [path, ref_id, n]"
)


@EVERY_FORMAT
def test_a_query_is_kept_over_a_value_of_the_table(
    tmp_path: Path, judge: Judge, format_: str
) -> None:
    write(tmp_path, format_)
    kept = judge(text(OF_FILE, format_), only=Q)[Q]
    assert isinstance(kept, Kept)
    assert (kept.rows, kept.basis) == (1, "scan")  # of a.py, the first path by its order


#: Queries that read what they say, and how many rows they give.
KEPT = [
    (
        'sql: "SELECT span.bstart AS b FROM t WHERE path = $p", parameters: {p: string}, '
        "reads: [path, span.bstart]",
        1,
    ),
    (
        "sql: \"SELECT span['bstart'] AS b FROM t WHERE span['bend'] > $e\", "
        "parameters: {e: int64}, reads: [span]",
        2,
    ),
    (
        'sql: "SELECT unnest(refs) AS r FROM t", reads: [refs], '
        'fields: [{name: r, type: "struct<id: string, k: int64>"}]',
        1,
    ),
    ("sql: SELECT count(*) AS c FROM t, reads: [], fields: [{name: c, type: int64}]", 1),
    (
        'sql: "SELECT n FROM t WHERE path IN (SELECT path FROM t WHERE ref_id IS NOT NULL) '
        'AND n > (SELECT avg(n) FROM t)", reads: [path, ref_id, n]',
        1,
    ),
    (
        'sql: "SELECT $x AS x FROM t LIMIT $k", reads: [], fields: [{name: x, type: date32}], '
        "parameters: {x: date32, k: {type: int64, example: 2}}",
        2,
    ),
    ("sql: \"SELECT n, '$y ?' AS y FROM t -- $z\", reads: [n]", 3),
]


@EVERY_FORMAT
def test_what_a_plan_scans_is_what_reads_says(tmp_path: Path, judge: Judge, format_: str) -> None:
    write(tmp_path, format_)
    promises = judge(several([query for query, _ in KEPT], format_))
    assert promises.red == {}
    for number, (_, rows) in enumerate(KEPT):
        kept = promises[f"query[q{number}]"]
        assert isinstance(kept, Kept)
        assert (kept.rows, kept.notes) == (rows, ())


#: A query, the code that it is red for, and what is observed.
RED = [
    (
        'sql: "SELECT ref_id FROM t WHERE n > 0", reads: [ref_id]',
        "reads-more",
        "the plan scans n",
    ),
    (
        'sql: "SELECT * FROM t", reads: [path, n, span.bstart]',
        "reads-more",
        "the plan scans ref_id, span, refs",
    ),
    (
        'sql: "SELECT span.bstart, span.bend FROM t", reads: [span.bstart]',
        "reads-more",
        "the plan scans span.bend",
    ),
    (
        'sql: "SELECT path FROM t WHERE n >= (SELECT avg(n) FROM t)", reads: [path]',
        "reads-more",
        "the plan scans n",
    ),
    ("sql: SELECT nope FROM t", "query-unplanned", "nope"),
    ("sql: DROP TABLE t", "query-unplanned", "its `sql` is no query"),
    ('sql: "SELECT 1; SELECT 2"', "query-unplanned", "single SQL statement"),
    ('sql: "SELECT nope(n) FROM t"', "function-missing", "nope"),
    (
        'sql: "SELECT n FROM t WHERE path = $p", parameters: {p: int64}',
        "parameter-type",
        "taken as string_view",
    ),
    (
        'sql: "SELECT CAST(path AS BIGINT) AS p FROM t"',
        "query-failed",
        "Cannot cast string 'a.py'",
    ),
    (
        "sql: SELECT ref_id AS id FROM t, fields: [{name: ref_id, type: string}]",
        "field-missing",
        "absent; there are id",
    ),
    (
        "sql: SELECT n + 0.5 AS n FROM t, fields: [{name: n, type: int64}]",
        "type-mismatch",
        "double",
    ),
    (
        'sql: "SELECT n, path FROM t", fields: [{name: n, type: int64}]',
        "field-unpromised",
        "path",
    ),
    (
        "sql: SELECT ref_id FROM t, fields: [{name: ref_id, type: string, nullable: false}]",
        "null-values",
        "1 null among 3",
    ),
    (
        "sql: \"SELECT named_struct('a', ref_id) AS s FROM t\", "
        "fields: [{name: s, type: struct, fields: [{name: a, type: string, nullable: false}]}]",
        "null-values",
        "1 null among 3",
    ),
    (
        "sql: SELECT n FROM t, fields: [{name: n, type: int64, maximum: 2}]",
        "value-out-of-range",
        "1 of 3",
    ),
]


@EVERY_FORMAT
def test_a_query_is_red_for_what_it_breaks(tmp_path: Path, judge: Judge, format_: str) -> None:
    write(tmp_path, format_)
    promises = judge(several([query for query, _, _ in RED], format_))
    assert len(promises.red) == len(RED)
    for number, (_, code, observed) in enumerate(RED):
        check = f"query[q{number}]"
        assert promises.red[check][0] == code
        assert observed in promises.finding(check).observed
        assert promises.finding(check).place.line == 10 + number


def test_fields_that_are_not_scanned_are_told(tmp_path: Path, judge: Judge) -> None:
    write(tmp_path)
    kept = judge(text("sql: SELECT n FROM t, reads: [n, path, span.bend]"), only=Q)[Q]
    assert isinstance(kept, Kept)
    (note,) = kept.notes
    assert (note.code, note.observed) == ("reads-less", "the plan does not scan path, span.bend")


@EVERY_FORMAT
def test_no_row_is_vacuous_unless_it_may_be_so(tmp_path: Path, judge: Judge, format_: str) -> None:
    write(tmp_path, format_)
    query = 'sql: "SELECT n FROM t WHERE n > $n", parameters: {n: {type: int64, example: 3}}'
    nothing = judge(text(query, format_), only=Q)
    assert nothing.red == {Q: ("nothing-to-count",)}
    assert "an `example` with which it has rows" in nothing.finding(Q).hint
    allowed = judge(text(f"{query}, allow_empty: true", format_), only=Q)
    assert isinstance(allowed[Q], Vacuous)
    assert allowed.red == {}


@EVERY_FORMAT
def test_a_query_of_an_empty_table_is_undecided_by_it(
    tmp_path: Path, judge: Judge, format_: str
) -> None:
    write(tmp_path, format_, ROWS.slice(0, 0))
    promises = judge(text(OF_FILE, format_))
    query = promises[Q]
    assert isinstance(query, Undecided)
    assert query.cause is not None
    assert query.cause.check == "rows"


def test_a_query_of_a_missing_table_is_undecided_by_it(judge: Judge) -> None:
    query = judge(text("sql: SELECT n FROM t"))[Q]
    assert isinstance(query, Undecided)
    assert query.cause is not None
    assert (query.cause.table, query.cause.check) == ("t", "table")


OTHER = "table: u\nsource: {format: parquet, location: u}\nfields: [{name: path, type: string}]\n"


def test_a_query_reads_other_tables_by_their_names(tmp_path: Path, judge: Judge) -> None:
    write(tmp_path)
    (tmp_path / "u").mkdir()
    pq.write_table(pa.table({"path": ["a.py"], "size": [3]}), tmp_path / "u" / "0.parquet")
    query = 'sql: "SELECT a.n FROM t AS a JOIN u AS b ON a.path = b.path", reads: [n, path{}]'
    more = judge(text(query.format("")), OTHER, only=Q)
    assert more.red == {Q: ("reads-more",)}
    assert more.finding(Q).observed == "the plan scans u.path"
    assert isinstance(judge(text(query.format(", u.path")), OTHER, only=Q)[Q], Kept)


def test_a_table_that_cannot_be_read_is_red_for_the_query_of_it(
    tmp_path: Path, judge: Judge
) -> None:
    write(tmp_path)
    promises = judge(text("sql: SELECT u.path FROM u JOIN t ON t.path = u.path"), OTHER, only=Q)
    query = promises[Q]
    assert isinstance(query, Undecided)
    assert query.cause is not None
    assert (query.cause.table, query.cause.check) == ("u", "table")


VIEW = "views:\n  - {name: v, sql: SELECT path FROM t WHERE n > 0, reads: [path%s]}\n"


@EVERY_FORMAT
def test_a_view_reads_no_more_than_it_says(tmp_path: Path, judge: Judge, format_: str) -> None:
    write(tmp_path, format_)
    table = text("sql: SELECT path FROM v, reads: [path, n]", format_)
    kept = judge(table + VIEW % ", n")
    assert isinstance(kept["view[v]"], Kept)
    assert isinstance(kept[Q], Kept)
    more = judge(table + VIEW % "", only="view[v]")
    assert more.red == {"view[v]": ("reads-more",)}
    assert more.finding("view[v]").observed == "the plan scans n"
    less = judge(table + VIEW % ", n, ref_id", only="view[v]")["view[v]"]
    assert isinstance(less, Kept)
    assert [note.code for note in less.notes] == ["reads-less"]


def test_the_project_s_own_table_is_planned_as_it_is_registered(judge: Judge) -> None:
    """A view of the project's stands in the table's place: its query reads what the view reads."""
    session = SessionContext()
    session.from_arrow(ROWS, name="stored")
    session.sql("CREATE VIEW t AS SELECT path, ref_id, n, span, refs FROM stored")
    table = f"table: t\n{FIELDS}queries:\n  - {{name: q, sql: SELECT n FROM t, reads: [%s]}}\n"
    more = judge(table % "n", supplied=session, only=Q)
    assert more.finding(Q).observed == "the plan scans stored.n"
    assert isinstance(judge(table % "stored.n", supplied=session, only=Q)[Q], Kept)


def test_nothing_sensitive_is_handed_in(tmp_path: Path, judge: Judge) -> None:
    """An empty text is, and no row has it."""
    write(tmp_path)
    hidden = text(OF_FILE).replace("path, type: string", "path, type: string, sensitive: true", 1)
    assert judge(hidden, only=Q).red == {Q: ("nothing-to-count",)}


def test_a_pipe_s_rows_are_left_alone(tmp_path: Path, judge: Judge) -> None:
    os.mkfifo(tmp_path / "t")
    query = text("sql: SELECT n FROM t", "json", ", unbounded: true")
    promises = judge(query, only=Q)
    assert isinstance(promises[Q], Broken)
    assert "is a pipe, whose rows come once" in promises.finding(Q).observed
