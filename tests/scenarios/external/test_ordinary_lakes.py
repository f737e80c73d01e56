"""Lakes as other writers leave them: what is ordinary is green, and what is odd is told by name."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext
from deltalake import write_deltalake

Judge = Callable[..., Any]
WHOLE = pa.schema(
    [("a", pa.int64()), ("b", pa.string()), ("s", pa.struct({"x": "int8", "y": "int8"}))]
)
ROW = {"a": 1, "b": "x", "s": {"x": 1, "y": 2}}
CONTRACT = """\
table: t
source: {format: FORMAT, location: tMORE}
fields:
  - {name: a, type: int64, nullable: false}
  - {name: b, type: string, nullable: false}
  - {name: s, type: "struct<x: int8, y: int8>", nullable: false}
"""


def contract(format_: str = "parquet", more: str = "") -> str:
    return CONTRACT.replace("FORMAT", format_).replace("MORE", more)


def rows(schema: pa.Schema = WHOLE, **values: Any) -> pa.Table:
    return pa.Table.from_pylist([{**ROW, **values}] * 3, schema=schema)


def flat(schema: pa.Schema, name: str) -> pa.Schema:
    return schema.remove(schema.names.index(name))


def write(folder: Path, tables: dict[str, pa.Table]) -> None:
    for name, table in tables.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".arrow":
            with pa.ipc.new_file(str(file), table.schema) as writer:
                writer.write_table(table)
        else:
            pq.write_table(table, file)


def whole_files(number: int, suffix: str = "parquet") -> dict[str, pa.Table]:
    return {f"part-{n}.{suffix}": rows() for n in range(number)}


WITHOUT_LEAF = WHOLE.set(2, pa.field("s", pa.struct({"x": "int8"})))


WITHOUT_FIRST_LEAF = WHOLE.set(2, pa.field("s", pa.struct({"y": "int8"})))


@pytest.mark.parametrize(
    ("file", "schema", "check"),
    [
        ("part-7.parquet", flat(WHOLE, "b"), "field[b]"),
        ("part-7.parquet", WITHOUT_LEAF, "field[s.y]"),
        ("first.parquet", flat(WHOLE, "b"), "field[b]"),
        ("first.parquet", WITHOUT_FIRST_LEAF, "field[s.x]"),
    ],
)
def test_the_one_file_that_lacks_a_field_is_named_and_nothing_else_is_red(
    tmp_path: Path, judge: Judge, file: str, schema: pa.Schema, check: str
) -> None:
    """DataFusion 55 appends to the first file's fields those that only later files have."""
    write(tmp_path / "t", {**whole_files(7), file: rows(schema)})
    judged = judge(contract())
    red = {id_: codes for id_, codes in judged.red.items() if codes != ("field-missing-in-files",)}
    assert red == {}
    assert judged.outcomes[check] == "broken"
    assert f"missing in {file}, 1 of 8 files" in judged.finding(check).observed
    others = {id_ for id_, each in judged.outcomes.items() if each == "undecided"}
    assert others == ({"nulls[b]"} if check == "field[b]" else set())


def test_a_field_may_be_missing_in_files_where_the_contract_says_so(
    tmp_path: Path, judge: Judge
) -> None:
    write(tmp_path / "t", {"1.parquet": rows(), "2.parquet": rows(WITHOUT_LEAF)})
    assert judge(contract(more=", missing_in_files: allow")).red == {}


def test_a_file_of_another_table_is_one_finding(tmp_path: Path, judge: Judge) -> None:
    other = pa.table({"other": [1], "more": ["x"]})
    write(tmp_path / "t", {**whole_files(3), "odd.parquet": other})
    judged = judge(contract())
    broken = [id_ for id_, outcome in judged.outcomes.items() if outcome == "broken"]
    assert broken == ["fields"]
    assert judged.red["fields"] == ("file-of-another-schema",)
    assert judged.finding("fields").observed.endswith("missing in odd.parquet")


@pytest.mark.parametrize(("forbid", "outcome"), [(False, "kept"), (True, "broken")])
def test_a_delta_log_says_what_a_missing_field_means_unless_the_contract_does(
    tmp_path: Path, judge: Judge, *, forbid: bool, outcome: str
) -> None:
    write_deltalake(tmp_path / "t", rows(flat(WHOLE, "b")))
    write_deltalake(tmp_path / "t", rows(), mode="append", schema_mode="merge")
    text = contract("delta", ", missing_in_files: forbid" if forbid else "")
    judged = judge(text.replace("type: string, nullable: false", "type: string"), only="field[b]")
    assert judged.outcomes == {"field[b]": outcome}


