"""What files, logs and registrations say of their rows, and no answer about rows may believe.

Each kind of lie is told in each format that can tell it, and asked about in each way that answers for rows.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext
from deltalake import write_deltalake
from support.gate import Promises, judge, observer_of, parsed

from cst_contracts.report.manifest_file import Outcome

NAN = float("nan")
BROKEN, KEPT, UNDECIDED = Outcome.BROKEN, Outcome.KEPT, Outcome.UNDECIDED
PROMISES = """
rules: [{name: number, sql: NOT isnan(f)}, {name: small, sql: f < 10}]
keys: [[f]]
references: [{fields: [f], table: dim, to: [f]}]
"""
FIELDS = "fields: [{name: id, type: int64}, {name: f, type: double}]\n"


def write_parquet(folder: Path, table: pa.Table) -> None:
    folder.mkdir()
    pq.write_table(table, folder / "x.parquet")


def write_delta(folder: Path, table: pa.Table) -> None:
    write_deltalake(str(folder), table)


def write_csv(folder: Path, table: pa.Table) -> None:
    folder.mkdir()
    rows = ["id,f", *(f"{row['id']},{row['f']}" for row in table.to_pylist())]
    (folder / "x.csv").write_text("\n".join(rows) + "\n")


def write_arrow(folder: Path, table: pa.Table) -> None:
    folder.mkdir()
    with pa.ipc.new_file(str(folder / "x.arrow"), table.schema) as file:
        file.write_table(table)


FORMATS: dict[str, Callable[[Path, pa.Table], None]] = {
    "parquet": write_parquet,
    "delta": write_delta,
    "csv": write_csv,
    "arrow": write_arrow,
}


def promises(
    lake: Path,
    contracts: list[str],
    of: str,
    session: SessionContext | None = None,
    samples: int = 0,
) -> Promises:
    read = parsed(contracts)
    return judge(read, observer_of(read, lake, session, samples=samples)).of(of)


@pytest.mark.parametrize("samples", [0, 2])
@pytest.mark.parametrize("way", ["stored", "view", "packed view"])
@pytest.mark.parametrize("format_", FORMATS)
def test_nan_is_a_value_like_any_other(
    tmp_path: Path, format_: str, way: str, samples: int
) -> None:
    """DataFusion 55 takes [NaN, 1.0] for the constant 1.0 where statistics may answer."""
    FORMATS[format_](tmp_path / "t", pa.table({"id": [1, 2], "f": [NAN, 1.0]}))
    FORMATS[format_](tmp_path / "dim", pa.table({"id": [1], "f": [1.0]}))
    views = {
        "stored": "",
        "view": 'views: [{name: v, sql: "SELECT id, f FROM t"}]\n',
        "packed view": ("views: [{name: p, pack: {s: [id, f]}}, {name: v, flatten: s, of: p}]\n"),
    }
    stored = f"table: t\nsource: {{format: {format_}, location: t}}\n{FIELDS}{views[way]}"
    dim = f"table: dim\nsource: {{format: {format_}, location: dim}}\n{FIELDS}"
    contracts, of = [stored + PROMISES, dim], "t"
    if way != "stored":
        contracts = [stored, dim, f"table: v\nsource: {{format: view}}\n{FIELDS}{PROMISES}"]
        of = "v"
    outcomes = promises(tmp_path, contracts, of, samples=samples).outcomes
    assert {check: outcomes[check] for check in WANTED} == WANTED


WANTED = {
    "rule[number]": BROKEN,
    "rule[small]": BROKEN,
    "unique[f]": KEPT,
    "reference[f→dim.f]": BROKEN,
}


def test_nan_is_a_value_in_a_session_of_the_projects_own(tmp_path: Path) -> None:
    write_parquet(tmp_path / "t", pa.table({"id": [1, 2], "f": [NAN, 1.0]}))
    write_parquet(tmp_path / "dim", pa.table({"id": [1], "f": [1.0]}))
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    for name in ("t", "dim"):
        session.register_parquet(name, str(tmp_path / name))
    contracts = [f"table: t\n{FIELDS}{PROMISES}", f"table: dim\n{FIELDS}"]
    outcomes = promises(tmp_path, contracts, "t", session).outcomes
    assert {check: outcomes[check] for check in WANTED} == WANTED


def test_nan_refers_to_nan(tmp_path: Path) -> None:
    """A join's dynamic filter would leave row groups out by minima, which leave NaN out."""
    write_parquet(tmp_path / "t", pa.table({"id": [1, 2], "f": [NAN, NAN]}))
    write_parquet(tmp_path / "dim", pa.table({"id": [1, 2], "f": [0.0, NAN]}))
    contracts = [
        f"table: t\nsource: {{format: parquet, location: t}}\n{FIELDS}{PROMISES}",
        f"table: dim\nsource: {{format: parquet, location: dim}}\n{FIELDS}",
    ]
    assert promises(tmp_path, contracts, "t").outcomes["reference[f→dim.f]"] is KEPT


