"""A cluster reads fields that do not stand in the files, but in the names of folders or in a log."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.rows import answers, observing, placed, table_contract
from support.sail_server import Sail

from cst_contracts.datatypes import print_type
from cst_contracts.engine.rows.plan import RowPlan
from cst_contracts.facts import AggregateCount
from cst_contracts.needs import AggregateNeed

#: Of each type, values that are not easily written as text.
HIVE: list[tuple[pa.DataType, list[Any]]] = [
    (pa.string(), ["a b", "100%", "é="]),
    (pa.int32(), [-7, 0, 12]),
    (pa.date32(), [date(1969, 12, 31), date(2000, 2, 29), date(2026, 1, 1)]),
]
DELTA: list[tuple[pa.DataType, list[Any]]] = [
    *HIVE,
    # deltalake 1.6 writes no negative ones.
    (pa.decimal128(9, 3), [Decimal("1.001"), Decimal("0.000"), Decimal("123456.789")]),
    (
        pa.timestamp("us", tz="UTC"),
        [
            datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
            datetime(2000, 1, 1, tzinfo=UTC),
            datetime(2026, 6, 1, 12, 30, tzinfo=UTC),
        ],
    ),
]


#: What the engine calls these types.
ENGINE = {
    pa.string(): "Utf8",
    pa.int32(): "Int32",
    pa.date32(): "Date32",
    pa.decimal128(9, 3): "Decimal128(9, 3)",
    pa.timestamp("us", tz="UTC"): 'Timestamp(Microsecond, Some("UTC"))',
}


def written(value: object, type_: pa.DataType) -> str:
    return f"arrow_cast('{value}', '{ENGINE[type_]}')"


def contract_of(name: str, format_: str, type_: pa.DataType, values: list[Any]) -> str:
    """Two rows of each value and of null; of these, only the first value is forbidden."""
    first, *_ = found = [written(each, type_).replace("'", "''") for each in values]
    largest = written(max(values), type_).replace("'", "''")
    other, listed = f"part <> {first}", f"part IN ({', '.join(found)})"
    apart = f"count(DISTINCT part) = 3 AND max(part) = {largest}"
    return f"""
table: {name}
source: {{format: {format_}, location: {name}, partitioned_by: [{{name: part, type: "{print_type(type_)}"}}]}}
fields:
  - {{name: id, type: int64}}
  - {{name: part, type: "{print_type(type_)}", nullable: false}}
nullability: values
keys: [[part], [part, id]]
rules:
  - {{name: known, sql: "part IS NOT NULL"}}
  - {{name: other, sql: '{other}'}}
  - {{name: listed, sql: '{listed}'}}
aggregates:
  - {{name: pairs, sql: "count(*) = 2 AND max(id) - min(id) = 4", per: [part]}}
  - {{name: apart, sql: '{apart}'}}