@pytest.mark.parametrize(
    ("deviating", "path", "whole"), [("string", "a", "int64"), ("struct", "s.y", "int8")]
)
def test_the_field_of_another_type_in_one_of_eight_files_is_the_one_that_is_red(
    tmp_path: Path, judge: Judge, deviating: str, path: str, whole: str
) -> None:
    if deviating == "string":
        odd = rows(WHOLE.set(0, pa.field("a", pa.string())), a="1")
    else:
        odd = rows(
            WHOLE.set(2, pa.field("s", pa.struct({"x": "int8", "y": "string"}))),
            s={"x": 1, "y": "2"},
        )
    write(tmp_path / "t", {**whole_files(7), "part-7.parquet": odd})
    judged = judge(contract())
    broken = [id_ for id_, outcome in judged.outcomes.items() if outcome == "broken"]
    assert broken == [f"field[{path}]"]
    assert judged.red[f"field[{path}]"] == ("type-mismatch",)
    assert judged.finding(f"field[{path}]").observed.endswith(
        f"{path} is string in part-7.parquet; {whole} in the other 7 files"
    )


def of_writer(name: str, number: int) -> dict[bytes, bytes]:
    """What each writer keeps of its own for every file."""
    return {name.encode(): json.dumps({"rows": number}).encode()}


@pytest.mark.parametrize(
    "key",
    [
        "pandas",
        "org.apache.spark.sql.parquet.row.metadata",
        "iceberg.schema",
        "parquet.avro.schema",
    ],
)
@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_files_that_differ_in_their_writers_metadata_are_one_table(
    tmp_path: Path, judge: Judge, key: str, suffix: str
) -> None:
    tables = {f"{n}.{suffix}": rows().replace_schema_metadata(of_writer(key, n)) for n in range(2)}
    write(tmp_path / "t", tables)
    judged = judge(contract(suffix))
    assert judged.red == {}
    assert judged["rows"].rows == 6


def test_a_field_whose_metadata_differ_in_files_is_told_and_what_they_share_is_kept(
    tmp_path: Path, judge: Judge
) -> None:
    for number in range(2):
        metadata = {"comment": f"wording {number}", "unit": "byte"}
        schema = WHOLE.set(0, WHOLE.field(0).with_metadata(metadata))
        write(tmp_path / "t", {f"{number}.parquet": rows(schema)})
    text = contract().replace("type: int64, ", "type: int64, metadata: {unit: byte}, ")
    judged = judge(text)
    assert judged.red == {}
    assert judged.finding("field[a]").code == "metadata-differs-in-files"
    promised = judge(text.replace("unit: byte", "comment: wording 0"))
    assert promised.red == {"field[a]": ("metadata-mismatch",)}
    assert "wording 1` in 1.parquet" in promised.finding("field[a]").observed


STRAYS = ["_SUCCESS", "_metadata", "_common_metadata", "._SUCCESS.crc", ".DS_Store", "README.md"]


@pytest.mark.parametrize("stray", STRAYS)
@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_what_writers_leave_beside_partitions_is_in_nobodys_way(
    tmp_path: Path, judge: Judge, stray: str, suffix: str
) -> None:
    write(tmp_path / "t", {f"cat={each}/part-0.{suffix}": rows() for each in "xy"})
    (tmp_path / "t" / stray).write_text("")
    text = contract(suffix, ", partitioned_by: [cat]") + "  - {name: cat, type: string}\n"
    judged = judge(text)
    assert judged.outcomes["table"] == "kept"
    assert judged["rows"].rows == 6


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_a_field_of_the_folders_that_the_files_hold_too_is_named(
    tmp_path: Path, judge: Judge, suffix: str
) -> None:
    write(tmp_path / "t", {f"b=x/part-0.{suffix}": rows()})
    observed = judge(contract(suffix, ", partitioned_by: [b]")).finding("table").observed
    assert observed.startswith("two fields are called b: what the names of its folders say")


@pytest.mark.parametrize(("allowed", "outcome"), [("true", "kept"), ("false", "broken")])
@pytest.mark.parametrize("format_", ["parquet", "csv", "json", "arrow"])
def test_a_folder_that_nobody_has_written_to_may_be_allowed(
    tmp_path: Path, judge: Judge, format_: str, allowed: str, outcome: str
) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "_SUCCESS").write_bytes(b"")
    judged = judge(contract(format_, f", allow_empty: {allowed}"))
    assert judged.outcomes["table"] == outcome
    assert judged.red == {} or outcome == "broken"
    assert judged.outcomes["field[a]"] == ("vacuous" if outcome == "kept" else "undecided")