@pytest.mark.parametrize("path", ["f", "s.f", "l[]"])
@pytest.mark.parametrize("type_", ["double", "float"])
def test_nan_of_any_bits_is_one_key(tmp_path: Path, path: str, type_: str) -> None:
    bits = np.array([0x7FF8000000000000, 0xFFF8000000000000], np.uint64).view(np.float64)
    column = pa.array(bits.astype(np.float32 if type_ == "float" else np.float64))
    table = pa.table(
        {
            "f": column,
            "s": pa.StructArray.from_arrays([column], ["f"]),
            "l": pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), column),
        }
    )
    write_parquet(tmp_path / "t", table)
    text = f"""table: t
source: {{format: parquet, location: t}}
fields:
  - {{name: f, type: {type_}}}
  - {{name: s, type: "struct<f: {type_}>"}}
  - {{name: l, type: "list<{type_}>"}}
keys: [["{path}"]]
"""
    told = promises(tmp_path, [text], "t")
    assert told.finding(f"unique[{path}]").observed == "1 more row than keys, of 2"


KNOWN = """
rules: [{name: known, sql: id IS NOT NULL}, {name: nested, sql: "s['x'] IS NOT NULL"}]
"""
STRUCT = 'fields: [{name: id, type: int64}, {name: s, type: "struct<x: int64>"}]\n'


def with_nulls(*, nullable: bool) -> pa.Table:
    x = pa.field("x", pa.int64(), nullable)
    schema = pa.schema(
        [pa.field("id", pa.int64(), nullable), pa.field("s", pa.struct([x]), nullable)]
    )
    ids, inner = pa.array([1, None, 3], pa.int64()), pa.array([1, None, 3], pa.int64())
    structs = pa.StructArray.from_arrays([inner], fields=[x])
    return pa.Table.from_batches([pa.RecordBatch.from_arrays([ids, structs], schema=schema)])


@pytest.mark.parametrize("way", ["stored", "view"])
def test_not_null_of_arrow_files_is_not_believed(tmp_path: Path, way: str) -> None:
    """A rule that the engine would fold to true is not kept: it meets the null, or says that it cannot."""
    write_arrow(tmp_path / "t", with_nulls(nullable=False))
    stored = f"table: t\nsource: {{format: arrow, location: t}}\n{STRUCT}"
    contracts, of = [stored + KNOWN], "t"
    if way == "view":
        view = 'views: [{name: v, sql: "SELECT id, s FROM t"}]\n'
        contracts, of = [stored + view, f"table: v\nsource: {{format: view}}\n{STRUCT}{KNOWN}"], "v"
    outcomes = promises(tmp_path, contracts, of).outcomes
    assert {outcomes["rule[known]"], outcomes["rule[nested]"]} <= {BROKEN, UNDECIDED}


@pytest.mark.parametrize("way", ["table", "view"])
def test_not_null_of_a_projects_own_registration_is_not_believed(tmp_path: Path, way: str) -> None:
    write_parquet(tmp_path / "t", with_nulls(nullable=True))
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    session.register_parquet("t", str(tmp_path / "t"), schema=with_nulls(nullable=False).schema)
    session.sql("CREATE VIEW v AS SELECT id, s FROM t")
    of = "t" if way == "table" else "v"
    outcomes = promises(tmp_path, [f"table: {of}\n{STRUCT}{KNOWN}"], of, session).outcomes
    assert {outcomes["rule[known]"], outcomes["rule[nested]"]} <= {BROKEN, UNDECIDED}


def test_an_order_that_a_footer_claims_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    table = pa.table({"k": [2, 1, 2, 1, 2, 1]})
    claimed = [pq.SortingColumn(0)]
    pq.write_table(table, tmp_path / "t" / "x.parquet", sorting_columns=claimed)
    grouped = 'views: [{name: v, sql: "SELECT k, count(*) AS n FROM t GROUP BY k"}]\n'
    contracts = [
        "table: t\nsource: {format: parquet, location: t}\nfields: [{name: k, type: int64}]\n"
        + grouped,
        "table: v\nsource: {format: view}\nfields: [{name: k, type: int64}, {name: n, type: int64}]\n"
        "keys: [[k]]\nrules: [{name: three, sql: n = 3}]\n",
    ]
    outcomes = promises(tmp_path, contracts, "v").outcomes
    assert (outcomes["unique[k]"], outcomes["rule[three]"]) == (KEPT, KEPT)


