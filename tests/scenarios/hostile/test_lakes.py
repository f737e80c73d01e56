"""Names, SQL, locations and files that are broken, or are meant to do harm, in one run over one lake.

Each is red for itself, or kept; no other is red for it, nothing is written, and nothing outside is read."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from pyarrow import feather
from support.project import Project, promise

from cst_contracts.checks.codes import FindingCode
from cst_contracts.datatypes.nodes import child_path
from cst_contracts.gate.result import RunResult
from cst_contracts.report.manifest_file import Outcome

NAMES = (
    'a"b', "a'b", "a`b", "a.b", "a b", " a ", "a\nb", "a\tb", "a\\b", "a\u202eb", "a\u200bb", "select",
    "FROM", "null", "A", "a", "é", "e\u0301", "日本", "🦀", "a[]", "a{}", "a,b", "a→b", "a;--", "/*a*/",
    "$1", "?", "%s", "{0}", "${HOME}", "*", "a/b", "..", "#a", ":a", "-", "1", "true", "x" * 500,
    "file_row_index", "__cst_keys",
)  # fmt: skip
#: SQL of a rule, and a part of why it was not asked.
UNASKED = {
    "COPY t TO 'out.csv'": "Unsupported command in expression",
    "a > 0; DROP TABLE t": "Expected: end of expression, found: ;",
    "(SELECT count(*) FROM '/etc/passwd') > 0": "/etc/passwd' not found",
    "EXISTS (SELECT 1 FROM '../outside.parquet')": "../outside.parquet' not found",
    "(SELECT count(*) FROM read_csv('/etc/passwd')) > 0": "table function 'read_csv' not found",
    "INSERT INTO t VALUES (1)": "Expected: end of expression, found: INTO",
    "SET x = 1": "Expected: end of expression, found: x",
    "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'": "Unsupported command",
    "EXPLAIN SELECT 1": "Unsupported command in expression",
    "VALUES (1)": "Invalid function 'values'",
    "a > 0 /*": "Unexpected EOF while in a multi-line comment",
    "a > 0)": "Expected: end of expression, found: )",
    "(a > 0": "Expected: ), found: EOF",
    "a > 0\nLIMIT 1": "Expected: end of expression, found: LIMIT",
    "*": "Expected: an expression, found: *",
    "a > ?": "Placeholder '?' was not provided a value",
    "a > $1": "Placeholder '$1' was not provided a value",
    "\u202ea > 0": "Expected: an expression, found: \\u{202e}",
    "a = sum(a)": "it aggregates rows; write what is true of all of them together under `aggregates`",
    "row_number() OVER () > 0": "WindowFunction",
    "nosuch(a)": "Invalid function 'nosuch'",
    "a": "non-boolean predicate",
    "'x'": "non-boolean predicate",
    "NULL": "it is of type null, not bool",
    "true": "it names no field of the table, so that it says nothing of any row",
    "(" * 300 + "a > 0" + ")" * 300: "RecursionLimitExceeded",
    "a" + " + a" * 3000 + " > 0": "more than 500 may overflow the engine's stack",
    "random() > a": "random() gives another value each time",
    "b ~ '('": "regex parse error",
    "b LIKE '%' ESCAPE 'ab'": "Invalid escape character in LIKE expression",
    "arrow_cast(a, 'Nope') = 1": "Unsupported type 'Nope'",
    "unnest([a]) > 0": "Unnest",
    "a / 0 = 1": "Divide by zero",
    "CAST(b AS int) > 0": "Cannot cast string 'x'",
}
#: SQL of a view and of a reader's query, and whether it is one at all.
QUERIES = {
    "COPY t TO 'out.csv'": False,
    "COPY (SELECT a FROM t) TO 'out.parquet'": False,
    "INSERT INTO t VALUES (1, 'x')": False,
    "DELETE FROM t": False,
    "UPDATE t SET a = 1": False,
    "TRUNCATE TABLE t": False,
    "DROP TABLE t": False,
    "DROP VIEW t": False,
    "CREATE TABLE x AS SELECT 1 AS a": False,
    "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'": False,
    "SET datafusion.execution.batch_size = 1": False,
    "PREPARE x AS SELECT 1": False,
    "BEGIN": False,
    "EXPLAIN SELECT a FROM t": False,
    "DESCRIBE t": False,
    "SHOW TABLES": False,
    "SELECT a FROM t; DROP TABLE t": True,
    "SELECT a FROM '/etc/passwd'": True,
    "SELECT a FROM '../outside.parquet'": True,
    "SELECT a FROM read_parquet('../outside.parquet')": True,
    "SELECT a FROM t WHERE a" + " + a" * 3000 + " > 0": True,
    "SELECT " + "(" * 3000 + "1" + ")" * 3000 + " AS a": True,
    "WITH x AS (SELECT a FROM x) SELECT a FROM x": True,
    "SELECT a FROM t JOIN": True,
}
LOCATIONS = {
    "../outside.parquet": "is outside of the lake",
    "a/../../outside.parquet": "is outside of the lake",
    "/etc/passwd": "is outside of the lake",
    "/dev/zero": "is outside of the lake",
    "..": "is outside of the lake",
    "%2e%2e/outside.parquet": "no Parquet file there",
    "~/x": "no Parquet file there",
    "*.parquet": "no Parquet file there",
    "C:\\x": "no Parquet file there",
    "a\nb": "no Parquet file there",
    "\u202ex": "no Parquet file there",
    "good.parquet/x": "no Parquet file there",
    "loop": "no Parquet file there",
    "x" * 5000: "Failed stat()ing path",
}
GOOD = pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]})
COMMIT = "00000000000000000000.json"


UNREADABLE = {
    "empty.parquet": "is empty, as a write that was cut short leaves it",
    "text.parquet": "Invalid Parquet file. Corrupt footer",
    "magic.parquet": "Parquet files are at least 8 bytes long, but file length is 4",
    "cut.parquet": "Invalid Parquet file. Corrupt footer",
    "headless.parquet": "Invalid Parquet file. Corrupt footer",
    "encrypted.parquet": "Parquet file has an encrypted footer",
    "long_footer.parquet": "the engine panicked: range start must not be greater than end",
    "zero_footer.parquet": "Unexpected EOF",
    "later.parquet": "Invalid Parquet file. Corrupt footer",
    "longer.parquet": "Invalid Parquet file. Corrupt footer",
    "page.parquet": "Invalid Parquet file. Corrupt footer",
    "pointer.parquet": "Invalid Parquet file. Corrupt footer",
    "empty.arrow": "is empty, as a write that was cut short leaves it",
    "cut.arrow": "it is no Arrow file, or was cut short: ",
    "text.arrow": "it is no Arrow file, or was cut short: ",
    "empty.csv": "is empty, as a write that was cut short leaves it",
    "latin.csv": "line 2 is not UTF-8 (byte 0xe9); write the file as UTF-8",
    "wide.csv": "line 1 is not UTF-8 (byte 0xff); write the file as UTF-8",
    "ragged.csv": "record 2 has 3 values, and the header has 2",
    "parquet.csv": "is not UTF-8",
    "cut.csv.gz": "Truncated compressed stream",
    "plain.csv.gz": "incorrect header check",
    "empty.json": "is empty, as a write that was cut short leaves it",
    "array.json": "line 1 starts an array; one object a line is wanted (JSON lines)",
    "cut.json": "line 2 ends before its object does",
    "nan.json": "line 1 holds NaN, which is no JSON",
    "null.json": "line 1 is no JSON object",
    "nul.json": "line 1 is no JSON (column 13)",
    "deep.json": "line 1 is nested too deep to be read",
    "half.json": "unexpected end of hex escape",
    "mixed.json": "Expected object json type",
    "no_json": "Truncated record whilst reading object",
    "no_action": "No table metadata or protocol found in delta log.",
    "no_metadata": "No table metadata found in delta log.",
    "no_text": "Json error",
    "future": "Unsupported minimum reader version 99",
    "vanished": "the log names a data file that is not there: part-00000-",
}


CSV = b"a,b\n1,x\n2,y\n"
JSON = b'{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n'
TEXTS = {
    "empty.csv": b"",
    "latin.csv": b"a,b\n1,caf\xe9\n",
    "wide.csv": CSV.decode().encode("utf-16"),
    "ragged.csv": b"a,b\n1,x,9\n2\n",
    "cut.csv.gz": gzip.compress(CSV * 100)[:-20],
    "plain.csv.gz": CSV,
    "empty.json": b"",
    "array.json": b'[{"a":1,"b":"x"}]',
    "cut.json": JSON[:-6],
    "nan.json": b'{"a":NaN,"b":"x"}\n',
    "null.json": b"null\n",
    "nul.json": b'{"a":1,"b":"\0"}\n',
    "deep.json": b'{"a":1,"b":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    "half.json": b'{"a":1,"b":"\\ud800"}\n',
    "mixed.json": JSON + b'{"a":"x","b":{"c":1}}\n',
    "page.parquet": b"<html>404</html>",
    "pointer.parquet": b"version https://git-lfs.github.com/spec/v1\nsize 12345\n",
    "empty.arrow": b"",
    "text.arrow": CSV,
}


def damage(lake: Path) -> None:
    good = (lake / "good.parquet").read_bytes()
    feather.write_feather(GOOD, lake / "cut.arrow", compression="uncompressed")
    (lake / "cut.arrow").write_bytes((lake / "cut.arrow").read_bytes()[:-10])
    (lake / "later.parquet").write_bytes(good[:-4] + b"PAR2")
    (lake / "longer.parquet").write_bytes(good + b"x")
    (lake / "parquet.csv").write_bytes(good)
    for name, data in TEXTS.items():
        (lake / name).write_bytes(data)
    (lake / "empty.parquet").write_bytes(b"")
    (lake / "text.parquet").write_bytes(b"a,b\n1,2\n")
    (lake / "magic.parquet").write_bytes(b"PAR1")
    (lake / "cut.parquet").write_bytes(good[: len(good) // 2])
    (lake / "headless.parquet").write_bytes(good[:-4] + b"XXXX")
    (lake / "encrypted.parquet").write_bytes(good[:-4] + b"PARE")
    (lake / "long_footer.parquet").write_bytes(good[:-8] + b"\xff\xff\xff\x7fPAR1")
    (lake / "zero_footer.parquet").write_bytes(good[:-8] + b"\0\0\0\0PAR1")
    write_deltalake(str(lake / "vanished"), GOOD)
    actions = (lake / "vanished" / "_delta_log" / COMMIT).read_text().splitlines()
    first = next(line for line in actions if line.startswith('{"protocol"'))
    others = [line for line in actions if line != first]
    protocol = json.dumps({"protocol": {"minReaderVersion": 99, "minWriterVersion": 99}})
    logs = {
        "no_json": "{",
        "no_action": "{}\n",
        "no_metadata": first,
        "no_text": "\0\xff",
        "future": "\n".join([protocol, *others]),
    }
    for name, text in logs.items():
        (lake / name / "_delta_log").mkdir(parents=True)
        (lake / name / "_delta_log" / COMMIT).write_text(text, encoding="utf-8")
    for file in (lake / "vanished").glob("*.parquet"):
        file.unlink()


def table(name: str, location: str, fields: str, format_: str = "parquet") -> str:
    place = json.dumps(location, ensure_ascii=False)
    return f"table: {name}\nsource: {{format: {format_}, location: {place}}}\n{fields}"


def run(path: Path) -> RunResult:
    project = Project(path)
    lake = project.lake
    lake.mkdir()
    columns = [pa.array([1, None if number % 2 else 2]) for number in range(len(NAMES))]
    pq.write_table(pa.Table.from_arrays(columns, names=list(NAMES)), lake / "names.parquet")
    pq.write_table(GOOD, lake / "good.parquet")
    pq.write_table(GOOD, path / "outside.parquet")
    (lake / "loop").symlink_to("loop")
    fields = "fields: [{name: a, type: int64}, {name: b, type: string}]\n"
    quoted = [json.dumps(name, ensure_ascii=False) for name in NAMES]
    named = "".join(f"  - {{name: {each}, type: int64, nullable: false}}\n" for each in quoted)
    project.write(names=table("names", "names.parquet", f"nullability: values\nfields:\n{named}"))
    rules = "".join(
        f"  - {{name: r{number}, sql: {json.dumps(sql, ensure_ascii=False)}}}\n"
        for number, sql in enumerate((*UNASKED, "a > 0"))
    )
    project.write(rules=table("rules", "good.parquet", f"{fields}rules:\n{rules}"))
    asked = "".join(
        f"  - {{name: q{number}, sql: {json.dumps(sql)}, fields: [{{name: a, type: int64}}]}}\n"
        for number, sql in enumerate((*QUERIES, "SELECT a FROM t"))
    )
    asking = f"{fields}views:\n{asked.replace('name: q', 'name: v')}queries:\n{asked}"
    project.write(t=table("t", "good.parquet", asking))
    for number, location in enumerate(LOCATIONS):
        project.write({f"l{number}": table(f"l{number}", location, fields)})
    for number, name in enumerate(UNREADABLE):
        format_ = name.removesuffix(".gz").partition(".")[2] or "delta"
        project.write({f"d{number}": table(f"d{number}", name, fields, format_)})
    damage(lake)
    before = sorted(path.rglob("*"))
    result = project.check()
    assert sorted(path.rglob("*")) == before, "nothing is written"
    return result


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return run(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize(("number", "name"), list(enumerate(NAMES)))
def test_a_field_of_any_name_is_looked_at(result: RunResult, number: int, name: str) -> None:
    looked = promise(result, f"nulls[{child_path('', name)}]", "names")
    told = ("null-values", "1 null among 2") if number % 2 else (None, None)
    assert (looked.code, looked.observed) == told


@pytest.mark.parametrize(("number", "sql"), list(enumerate(UNASKED)))
def test_sql_that_is_no_condition_of_a_row_does_nothing(
    result: RunResult, number: int, sql: str
) -> None:
    asked = promise(result, f"rule[r{number}]", "rules")
    assert asked.outcome is Outcome.UNDECIDED
    assert asked.failed
    assert UNASKED[sql] in (asked.observed or "")


@pytest.mark.parametrize(("number", "sql"), list(enumerate(QUERIES)))
def test_sql_that_does_more_than_ask_is_no_view_and_no_query(
    result: RunResult, number: int, sql: str
) -> None:
    """Nothing of it is run: the file system and all other tables are as they were."""
    view, query = (promise(result, f"{each}{number}]") for each in ("view[v", "query[q"))
    assert (view.outcome, query.outcome) == (Outcome.BROKEN, Outcome.BROKEN)
    known = {FindingCode.VIEW_UNUSABLE, FindingCode.QUERY_UNPLANNED, FindingCode.FUNCTION_MISSING}
    assert {view.code, query.code} <= known
    assert QUERIES[sql] != (query.observed == "its `sql` is no query")


def test_a_query_beside_all_these_is_kept(result: RunResult) -> None:
    for each in (f"view[v{len(QUERIES)}]", f"query[q{len(QUERIES)}]"):
        assert promise(result, each).outcome is Outcome.KEPT
    assert promise(result, "rows", "t").outcome is Outcome.KEPT


def test_a_rule_beside_all_these_is_kept(result: RunResult) -> None:
    assert promise(result, f"rule[r{len(UNASKED)}]", "rules").outcome is Outcome.KEPT
    assert promise(result, "rows", "rules").outcome is Outcome.KEPT


@pytest.mark.parametrize(("number", "location"), list(enumerate(LOCATIONS)))
def test_nothing_is_read_elsewhere(result: RunResult, number: int, location: str) -> None:
    opened = promise(result, "table", f"l{number}")
    assert opened.outcome is Outcome.BROKEN
    assert LOCATIONS[location] in (opened.observed or "")


@pytest.mark.parametrize(("number", "name"), list(enumerate(UNREADABLE)))
def test_what_cannot_be_read_is_red_in_words(result: RunResult, number: int, name: str) -> None:
    opened = promise(result, "table", f"d{number}")
    assert (opened.outcome, opened.code) == (Outcome.BROKEN, FindingCode.TABLE_UNREADABLE)
    assert UNREADABLE[name] in (opened.observed or "")
    assert "Traceback" not in (opened.observed or "")