def test_a_place_that_is_not_there_is_no_empty_table(tmp_path: Path, judge: Judge) -> None:
    assert judge(contract(more=", allow_empty: true")).red["table"] == ("table-missing",)
    assert not (tmp_path / "t").exists()


def test_a_footer_of_two_physical_types_is_red_and_the_process_lives(
    tmp_path: Path, judge: Judge
) -> None:
    table = pa.table({"a": pa.array([1, 2, 3], pa.int64())})
    file = tmp_path / "t" / "x.parquet"
    file.parent.mkdir()
    pq.write_table(table, file, compression="none", use_dictionary=False)
    data = file.read_bytes()
    size = int.from_bytes(data[-8:-4], "little")
    footer = bytearray(data[-8 - size : -8])
    mark = b"\x15\x04\x19"
    footer[footer.find(mark, footer.find(mark) + 1) + 1] = 0x0A
    file.write_bytes(data[: -8 - size] + bytes(footer) + data[-8:])
    text = "table: t\nsource: {format: parquet, location: t, pruning: true}\n"
    judged = judge(f"{text}fields: [{{name: a, type: int64, nullable: false}}]\n")
    assert "the footer of x.parquet says that a is INT64" in judged.finding("rows").observed


TEXT = """\
table: t
source: {format: FORMAT, location: tMORE}
fields: [{name: a, type: int64}, {name: b, type: string}]
"""


def text_contract(format_: str, more: str = "") -> str:
    return TEXT.replace("FORMAT", format_).replace("MORE", more)


@pytest.mark.parametrize(
    ("format_", "name", "data", "options"),
    [
        ("csv", "a.csv", b"a;b\n1;x\n", '{delimiter: ";"}'),
        ("csv", "a.csv", b"a\tb\n1\tx\n", r'{delimiter: "\t"}'),
        ("csv", "a.csv", b"a;b\n1;x\n", ""),
        ("csv", "p=1/a.csv", b"a|b\n1|x\n", ""),
        ("csv", "a.csv.gz", gzip.compress(b"a\tb\n1\tx\n", mtime=0), ""),
        ("csv", "a.csv", b"a,b\n1,'x,y'\n", '{quote: "\'"}'),
        ("csv", "a.csv", b"1,x\n", "{header: false}"),
        ("csv", "a.csv", gzip.compress(b"a,b\n1,x\n", mtime=0), "{compression: gzip}"),
        ("csv", "a.csv.gz", gzip.compress(b"a,b\n1,x\n", mtime=0), ""),
        ("csv", "p=1/a.csv.gz", gzip.compress(b"a,b\n1,x\n", mtime=0), ""),
        ("csv", "a.csv", b"a,b\n" + b'1,"x\ny"\n' * 20_000, ""),
        ("csv", "a.csv", b"\xef\xbb\xbfa,b\n1,x\n", ""),
        ("json", "a.jsonl", b'{"a": 1, "b": "x"}\n', ""),
        ("json", "p=1/a.ndjson", b'{"a": 1, "b": "x"}\n', ""),
        ("json", "a.json.gz", gzip.compress(b'{"a": 1, "b": "x"}\n', mtime=0), ""),
    ],
)
def test_text_as_it_is_written(
    tmp_path: Path, judge: Judge, format_: str, name: str, data: bytes, options: str
) -> None:
    file = tmp_path / "t" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    more = f", options: {options}" if options else ""
    text = text_contract(format_, f"{more}, partitioned_by: [p]" if "=" in name else more)
    judged = judge(text)
    assert judged.red == {}
    assert judged["rows"].rows == max(1, data.count(b"x\ny"))


@pytest.mark.parametrize(
    ("format_", "data", "told"),
    [
        (
            "csv",
            b"a,b\n1,\xe9\n",
            "odd.csv: line 2 is not UTF-8 (byte 0xe9); write the file as UTF-8",
        ),
        ("csv", b"a,b\n1,2\n1,2,3\n", "odd.csv: record 3 has 3 values, and the header has 2"),
        ("csv", b"a,a\n1,2\n", "the header of odd.csv has the name a twice"),
        ("json", b'{"a": "\xe9"}\n', "odd.json: line 1 is not UTF-8 (byte 0xe9); write"),
        ("json", b'\xef\xbb\xbf{"a": 1}\n', "odd.json: it starts with a byte order mark"),
        (
            "json",
            b'[{"a": 1},\n{"a": 2}]\n',
            "odd.json: line 1 starts an array; one object a line is",
        ),
        ("json", b'{\n  "a": 1\n}\n', "odd.json: line 1 ends before its object does; one object a"),
        ("json", b'{"a": NaN}\n', "odd.json: line 1 holds NaN, which is no JSON"),
    ],
)
@pytest.mark.parametrize("others", [True, False], ids=["among-others", "alone"])
def test_the_text_file_that_cannot_be_read_is_named_with_the_line(
    tmp_path: Path, judge: Judge, format_: str, data: bytes, told: str, *, others: bool
) -> None:
    (tmp_path / "t").mkdir()
    good = b"a,b\n1,x\n" if format_ == "csv" else b'{"a": 1, "b": "x"}\n'
    for number in range(3 * others):
        (tmp_path / "t" / f"z{number}.{format_}").write_bytes(good)
    (tmp_path / "t" / f"odd.{format_}").write_bytes(data)
    assert judge(text_contract(format_)).finding("table").observed.startswith(told)