#: Views that footers answer: each has one row, for which `impossible` is false.
AGGREGATES = {
    "SELECT min(id) AS lo, max(x) AS hi FROM t": "lo > 100 AND hi > 100",
    "SELECT min(id) AS lo FROM t": "lo > 100",
    "SELECT count(*) AS n FROM t": "n > 100",
    "SELECT count(x) AS n, min(x) AS lo FROM t": "n > 100 OR lo > 100",
    "SELECT max(id) AS hi, count(*) AS n FROM t WHERE id > 0": "hi > 100 OR n > 100",
}


@pytest.mark.parametrize("samples", [0, 1])
@pytest.mark.parametrize("query", AGGREGATES)
@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_rules_over_views_that_footers_answer_are_counted(
    tmp_path: Path, format_: str, query: str, samples: int
) -> None:
    """Cross-checked by hand, with the view's own check selected and without it."""
    FORMATS[format_](tmp_path / "t", pa.table({"id": [1, 2, 3], "x": [0, 5, 9]}))
    names = [
        word.removesuffix(",") for word in query.split() if word.rstrip(",") in ("lo", "hi", "n")
    ]
    fields = ", ".join(f"{{name: {name}, type: int64}}" for name in names)
    table = (
        f"table: t\nsource: {{format: {format_}, location: t}}\n"
        "fields: [{name: id, type: int64}, {name: x, type: int64}]\n"
        f'views: [{{name: v, sql: "{query}"}}]\n'
    )
    view = (
        f"table: v\nsource: {{format: view}}\nfields: [{fields}]\n"
        f'rules: [{{name: impossible, sql: "{AGGREGATES[query]}"}}]\n'
        f'aggregates: [{{name: never, sql: "{_counted(query)} = 0 AND count(1) = 1"}}]\n'
    )
    read = parsed([table, view])
    for contracts in (read, read[1:]):
        judged = judge(contracts, observer_of(read, tmp_path, samples=samples)).of("v")
        assert judged.finding("rule[impossible]").observed == "false for 1 of 1 rows"
        assert judged["rows"].rows == 1  # type: ignore[union-attr]
        assert judged.outcomes["aggregate[never]"] == KEPT


def _counted(query: str) -> str:
    return f"count(1) FILTER (WHERE {AGGREGATES[query]})"


@pytest.mark.parametrize("query", AGGREGATES)
def test_aggregates_over_views_of_a_session_that_believes_are_counted(
    tmp_path: Path, query: str
) -> None:
    write_parquet(tmp_path / "t", pa.table({"id": [1, 2, 3], "x": [0, 5, 9]}))
    session = SessionContext()
    session.register_parquet("t", str(tmp_path / "t"))
    session.register_view("v", session.sql(query))
    names = session.table("v").schema().names
    fields = ", ".join(f"{{name: {name}, type: int64}}" for name in names)
    view = (
        f"table: v\nfields: [{fields}]\naggregates:\n"
        f'  - {{name: never, sql: "{_counted(query)} = 0 AND count(1) = 1"}}\n'
        f'  - {{name: each, sql: "{_counted(query)} = 1", per: [{names[0]}]}}\n'
    )
    contracts = parsed([view])
    judged = judge(contracts, observer_of(contracts, tmp_path, session)).of("v")
    assert judged.outcomes["aggregate[never]"] == KEPT
    told = judged.finding("aggregate[each]").observed
    assert told.startswith("false for 1 of 1 group: ")
    assert told.endswith(" (1 row)")


def test_datafusion_drops_a_count_over_what_footers_answer(tmp_path: Path) -> None:
    """When this fails, the engine is mended: docs/explanation/engine-traps.md tells of it."""
    write_parquet(tmp_path / "t", pa.table({"id": [1, 2, 3], "x": [0, 5, 9]}))
    session = SessionContext()
    session.register_parquet("t", str(tmp_path / "t"))
    query = (
        "SELECT count(1) FILTER (WHERE lo > 100) FROM (SELECT min(id) AS lo, max(x) AS hi FROM t)"
    )
    assert session.sql(query).to_pydict() == {"min(t.id)": [1]}, "the least id, and no count"


def test_datafusion_takes_a_field_out_of_a_null_struct_for_its_slot(tmp_path: Path) -> None:
    """When this fails, the engine is mended: docs/explanation/engine-traps.md tells of it. What is stored is
    counted rightly all the same."""
    struct = pa.struct([("x", pa.int64())])
    rows = pa.table({"s": pa.array([None, {"x": None}, {"x": 7}], struct)})
    write_arrow(tmp_path / "t", rows)
    session = SessionContext()
    session.register_arrow("t", f"{tmp_path}/t/", file_extension=".arrow")
    assert session.sql("SELECT s.x AS x FROM t").to_pydict() == {"x": [0, None, 7]}, "0 is no value"
    contract = (
        "table: t\nsource: {format: arrow, location: t}\nfields:\n"
        "  - {name: s, type: struct, fields: [{name: x, type: int64, minimum: 7, max_nulls: 1}]}\n"
    )
    assert promises(tmp_path, [contract], "t").red == {}
