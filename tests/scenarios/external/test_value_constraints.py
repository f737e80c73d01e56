"""What the values of real tables may be: kept, red and vacuous, flat and deep down, whatever the format."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from cst_contracts.checks.verdict import Broken, Vacuous

TEXT = """\
table: t
source: {{format: {format_}, location: t}}
fields:
  - {{name: ctx, type: string, enum: [LOAD, STORE], pattern: "^[A-Z]+$", max_length: 5}}
  - {{name: at, type: double, minimum: 0}}
  - {{name: tags, type: list<string>, elements: {{min_length: 1}}}}
  - {{name: attrs, type: "map<string, int64>", map_keys: {{enum: [k]}}, map_values: {{maximum: 9}}}}
  - name: refs
    type: list<struct>
    fields: [{{name: span, type: struct, fields: [{{name: lo, type: int64, minimum: 0}}]}}]
"""
FLAT = ["enum[ctx]", "pattern[ctx]", "length[ctx]", "range[at]"]
DEEP = ["length[tags[]]", "enum[attrs{}.key]", "range[attrs{}.value]", "range[refs[].span.lo]"]
ALL = [*FLAT, *DEEP]
SCHEMA = pa.schema(
    [
        ("ctx", pa.string()),
        ("at", pa.float64()),
        ("tags", pa.list_(pa.string())),
        ("attrs", pa.map_(pa.string(), pa.int64())),
        ("refs", pa.list_(pa.struct([("span", pa.struct([("lo", pa.int64())]))]))),
    ]
)
GOOD: dict[str, Any] = {
    "ctx": "LOAD",
    "at": 0.0,
    "tags": ["a", None],
    "attrs": [("k", 9)],
    "refs": [{"span": {"lo": 0}}, {"span": None}],
}
BAD: dict[str, Any] = {
    "ctx": "loads!",
    "at": float("nan"),
    "tags": ["a", ""],
    "attrs": [("K", 10)],
    "refs": [None, {"span": {"lo": -1}}],
}
NONE: dict[str, Any] = {
    "ctx": None,
    "at": None,
    "tags": [],
    "attrs": [],
    "refs": [{"span": None}],
}
CODES = {
    "enum": "value-not-listed",
    "pattern": "pattern-not-found",
    "length": "value-length",
    "range": "value-out-of-range",
}


@pytest.fixture(params=["parquet", "delta"])
def checked(
    request: pytest.FixtureRequest, tmp_path: Path, judge: Callable[..., Any]
) -> Callable[..., Any]:
    """Judges these rows."""

    def judged(*rows: dict[str, Any], text: str = TEXT) -> Any:
        table = pa.Table.from_pylist(list(rows), SCHEMA)
        if request.param == "delta":
            write_deltalake(tmp_path / "t", table)
        else:
            (tmp_path / "t").mkdir()
            pq.write_table(table, tmp_path / "t" / "0.parquet")
        return judge(text.format(format_=request.param), samples=1)

    return judged


def test_values_as_promised_are_kept_with_nulls_among_them(checked: Callable[..., Any]) -> None:
    judged = checked(GOOD, NONE)
    assert judged.red == {}
    assert all(judged[id_].rows == 2 for id_ in ALL)


def test_each_kind_is_red_with_its_code_the_value_and_the_row(checked: Callable[..., Any]) -> None:
    judged = checked(GOOD, NONE, BAD)
    assert judged.red == {id_: (CODES[id_.partition("[")[0]],) for id_ in ALL}
    assert {id_: judged.finding(id_).observed for id_ in ALL} == {
        "enum[ctx]": "1 of 2 values: 'loads!' (1)",
        "pattern[ctx]": "1 of 2 values: 'loads!' (1)",
        "length[ctx]": "1 of 2 values: 'loads!' (1)",
        "range[at]": "1 of 2 values: nan (1)",
        "length[tags[]]": "1 of 3 values: '' (1)",
        "enum[attrs{}.key]": "1 of 2 values: 'K' (1)",
        "range[attrs{}.value]": "1 of 2 values: 10 (1)",
        "range[refs[].span.lo]": "1 of 2 values: -1 (1)",
    }
    for id_ in ALL:
        broken = judged[id_]
        assert isinstance(broken, Broken)
        assert [getattr(sample.place, "row", None) for sample in broken.samples] == [2]


def test_without_a_value_nothing_is_kept(checked: Callable[..., Any]) -> None:
    judged = checked(NONE, NONE)
    assert judged.red == dict.fromkeys(ALL, ("nothing-to-count",))


def test_that_there_is_none_can_be_allowed(checked: Callable[..., Any]) -> None:
    allowing = TEXT.replace(", type:", ", allow_empty: true, type:").replace(
        "    type: list<struct>", "    type: list<struct>\n    allow_empty: true"
    )
    judged = checked(NONE, text=allowing)
    assert judged.red == {}
    assert all(isinstance(judged[id_], Vacuous) for id_ in ALL)


def test_what_is_of_another_type_is_red_once(checked: Callable[..., Any]) -> None:
    text = TEXT.replace("name: at, type: double", "name: at, type: int64")
    assert checked(GOOD, text=text).red == {
        "field[at]": ("type-mismatch",),
        "range[at]": ("type-mismatch",),
    }


def test_a_view_promises_the_values_of_its_fields(
    tmp_path: Path, judge: Callable[..., Any]
) -> None:
    pq.write_table(pa.table({"n": [1, -1]}), tmp_path / "t.parquet")
    text = """\
