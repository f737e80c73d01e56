"""CSV, JSON and Arrow files as tables: every kind of promise, kept and red."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cst_contracts.engine.formats.text_faults import first_record
from cst_contracts.engine.storage.stored import PLAIN
from cst_contracts.report.manifest_file import Outcome

ROWS = [
    {"ref_id": "a", "path": "p.py", "bstart": 1, "bend": 4},
    {"ref_id": "b", "path": "p.py", "bstart": 5, "bend": 9},
    {"ref_id": "c", "path": "q.py", "bstart": 2, "bend": None},
]
SCHEMA = pa.schema(
    [("ref_id", pa.string()), ("path", pa.string()), ("bstart", pa.int32()), ("bend", pa.int64())]
)
CONTRACT = """\
table: refs
source: {{format: {format}, location: {location}, ordered_by: [path, bstart]{more}}}
nullability: values
fields:
  - {{name: ref_id, type: string, nullable: false}}
  - {{name: path, type: string, nullable: false}}
  - {{name: bstart, type: int32, nullable: false}}
  - {{name: bend, type: int64}}
keys: [[ref_id], [path, bstart]]
references: [{{fields: [path], table: files, to: [path]}}]
rules: [{{name: forward, sql: bend >= bstart}}]
"""
FILES = """\
table: files
source: {format: csv, location: files.csv}
fields: [{name: path, type: string}]
"""
FORMATS = ["csv", "json", "arrow"]
Judge = Callable[..., Any]


def write(file: Path, rows: list[dict[str, Any]], schema: pa.Schema = SCHEMA) -> Path:
    """In the format that the file's suffix names."""
    file.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(rows, schema=schema)
    match file.suffix:
        case ".csv":
            lines = [",".join(schema.names)]
            lines += [
                ",".join("" if row[name] is None else str(row[name]) for name in schema.names)
                for row in table.to_pylist()
            ]
            file.write_text("".join(f"{line}\n" for line in lines))
        case ".json":
            file.write_text("".join(f"{json.dumps(row)}\n" for row in table.to_pylist()))
        case _:
            with pa.ipc.new_file(str(file), schema) as writer:
                writer.write_table(table)
    return file


def contract(format_: str, location: str = "refs", more: str = "") -> str:
    return CONTRACT.format(format=format_, location=location, more=more)


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "files.csv").write_text("path\np.py\nq.py\n")


@pytest.mark.parametrize("location", ["refs", "refs/one.{format}"])
@pytest.mark.parametrize("format_", FORMATS)
def test_every_kind_of_promise_is_kept(
    tmp_path: Path, judge: Judge, format_: str, location: str
) -> None:
    write(tmp_path / f"refs/one.{format_}", ROWS)

    judged = judge(contract(format_, location.format(format=format_)), FILES)

    assert set(judged.outcomes.values()) == {Outcome.KEPT}
    assert set(judged.outcomes) == {
        *("table", "source", "rows", "fields", "order[declared]", "order[measured]", "order[plan]"),
        *("field[ref_id]", "field[path]", "field[bstart]", "field[bend]"),
        *("nulls[ref_id]", "nulls[path]", "nulls[bstart]", "rule[forward]"),
        *("unique[ref_id]", "unique[path,bstart]", "reference[path→files.path]"),
    }
    assert judged["rows"].rows == 3


@pytest.mark.parametrize("format_", FORMATS)
def test_every_kind_of_promise_can_be_red(tmp_path: Path, judge: Judge, format_: str) -> None:
    rows: list[dict[str, Any]] = [
        {"ref_id": "a", "path": "q.py", "bstart": 5, "bend": 4},
        {"ref_id": "a", "path": "p.py", "bstart": None, "bend": 9},
        {"ref_id": "c", "path": "gone.py", "bstart": 2, "bend": 3},
    ]
    write(tmp_path / f"refs/one.{format_}", rows)

    judged = judge(contract(format_), FILES)

    assert judged.red == {
        "order[measured]": ("rows-out-of-order",),
        "order[declared]": ("not-checkable",),
        "order[plan]": ("not-checkable",),
        "nulls[bstart]": ("null-values",),
        "unique[ref_id]": ("duplicate-keys",),
        "reference[path→files.path]": ("dangling-references",),
        "rule[forward]": ("rule-violated",),
    }
    assert judged["order[measured]"].violations == 2


@pytest.mark.parametrize("format_", FORMATS)
def test_schema_faults_are_red(tmp_path: Path, judge: Judge, format_: str) -> None:
    schema = pa.schema(
        [
            ("ref_id", pa.string()),
            ("bstart", pa.string()),
            ("bend", pa.int64()),
            ("more", pa.int64()),
        ]
    )
    write(
        tmp_path / f"refs/one.{format_}",
        [{"ref_id": "a", "bstart": "x", "bend": 1, "more": 2}],
        schema,
    )

    red = judge(contract(format_), FILES).red

    assert red["field[path]"] == ("field-missing",)
    assert red["field[bstart]"] == ("type-mismatch",)
    assert red["fields"] == ("field-unpromised",)


