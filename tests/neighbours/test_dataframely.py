"""A schema of dataframely refuses, at every depth, what breaks the contract that it was made of."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pyarrow as pa
import pytest
from dataframely.exc import SchemaError
from hypothesis import HealthCheck, given, reject, settings
from hypothesis.strategies import DataObject, data
from support.arrow_types import types
from support.orders import ORDERS, contract_of

from cst_contracts.contract.model import TableContract
from cst_contracts.datatypes import print_type
from cst_contracts.neighbours.dataframely import TAKEN, dataframely_schema
from cst_contracts.neighbours.pandera import polars_type
from cst_contracts.neighbours.parts import schema_of
from cst_contracts.proof import Tables, tables

CONTRACTS = Path(__file__).parents[2] / "contracts"
QUICK = settings(database=None, deadline=None, derandomize=True, max_examples=15)
SLOW_ENGINE = [HealthCheck.too_slow]
KEPT: dict[str, list[Any]] = {
    "id": ["o-1", "o-ü"],
    "status": ["open", None],
    "total": [1.5, float("-0")],
    "day": [date(2026, 1, 31)] * 2,
    "items": [[{"sku": "ääääääää", "n": 1}, None], []],
    "attrs": [{"a": "b"}, None],
}


def made(contract: TableContract) -> type[dy.Schema]:
    """The schema that the Python of the export defines."""
    defined: dict[str, Any] = {}
    exec(compile(dataframely_schema(contract).content, "made.py", "exec"), defined)  # noqa: S102 — made here
    (schema,) = (
        each for each in defined.values() if isinstance(each, type) and issubclass(each, dy.Schema)
    )
    return schema


def unsaid(contract: TableContract) -> list[str]:
    return [str(each).partition(": not said: ")[2] for each in dataframely_schema(contract).unsaid]


def frame(contract: TableContract, rows: dict[str, list[Any]]) -> pl.DataFrame:
    """With nothing declared not null, so that each promise is the schema's to keep."""
    schema = pa.schema([each.with_nullable(nullable=True) for each in schema_of(contract)])
    found = pl.from_arrow(pa.table(rows, schema.remove_metadata()))
    assert isinstance(found, pl.DataFrame)
    return found


def test_rows_that_keep_the_contract_are_valid() -> None:
    contract = contract_of(ORDERS)
    assert made(contract).__name__ == "Orders"
    assert made(contract).validate(frame(contract, KEPT)).height == 2


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("id|regex", {"id": ["x-1", "o-2"]}),
        ("id|nullability", {"id": [None, "o-2"]}),
        ("id|check__min_length", {"id": ["o-", "o-2"]}),
        ("id|unique", {"id": ["o-1", "o-1"]}),
        ("unique_1", {"id": ["o-1", "o-1"]}),
        ("status|check__enum", {"status": ["lost", None]}),
        ("total|min", {"total": [-1.0, 0.0]}),
        ("total|max_exclusive", {"total": [1e6, 0.0]}),
        ("total|nan", {"total": [float("nan"), 0.0]}),
        ("items|inner_inner_sku_nullability", {"items": [[{"sku": None, "n": 1}], []]}),
        ("items|inner_inner_sku_check__max_length", {"items": [[{"sku": "a" * 9, "n": 1}], []]}),
        ("items|inner_inner_n_min", {"items": [[{"sku": "a", "n": 0}], []]}),
    ],
)
def test_each_broken_promise_is_refused_by_its_rule(rule: str, change: dict[str, Any]) -> None:
    contract = contract_of(ORDERS)
    _, failure = made(contract).filter(frame(contract, {**KEPT, **change}))
    assert rule in failure.counts()


def test_another_type_or_a_field_less_is_refused() -> None:
    contract = contract_of(ORDERS)
    rows = frame(contract, KEPT)
    for wrong in (rows.drop("day"), rows.with_columns(pl.col("day").cast(pl.String))):
        with pytest.raises(SchemaError):
            made(contract).validate(wrong)


def test_what_dataframely_does_not_hold_is_named() -> None:
    assert unsaid(contract_of(ORDERS)) == [
        "where the table is stored",
        "the partition field day",
        "`extra_fields: forbid`",
        "`field_order: strict`",
        "the type of attrs",
        "(status) references states (name)",
        "rule paid",
        "`consumers`: billing",
    ]


