"""Data from a contract keep it, whatever it promises, as every door sees it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from cst_contracts.api import load
from cst_contracts.checks.plan import plan
from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.proof.choices import Seeded
from cst_contracts.proof.errors import NoRow
from cst_contracts.proof.known import known
from cst_contracts.proof.looking import Snapshots, look
from cst_contracts.proof.making import Making, schema_of, utc_now
from cst_contracts.proof.pools import pool_of
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.staging import Stage, layout_of

ROOT = Path(__file__).parents[2]
TYPES = [
    *(pa.int8(), pa.uint16(), pa.int64(), pa.float32(), pa.float64(), pa.bool_()),
    *(pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.binary(3)),
    *(pa.date32(), pa.date64(), pa.time32("s"), pa.timestamp("ns"), pa.timestamp("s", "UTC")),
    *(pa.duration("ms"), pa.decimal128(4, 2), pa.dictionary(pa.int8(), pa.string()), pa.null()),
]
#: Every clause about rows, in a form that the format holds.
CONTRACT = """
table: t
source: {{format: {format}, location: t{more}}}
fields:
  - {{name: id, type: int64, nullable: false}}
  - {{name: day, type: "date32[day]"}}
  - {{name: word, type: string}}
  - {{name: low, type: int64}}
  - {{name: high, type: int64}}
keys: [[id], [day, word]]
rules:
  - {{name: rises, sql: high > low}}
  - {{name: known, sql: "word IN ('on', 'off')"}}
references: [{{fields: [word], table: words, to: [word]}}]
freshness: {{field: day, within: 30d, zone: UTC}}
"""


def table(text: str) -> TableContract:
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    return contract


def made(contract: TableContract, seed: int, rows: int) -> dict[str, Rows]:
    making = Making({contract.name: contract}, Seeded(seed), utc_now(), rows, rows)
    return making.tables(contract)


def red(contract: TableContract, seed: int, rows: int = 5) -> tuple[str, ...]:
    others = made(contract, seed, rows)
    own = others.pop(contract.name)
    stage = Stage(own, others, layout_of(contract))
    return look(contract, plan(contract), stage, utc_now(), Snapshots()).red


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_a_type_has_values_and_further_ones_that_differ_from_them(type_: pa.DataType) -> None:
    pool = pool_of(type_)
    further = [] if pool.more is None else [pool.more(number) for number in range(20)]
    values = [*pool.values, *further]
    assert len(pa.array(values, type_)) == len(values) > 0
    assert len({repr(value) for value in values}) == len(values)


@pytest.mark.parametrize(
    ("format_", "more"),
    [
        ("parquet", ", ordered_by: [day, id]"),
        ("parquet", ", partitioned_by: [{name: part, type: int32}]"),
        ("delta", ", partitioned_by: [word]"),
        ("csv", ', options: {delimiter: ";", compression: gzip}'),
        ("json", ""),
        ("arrow", ", ordered_by: [{field: low, direction: desc, nulls: first}]"),
    ],
)
def test_rows_keep_their_contract_in_every_format(format_: str, more: str) -> None:
    contract = table(CONTRACT.format(format=format_, more=more))
    assert red(contract, seed=1) == ()
    assert red(contract, seed=2) == ()


def test_types_are_made_to_any_depth_and_nothing_is_vacuous() -> None:
    text = """
table: t
source: {format: parquet, location: t}
nullability: strict
fields:
  - {name: a, type: "list<struct<b: map<string, list<int8 not null>>, c: string not null> not null>"}
  - {name: d, type: "fixed_size_list<struct<e: decimal128(4, 2)>>[2]", nullable: false}
  - {name: f, type: "dictionary<values=string, indices=int32>"}
keys: [["a[].c"]]
views: [{name: v, explode: a, keep: [f]}]
"""
    contract = table(text)
    assert red(contract, seed=3, rows=4) == ()
    rows = made(contract, 3, 40)["t"].table()
    assert rows.schema == schema_of(contract)
    names = [each["c"] for row in rows["a"].to_pylist() for each in row or []]
    assert len(names) == len(set(names)) > 20
    assert rows["a"].null_count > 0


def test_a_table_that_others_refer_to_keeps_its_own_contract(
    written: Callable[[Mapping[str, str]], Path],
) -> None:
    people = """