table: t
source: {format: parquet, location: t.parquet}
fields: [{name: n, type: int64}]
views:
  - {name: v, sql: SELECT n FROM t, fields: [{name: n, type: int64, minimum: %s}]}
"""
    assert judge(text % -1).red == {}
    red = judge(text % 0)
    assert red.red == {"view[v]": ("value-out-of-range",)}
    assert red.finding("view[v]").observed == "1 of 2 values: -1 (1)"


def test_a_stream_is_judged_by_what_came(tmp_path: Path, judge: Callable[..., Any]) -> None:
    (tmp_path / "t.json").write_text('{"c": "a"}\n{"c": "b"}\n{"c": null}\n')
    text = """\
table: t
source: {format: json, location: t.json, unbounded: true}
fields: [{name: c, type: string, enum: [%s]}]
"""
    assert judge(text % "a, b", only="enum[c]").red == {}
    red = judge(text % "a", only="enum[c]")
    assert red.red == {"enum[c]": ("value-not-listed",)}
    assert red.finding("enum[c]").observed == "1 of 2 values: 'b' (1)"


def test_a_view_tells_no_value_that_may_be_made_of_what_is_sensitive(
    tmp_path: Path, judge: Callable[..., Any]
) -> None:
    pq.write_table(pa.table({"n": ["open"], "s": ["hidden"]}), tmp_path / "t.parquet")
    table = """\
table: t
source: {format: parquet, location: t.parquet}
fields: [{name: n, type: string}, {name: s, type: string, sensitive: true}]
views:
  - {name: v, sql: SELECT upper(s) AS made FROM t}
  - {name: w, flatten: x, of: packed, keep: [n]}
  - {name: packed, pack: {x: [s]}, keep: [n]}
"""
    of_query = "table: v\nsource: {format: view}\nfields: [{name: made, type: string, enum: [x]}]\n"
    of_columns = """\
table: w
source: {format: view}
fields: [{name: n, type: string, enum: [x]}, {name: s, type: string, enum: [x]}]
"""
    assert judge(of_query, table).finding("enum[made]").observed == "1 of 1 value"
    columns = judge(of_columns, table)
    assert columns.finding("enum[n]").observed == "1 of 1 value: 'open' (1)"
    assert columns.finding("enum[s]").observed == "1 of 1 value"