def test_a_limit_that_only_warns_or_that_tolerates_is_named_and_not_enforced() -> None:
    contract = contract_of(
        """\
table: t
fields:
  - {name: a, type: int64, nullable: false, severity: warn, minimum: 1}
  - {name: b, type: string, enum: [x], at_most: 1}
  - {name: m, type: "map<string, int8 not null>", nullable: false}
"""
    )
    rows: dict[str, list[Any]] = {"a": [None, 0], "b": ["y", "x"], "m": [{}, {}]}
    assert made(contract).validate(frame(contract, rows)).height == 2
    assert not made(contract).is_valid(frame(contract, {**rows, "m": [None, {}]}))
    told = unsaid(contract)
    for what in ("`nullable: false` of a", "the range of a", "the enumeration of b"):
        assert what in told
    assert "`nullable: false` of m{}.value" in told
    assert "`nullable: false` of m" not in told


def test_fields_are_called_as_they_are_whatever_python_has_of_its_own() -> None:
    contract = contract_of(
        """\
table: 1.odd-table
fields:
  - {name: validate, type: int64}
  - {name: class, type: int64}
  - {name: __a b, type: int64}
  - {name: field_1, type: int64}
"""
    )
    schema = made(contract)
    assert schema.__name__ == "Table1OddTable"
    assert schema.column_names() == ["validate", "class", "__a b", "field_1"]
    public = {each for each in dir(dy.Schema) if not each.startswith("_")}
    assert public <= TAKEN


def test_no_field_hides_what_the_schema_is_written_with() -> None:
    """Nor is one called otherwise, as Python calls `ﬁ`."""
    contract = contract_of(
        """\
table: t
fields:
  - {name: datetime, type: int64}
  - {name: dy, type: int64}
  - {name: pl, type: int64, nullable: false}
  - {name: ﬁ, type: int64, nullable: false}
  - {name: fi, type: date32, minimum: "2026-01-01"}
keys: [[pl, ﬁ]]
"""
    )
    schema = made(contract)
    assert schema.column_names() == ["datetime", "dy", "pl", "ﬁ", "fi"]
    rows: dict[str, list[Any]] = {
        "datetime": [1],
        "dy": [1],
        "pl": [1],
        "ﬁ": [1],
        "fi": [date(2026, 1, 1)],
    }
    assert schema.is_valid(frame(contract, rows))


LIMITED = """\
table: t
fields:
  - {name: d, type: date32, minimum: "2026-01-01"}
  - {name: t, type: "timestamp[ms]", enum: ["2026-01-01 00:00:00"]}
  - {name: s, type: string, exclusive_minimum: a, maximum: c}
  - {name: b, type: binary, max_length: 2}
  - {name: x, type: "decimal128(4, 2)", maximum: 2}
"""


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("d|min", {"d": [date(2025, 1, 1)]}),
        ("t|check__enum", {"t": [1]}),
        ("s|check__exclusive_minimum", {"s": ["a"]}),
        ("s|check__maximum", {"s": ["cc"]}),
        ("b|check__max_length", {"b": [b"abc"]}),
    ],
)
def test_values_of_other_types_are_limited_too(rule: str, change: dict[str, Any]) -> None:
    contract = contract_of(LIMITED)
    kept: dict[str, list[Any]] = {
        "d": [date(2026, 1, 1)],
        "t": [datetime(2026, 1, 1)],
        "s": ["b"],
        "b": [b"ab"],
        "x": [None],
    }
    assert made(contract).is_valid(frame(contract, kept))
    _, failure = made(contract).filter(frame(contract, {**kept, **change}))
    assert {*failure.counts()} == {rule}
    assert unsaid(contract)[-1] == "the range of x"


@settings(QUICK)
@given(types(2))
def test_a_column_has_the_type_that_polars_reads_or_it_is_named(type_: pa.DataType) -> None:
    if "null not null" in print_type(type_):
        reject()  # which the language refuses at a field of its own
    document = {"table": "t", "fields": [{"name": "a", "type": print_type(type_)}]}
    contract = contract_of(json.dumps(document))
    schema = made(contract)
    if "the type of a" in unsaid(contract):
        assert polars_type(type_) is None
    else:
        assert schema.is_valid(frame(contract, {"a": []}))


@pytest.mark.parametrize("name", ["cst_refs", "libcst_files_v1"])
@settings(QUICK, max_examples=2, suppress_health_check=SLOW_ENGINE)
@given(data=data())
def test_rows_that_keep_a_contract_of_this_repository_are_valid(
    name: str, data: DataObject
) -> None:
    file = CONTRACTS / f"{name}.yaml"
    drawn: Tables = data.draw(tables(file, max_rows=2))
    rows = pl.from_arrow(drawn.table)
    assert isinstance(rows, pl.DataFrame)
    made(contract_of(file.read_text())).validate(rows)