"""


def write(folder: Path, format_: str, type_: pa.DataType, values: list[Any]) -> None:
    rows = pa.table({"id": range(8), "part": pa.array([*values, None] * 2, type_)})
    if format_ == "delta":
        write_deltalake(folder, rows, partition_by=["part"])
    else:
        pq.write_to_dataset(rows, folder, partition_cols=["part"])


@pytest.mark.parametrize(("format_", "types"), [("parquet", HIVE), ("delta", DELTA)])
def test_they_are_read_as_on_one_machine(
    tmp_path: Path, sail: Sail, format_: str, types: list[tuple[pa.DataType, list[Any]]]
) -> None:
    contracts = []
    for number, (type_, values) in enumerate(types):
        write(tmp_path / f"t{number}", format_, type_, values)
        contracts.append(table_contract(contract_of(f"t{number}", format_, type_, values)))
    more = [
        AggregateNeed(contract.name, each) for contract in contracts for each in contract.aggregates
    ]
    here, there = (
        observing(tmp_path, contracts, more, samples=3, cluster=url) for url in ("", sail.url)
    )

    counted = [there.answer(need) for need in more]
    assert counted == [here.answer(need) for need in more]
    assert [
        each for each in counted if not isinstance(each, AggregateCount) or each.violations
    ] == []
    for contract in contracts:
        found = answers(there, contract)

        assert found == answers(here, contract)
        named = placed(found)
        assert (named["nulls[part]"].values, named["nulls[part]"].nulls) == (8, 2)
        assert named["rule[known]"].violations == 2
        assert named["rule[other]"].violations == 2
        assert named["rule[listed]"].violations == 0
        assert named["unique[part]"].duplicates == 3
        assert named["unique[part,id]"].duplicates == 0
    plans = [plan for plan in there.plans() if isinstance(plan, RowPlan)]
    assert [plan.sent and list(plan.sent.here) for plan in plans] == [[]] * len(types)


UNTYPED = """
table: t
source: {format: parquet, location: t, partitioned_by: [part]}
fields: [{name: id, type: int64}]
extra_fields: allow
keys: [[part], [part, id]]
references: [{fields: [part], table: names, to: [name]}]
rules: [{name: other, sql: "part <> 'a b'"}]
aggregates: [{name: single, sql: count(*) < 2, per: [part]}]
"""
NAMES = "table: names\nsource: {format: parquet, location: names}\nfields: [{name: name, type: string}]\n"


def test_names_of_folders_of_which_nothing_is_promised_are_texts(
    tmp_path: Path, sail: Sail
) -> None:
    """The engine reads them as dictionaries, whose hashes are not those of their values."""
    rows = pa.table({"id": range(6), "part": ["a b", "c", "100%"] * 2})
    pq.write_to_dataset(rows, tmp_path / "t", partition_cols=["part"])
    pq.write_to_dataset(pa.table({"name": ["a b", "100%"]}), tmp_path / "names")
    contracts = [table_contract(UNTYPED), table_contract(NAMES)]
    more = [AggregateNeed("t", each) for each in contracts[0].aggregates]
    here, there = (
        observing(tmp_path, contracts, more, samples=3, cluster=url) for url in ("", sail.url)
    )

    found = answers(there, contracts[0])

    assert found == answers(here, contracts[0])
    named = placed(found)
    assert named["unique[part]"].duplicates == 3
    assert named["unique[part,id]"].duplicates == 0
    assert named["rule[other]"].violations == 2
    assert named["reference[part→names.name]"].dangling == 2
    assert there.answer(more[0]) == here.answer(more[0])
    (plan,) = [plan for plan in there.plans() if isinstance(plan, RowPlan) and plan.sent]
    assert plan.sent is not None
    assert sorted(map(str, plan.sent.needs)) == sorted([*found, str(more[0])])


def test_values_that_are_not_of_their_type_are_read_here(tmp_path: Path, sail: Sail) -> None:
    """Beside the name for no value, which only the engine here takes for null."""
    rows = pa.table({"id": range(4), "part": ["1", "abc", None, "1"]})
    pq.write_to_dataset(rows, tmp_path / "t", partition_cols=["part"])
    text = UNTYPED.replace("partitioned_by: [part]", "partitioned_by: [{name: part, type: int32}]")
    contract = table_contract(text.replace("keys: [[part], [part, id]]\n", "keys: [[id]]\n"))
    names = table_contract(NAMES)
    pq.write_to_dataset(pa.table({"name": ["1"]}), tmp_path / "names")
    here, there = (observing(tmp_path, [contract, names], cluster=url) for url in ("", sail.url))

    assert answers(there, contract) == answers(here, contract)
    (plan,) = [plan for plan in there.plans() if isinstance(plan, RowPlan) and plan.sent]
    assert plan.sent is not None
    why = "the engine cannot read all values of part"
    assert {str(need): each for need, each in plan.sent.here.items()} == {
        "rule[other]": why,
        "reference[part→names.name]": why,
    }