def test_a_delimiter_that_the_header_tells_is_noted(tmp_path: Path, judge: Judge) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.csv").write_text("a;b\n1;x\n")
    (note,) = judge(text_contract("csv"))["table"].notes
    assert (note.code, note.observed, note.hint) == (
        "delimiter-found",
        'the header splits into the promised names at ";"',
        'write `options: {delimiter: ";"}` below `source`',
    )


def test_a_delimiter_at_which_some_promised_name_is_missing_is_none(
    tmp_path: Path, judge: Judge
) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.csv").write_text("a;c\n1;x\n")
    assert {"field[a]", "field[b]"} <= judge(text_contract("csv")).red.keys()


def test_files_of_several_endings_are_told(tmp_path: Path, judge: Judge) -> None:
    (tmp_path / "t").mkdir()
    for name in ("a.json", "b.jsonl"):
        (tmp_path / "t" / name).write_text('{"a": 1, "b": "x"}\n')
    observed = judge(text_contract("json")).finding("table").observed
    assert observed.startswith("its files end differently, a.json and b.jsonl")


def test_a_pipe_among_data_files_is_not_waited_for(tmp_path: Path, judge: Judge) -> None:
    write(tmp_path / "t", whole_files(1))
    os.mkfifo(tmp_path / "t" / "x.parquet")
    observed = judge(contract()).finding("table").observed
    assert observed.endswith("x.parquet is no regular file, and reading it might not end")


def test_folders_that_link_to_each_other_end(tmp_path: Path, judge: Judge) -> None:
    write(tmp_path / "t", {f"p={n}/a.parquet": rows() for n in (1, 2)})
    for one, two in ((1, 2), (2, 1)):
        for number in range(2):
            link = tmp_path / "t" / f"p={one}" / f"q{number}=1"
            link.symlink_to(tmp_path / "t" / f"p={two}", target_is_directory=True)
    observed = judge(contract(more=", partitioned_by: [p]")).finding("table").observed
    assert observed.endswith("links to a folder that it lies in")


@pytest.mark.parametrize("location", ["../t", "x/../../t", "/etc"])
def test_a_location_outside_of_the_lake_is_refused(judge: Judge, location: str) -> None:
    judged = judge(contract().replace("location: t", f"location: {location}"))
    observed = judged.finding("table").observed
    assert observed.startswith(f"its location {location} is outside of the lake; write a URI")


def test_a_rule_that_would_overflow_the_stack_is_red_and_no_other(
    tmp_path: Path, judge: Judge
) -> None:
    write(tmp_path / "t", whole_files(1))
    deep = "a > 0" + " AND a > 0" * 10_000
    text = f"{contract()}rules: [{{name: deep, sql: {deep}}}, {{name: flat, sql: a > 0}}]\n"
    text += f"views: [{{name: v, sql: SELECT a FROM t WHERE {deep}}}]\n"
    judged = judge(text)
    assert judged.red == {"rule[deep]": ("rule-unplanned",), "view[v]": ("view-unusable",)}
    assert "operators in a row, and more than 500" in judged.finding("rule[deep]").observed


@pytest.mark.parametrize("sql", ["DROP TABLE t", "SET a = 1", "COPY t TO 'x'", "no query at all"])
def test_a_view_that_is_no_query_is_red_though_the_session_has_one_of_its_name(
    tmp_path: Path, judge: Judge, sql: str
) -> None:
    write(tmp_path / "t", whole_files(1))
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    session.register_parquet("t", f"{tmp_path}/t/", skip_metadata=False)
    session.sql("CREATE VIEW v AS SELECT a FROM t")
    view = f'views: [{{name: v, sql: "{sql}"}}]\n'
    judged = judge(contract() + view, supplied=session)
    assert judged.red == {"view[v]": ("view-unusable",)}
    assert judge(contract() + view.replace(sql, "SELECT a FROM t"), supplied=session).red == {}