table: people
fields: [{name: id, type: int64, nullable: false}, {name: boss, type: int64}]
keys: [[id]]
references: [{fields: [boss], table: people, to: [id]}]
rules: [{name: known, sql: id >= 5}]
"""
    pets = """
table: pets
fields: [{name: owner, type: int64}]
references: [{fields: [owner], table: people, to: [id]}]
"""
    folder = written({"people": people, "pets": pets})
    found = known(folder / "pets.yaml")
    making = Making(found.tables, Seeded(0), utc_now(), 8, 8)
    drawn = {name: rows.table() for name, rows in making.tables(found.contract).items()}
    ids = drawn["people"]["id"].to_pylist()
    assert len(set(ids)) == len(ids)
    assert min(ids) >= 5
    assert {*drawn["people"]["boss"].to_pylist(), *drawn["pets"]["owner"].to_pylist()} <= {
        *ids,
        None,
    }


def test_rules_that_references_are_about_choose_among_them() -> None:
    contracts = {
        name: load(ROOT / "contracts" / f"{name}.yaml")
        for name in ("delta_cst_edges", "delta_cst_nodes")
    }
    tables = {each.name: each for each in contracts.values() if isinstance(each, TableContract)}
    making = Making(tables, Seeded(0), utc_now(), 2, 5)
    edges = making.tables(tables["delta.cst_edges"])["delta.cst_edges"].table()
    sides = zip(edges["src"].to_pylist(), edges["dst"].to_pylist(), strict=True)
    assert all(src < dst for src, dst in sides)


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ('[{name: one, sql: "a > 1"}, {name: two, sql: "a > 3 AND a < 2"}]', ("two",)),
        ('[{name: one, sql: "a > 30"}, {name: two, sql: "a < 20"}]', ("two",)),
        ('[{name: nulls, sql: "a > 1 AND a IS NULL"}]', ("nulls",)),
        ('[{name: odd, sql: "a +"}, {name: one, sql: "a > 1"}]', ("odd",)),
    ],
)
def test_rules_that_no_row_keeps_are_named(rules: str, named: tuple[str, ...]) -> None:
    contract = table(f"table: t\nfields: [{{name: a, type: int64}}]\nrules: {rules}\n")
    with pytest.raises(NoRow) as refused:
        made(contract, 0, 3)
    assert refused.value.names == named


@pytest.mark.parametrize(
    "aggregates",
    [
        """{name: one, sql: "count(*) FILTER (WHERE kind = 'first') = 1", per: [parent]}""",
        """{name: one, sql: "count(*) FILTER (WHERE kind = 'first') = 1"}""",
        """{name: one, sql: "count(*) FILTER (WHERE kind = 'first') = 1", per: [parent]},
           {name: few, sql: "count(DISTINCT kind) <= 2", per: [parent]}""",
    ],
)
def test_groups_of_many_rows_keep_their_aggregates(aggregates: str) -> None:
    """And so many rows as are asked for are left, though a rule spoils some of those that a key makes new."""
    contract = table(f"""
table: t
fields:
  - {{name: parent, type: string, nullable: false}}
  - {{name: place, type: int64, nullable: false}}
  - {{name: kind, type: string}}
keys: [[parent, place]]
references: [{{fields: [parent], table: parents, to: [id]}}]
rules: [{{name: counted, sql: 0 <= place}}]
aggregates: [{aggregates}]
""")
    making = Making({"t": contract}, Seeded(0), utc_now(), 150, 150, 150)
    tables = making.tables(contract)

    assert tables["t"].count == 150
    checks = plan(contract)
    stage = Stage(tables.pop("t"), tables, layout_of(contract))
    assert look(contract, checks, stage, utc_now(), Snapshots()).red == ()