@pytest.mark.parametrize("format_", FORMATS)
def test_hive_folders_are_fields(tmp_path: Path, judge: Judge, format_: str) -> None:
    for repo in ("one", "two"):
        rows = [{**row, "ref_id": f"{repo}{row['ref_id']}"} for row in ROWS]
        write(tmp_path / f"refs/repo={repo}/f.{format_}", rows)
    text = contract(format_, more=", partitioned_by: [repo]").replace(
        "[path, bstart]]", "[repo, path, bstart]]"
    )

    judged = judge(text, FILES)

    # No registration takes the type, the folders and the order of JSON at once.
    unordered = {
        "order[declared]": ("order-not-declared",),
        "order[plan]": ("order-not-used",),
    }
    assert judged.red == (unordered if format_ == "json" else {})
    assert judged.outcomes["partition[repo]"] is Outcome.KEPT
    assert judged["rows"].rows == 6


def test_text_is_read_as_promised_only_where_all_of_it_can_be(tmp_path: Path, judge: Judge) -> None:
    fields = ["int8", "string", "date32", "timestamp[us]", "decimal128(10, 2)", "float"]
    promised = "".join(
        f"  - {{name: f{index}, type: '{type_}'}}\n" for index, type_ in enumerate(fields)
    )
    text = f"table: t\nsource: {{format: csv, location: t.csv}}\nfields:\n{promised}"
    header = ",".join(f"f{index}" for index in range(len(fields)))
    (tmp_path / "t.csv").write_text(f"{header}\n1,007,2026-01-31,2026-01-31T00:00:00,1.25,1\n")
    assert judge(text).red == {}

    (tmp_path / "t.csv").write_text(f"{header}\n300,7,x,noon,1.25,1\n")
    judged = judge(text)
    assert judged.red == {
        "field[f0]": ("type-mismatch",),
        "field[f2]": ("type-mismatch",),
        "field[f3]": ("type-mismatch",),
    }
    assert judged.finding("field[f0]").observed == "int64"
    assert "what all of its values could be read as" in judged.finding("field[f0]").hint
    assert judged["field[f1]"].basis == "scan"


def test_a_late_value_counts_as_much_as_an_early_one(tmp_path: Path, judge: Judge) -> None:
    text = "table: t\nsource: {format: csv, location: t.csv}\nfields: [{name: a, type: int64}]\n"
    (tmp_path / "t.csv").write_text("a\n" + "1\n" * 5000 + "oops\n")
    assert judge(text).red == {"field[a]": ("type-mismatch",)}


def test_csv_files_with_other_headers_are_no_table(tmp_path: Path, judge: Judge) -> None:
    text = (
        "table: t\nsource: {format: csv, location: t}\n"
        "fields: [{name: a, type: string}, {name: b, type: string}]\n"
    )
    (tmp_path / "t").mkdir()
    (tmp_path / "t/one.csv").write_text("a,b\nx,y\n")
    (tmp_path / "t/two.csv").write_text("b,a\nx,y\n")
    judged = judge(text)
    assert judged.red["table"] == ("table-unreadable",)
    assert judged.finding("table").observed == "two.csv has another header than one.csv"


def test_json_numbers_are_no_text_and_fractions_no_integers(tmp_path: Path, judge: Judge) -> None:
    text = (
        "table: t\nsource: {format: json, location: t.json}\nfields:\n"
        "  - {name: a, type: string}\n  - {name: b, type: int64}\n"
        "  - {name: m, type: 'map<string, int16>'}\n"
        "  - {name: s, type: 'struct<x: int8, y: list<float>>'}\n"
    )
    (tmp_path / "t.json").write_text('{"m": {"k": 1}, "a": 1, "b": 1.5, "s": {"y": [1], "x": 1}}\n')
    assert judge(text).red == {"field[a]": ("type-mismatch",), "field[b]": ("type-mismatch",)}


def test_json_that_mixes_kinds_is_unreadable(tmp_path: Path, judge: Judge) -> None:
    text = "table: t\nsource: {format: json, location: t.json}\nfields: [{name: a, type: string}]\n"
    (tmp_path / "t.json").write_text('{"a": 1}\n{"a": "x"}\n')
    judged = judge(text)
    assert judged.red["table"] == ("table-unreadable",)
    assert "expected string got 1" in judged.finding("table").observed


def test_text_has_no_flags_and_says_so(tmp_path: Path, judge: Judge) -> None:
    text = (
        "table: t\nsource: {format: csv, location: t.csv}\n"
        "fields: [{name: a, type: int64, nullable: false}]\n"
    )
    (tmp_path / "t.csv").write_text("a\n1\n")
    judged = judge(text)
    assert judged.red == {}
    assert [note.code.value for note in judged["fields"].notes] == ["declared-nullable"]


def test_nothing_there_is_a_missing_table(judge: Judge) -> None:
    judged = judge(contract("csv"), FILES)
    assert judged.red["table"] == ("table-missing",)
    assert judged.finding("table").observed == "no .csv file there"


def test_headers_in_another_store_are_read_by_way_of_arrow(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('"a,b",c\n1,2\n')
    urls = f"file:{tmp_path}/t.csv", (tmp_path / "t.csv").as_uri()
    assert [first_record(url, PLAIN) for url in urls] == [("a,b", "c")] * 2
