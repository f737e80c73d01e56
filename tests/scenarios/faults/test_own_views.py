"""Views that the project registers under promised names, with other rows than the contract's definitions."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext
from deltalake import DeltaTable, write_deltalake
from support.gate import Promises, judge, observer_of, parsed

from cst_contracts.report.manifest_file import Outcome

S = pa.struct([("x", pa.int64()), ("y", pa.int64())])
ROWS = pa.table(
    {
        "id": [1, 2],
        "m": pa.array([[("k", "v")], []], pa.map_(pa.string(), pa.string())),
        "l": pa.array([[{"x": 1, "y": 2}], []], pa.list_(S)),
        "s": pa.array([{"x": 1, "y": 2}] * 2, S),
    }
)
CONTRACT = """\
table: b
source: {{format: {format}, location: b}}
fields:
 - {{name: id, type: int64}}
 - {{name: m, type: "map<string,string>"}}
 - {{name: l, type: "list<struct<x:int64,y:int64>>"}}
 - {{name: s, type: "struct<x:int64,y:int64>"}}
views:
 - {{name: b_e, expand: m, keep: [id]}}
 - {{name: b_x, extract: {{m: k}}, keep: [id]}}
 - {{name: b_l, explode: l, keep: [id]}}
 - {{name: b_s, flatten: s, keep: [id]}}
 - {{name: b_p, pack: {{p: [id]}}, keep: [m, l]}}
 - {{name: b_q, sql: "SELECT id FROM b WHERE id > 1"}}
"""
ENTRIES = "(SELECT id, unnest(map_entries(m)) AS kv FROM b)"
SAME = {
    "b_e": f"SELECT kv['value'] AS attr_value, kv['key'] AS attr_key, id FROM {ENTRIES}",
    "b_x": "SELECT id, m['k'] AS k FROM b ORDER BY id DESC",
    "b_l": "SELECT id, e['x'] AS x, e['y'] AS y FROM (SELECT id, unnest(l) AS e FROM b)",
    "b_s": "SELECT id, s['x'] AS x, s['y'] AS y FROM b",
    "b_p": "SELECT l, m, named_struct('id', id) AS p FROM b",
    "b_q": "SELECT id FROM b WHERE id = 2",
}
OTHER = {
    "b_e": (f"SELECT id, kv['value'] AS attr_key, kv['key'] AS attr_value FROM {ENTRIES}", 1),
    "b_x": ("SELECT id, m['other'] AS k FROM b", 1),
    "b_l": ("SELECT id, e['y'] AS x, e['x'] AS y FROM (SELECT id, unnest(l) AS e FROM b)", 1),
    "b_s": ("SELECT -id AS id, s['x'] AS x, s['y'] AS y FROM b", 2),
    "b_p": ("SELECT m, l, named_struct('id', 1) AS p FROM b", 1),
    "b_q": ("SELECT id FROM b WHERE id < 2", 1),
}


def judged(lake: Path, format_: str, views: dict[str, str]) -> Promises:
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    if format_ == "delta":
        write_deltalake(lake / "b", ROWS)
        session.register_table("b", DeltaTable(lake / "b"))
    else:
        (lake / "b").mkdir()
        pq.write_table(ROWS, lake / "b" / "x.parquet")
        session.register_parquet("b", f"{lake}/b/")
    for name, query in views.items():
        session.sql(f"CREATE VIEW {name} AS {query}")
    contracts = parsed([CONTRACT.format(format=format_)])
    return judge(contracts, observer_of(contracts, lake, session)).of("b")


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_the_same_rows_in_another_sequence_and_other_columns_order_are_kept(
    tmp_path: Path, format_: str
) -> None:
    promises = judged(tmp_path, format_, SAME)
    assert {promises.outcomes[f"view[{name}]"] for name in SAME} == {Outcome.KEPT}


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_other_rows_in_the_same_number_are_red(tmp_path: Path, format_: str) -> None:
    promises = judged(tmp_path, format_, {name: query for name, (query, _) in OTHER.items()})
    for line, (name, (_, rows)) in enumerate(OTHER.items(), start=9):
        found = promises.finding(f"view[{name}]")
        noun = "row" if rows == 1 else "rows"
        assert (found.code.value, found.place.line) == ("view-differs", line)
        assert found.observed == f"{rows} {noun} missing, {rows} {noun} too many"


def test_a_column_that_only_the_definition_makes_is_told(tmp_path: Path) -> None:
    promises = judged(tmp_path, "parquet", {"b_q": "SELECT id AS other FROM b WHERE id > 1"})
    found = promises.finding("view[b_q]")
    assert found.code.value == "view-unusable"
    assert "it has no column id, which its definition makes" in found.observed


def test_a_table_without_the_map_that_one_view_takes_apart_is_counted_for_others(
    tmp_path: Path,
) -> None:
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    session.register_record_batches("b", [ROWS.drop_columns(["m"]).to_batches()])
    text = """\
table: b
fields: [{name: id, type: int64}, {name: m, type: "map<string,string>"}]
extra_fields: allow
views: [{name: b_e, expand: m}, {name: b_p, pack: {p: [id]}}]
"""
    contracts = parsed([text])
    promises = judge(contracts, observer_of(contracts, tmp_path, session)).of("b")
    assert promises.red["view[b_e]"] == ("view-unusable",)
    assert promises.outcomes["view[b_p]"] is Outcome.KEPT
