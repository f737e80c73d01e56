"""Each export is proven by the tool that reads it, and names by the contract's line what it does not say."""

import base64
import json
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import click
import duckdb
import jsonschema
import pandas as pd
import pandera.errors
import polars as pl
import pyarrow as pa
import pytest
import sqlglot
import yaml
from datafusion import SessionContext
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import DataObject, data
from sqlglot import expressions
from support.arrow_types import types
from support.orders import ORDERS
from support.project import Project

from cst_contracts.api import export
from cst_contracts.cli.export import command
from cst_contracts.contract.model import TableContract
from cst_contracts.datatypes import print_type
from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.arrow_text import NoPython, type_text
from cst_contracts.neighbours.delta import delta_table
from cst_contracts.neighbours.exported import Exported
from cst_contracts.neighbours.formats import ExportFormat, exporter
from cst_contracts.neighbours.parts import schema_of
from cst_contracts.proof import Tables, tables

Export: TypeAlias = Callable[[TableContract, str], Exported]
Parse: TypeAlias = Callable[[str], TableContract]

REPOSITORY = Path(__file__).parents[2]
DBT = REPOSITORY / "tests" / "assets" / "dbt" / "model-properties.schema.json"
QUICK = settings(database=None, deadline=None, derandomize=True, max_examples=15)
SLOW_ENGINE = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
RED = (pandera.errors.SchemaError, pandera.errors.SchemaErrors)
KEPT: dict[str, list[Any]] = {
    "id": ["o-1", "o-2"],
    "status": ["open", None],
    "total": [1.5, 0.0],
    "day": [date(2026, 1, 31)] * 2,
    "items": [[{"sku": "a", "n": 1}], []],
    "attrs": [{"a": "b"}, None],
}
BROKEN: dict[str, dict[str, Any]] = {
    "pattern": {"id": ["x-1", "o-2"]},
    "null": {"id": [None, "o-2"]},
    "length": {"id": ["o-", "o-2"]},
    "unique": {"id": ["o-1", "o-1"]},
    "enumeration": {"status": ["lost", None]},
    "range": {"total": [-1.0, 0.0]},
}


def run(content: bytes) -> dict[str, Any]:
    """What a module of Python defines."""
    defined: dict[str, Any] = {}
    exec(compile(content, "exported.py", "exec"), defined)  # noqa: S102 — made here
    return defined


def lines(exported: Exported) -> list[str]:
    return [str(each) for each in exported.unsaid]


def test_every_format_is_offered_and_has_an_exporter() -> None:
    (option,) = (each for each in command.params if each.name == "name")
    assert isinstance(option.type, click.Choice)
    assert {*option.type.choices} == {each.value for each in ExportFormat}
    assert all(exporter(each) for each in ExportFormat)


def test_a_program_exports_what_the_command_writes(tmp_path: Path, orders_file: Path) -> None:
    made = export(orders_file, "pandera-polars")
    assert run(made.content)["schema"].validate(frame("pandera-polars", {})) is not None
    assert any("rule paid" in each for each in lines(made))
    assert b"v3.2.0" in export(orders_file, "odcs-3.2").content
    session = tmp_path / "session.yaml"
    session.write_text("session: s\nfunctions: [f]\n")
    for file, to, told in (
        (orders_file, "avro", "there is no format 'avro'; there are pyarrow, "),
        (orders_file, "delta", "delta makes a table"),
        (session, "duckdb", "a session contract has no table to export"),
    ):
        with pytest.raises(CstContractsError, match=told):
            export(file, to)


def test_a_pyarrow_module_makes_the_promised_schema(
    orders: TableContract, exported: Export
) -> None:
    made = exported(orders, "pyarrow")
    assert run(made.content)["schema"].equals(schema_of(orders), check_metadata=True)
    assert made.content.decode().startswith("# orders 1.2.0, as orders.yaml promises it\n")
    assert "orders.yaml:8:73: not said: the pattern of id" in lines(made)
    assert "orders.yaml:18:8: not said: unique (id)" in lines(made)
    assert any("`consumers`: billing" in line for line in lines(made))


@settings(QUICK, suppress_health_check=SLOW_ENGINE)
@given(types(2))
def test_every_type_is_made_again_by_its_python(type_: pa.DataType) -> None:
    try:
        text = type_text(type_)
    except NoPython:
        assert "interval" in print_type(type_) or "null not null" in print_type(type_)
        return
    made = eval(text, {"pa": pa})  # noqa: S307 — made here
    assert pa.field("a", made).equals(pa.field("a", type_), check_metadata=True)


def test_arrows_own_bytes_are_the_promised_schema(orders: TableContract, exported: Export) -> None:
    made = exported(orders, "arrow-ipc")
    assert pa.ipc.read_schema(pa.py_buffer(made.content)).equals(
        schema_of(orders), check_metadata=True
    )
    assert "orders.yaml:1:1: not said: `version`" in lines(made)


def as_json(value: Any) -> Any:
    """As most writers of JSON write it: bytes in base64, decimals as numbers."""
    match value:
        case dict():
            return {str(key): as_json(each) for key, each in value.items()}
        case list():
            return [as_json(each) for each in value]
        case bytes():
            return base64.b64encode(value).decode()
        case date() | datetime() | time():
            return value.isoformat()
        case Decimal():
            return float(value)
        case _:
            return value


def with_maps(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pylist(maps_as_pydicts="strict")
    return rows


@pytest.mark.parametrize("name", ["cst_refs", "libcst_files_v1"])
@settings(QUICK, max_examples=2, suppress_health_check=SLOW_ENGINE)
@given(data=data())
def test_rows_that_keep_a_contract_keep_its_json_schema(
    name: str, data: DataObject, exported: Export, parsed: Parse
) -> None:
    file = REPOSITORY / "contracts" / f"{name}.yaml"
    schema = json.loads(exported(parsed(file.read_text()), "json-schema").content)
    validator = jsonschema.Draft202012Validator(schema)
    drawn: Tables = data.draw(tables(file, max_rows=2))
    for row in with_maps(drawn.table):
        validator.validate(as_json(row))


@pytest.mark.parametrize(
    "row",
    [
        {"id": None},
        {"status": "lost"},
        {"total": -1},
        {"items": [{"sku": None, "n": 1}]},
        {"items": [{"sku": "a", "n": 0}]},
        {"other": 1},
        {"attrs": {"a": 1}},
    ],
)
def test_a_row_that_breaks_a_contract_breaks_its_json_schema(
    orders: TableContract, exported: Export, row: dict[str, Any]
) -> None:
    made = exported(orders, "json-schema")
    schema = json.loads(made.content)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    kept: dict[str, Any] = {name: as_json(values[0]) for name, values in KEPT.items()}
    assert validator.is_valid(kept)
    assert not validator.is_valid({**kept, **row})
    assert "orders.yaml:20:9: not said: rule paid" in lines(made)


def test_datafusion_makes_the_table_that_its_ddl_says(
    orders: TableContract, exported: Export
) -> None:
    made = exported(orders, "datafusion")
    context = SessionContext()
    context.sql(made.content.decode())
    live = context.table("orders").schema()
    assert live.names == ["id", "status", "total", "day", "items"]
    assert [field.nullable for field in live] == [False, True, True, False, True]
    assert "orders.yaml:17:5: not said: the type of attrs" in lines(made)


def test_duckdb_enforces_keys_and_limits_of_the_table_that_it_makes(
    orders: TableContract, exported: Export
) -> None:
    made = exported(orders, "duckdb")
    kept = pa.table(KEPT, schema_of(orders))
    with duckdb.connect() as connection:
        connection.execute(made.content.decode())
        connection.register("kept", kept)
        connection.execute("INSERT INTO orders SELECT * FROM kept")
        for change in BROKEN.values():
            connection.execute("DELETE FROM orders")
            connection.register("broken", pa.table({**KEPT, **change}))
            with pytest.raises(duckdb.ConstraintException):
                connection.execute("INSERT INTO orders SELECT * FROM broken")
    assert "orders.yaml:20:9: not said: rule paid" in lines(made)
    assert not any("unique" in line or "pattern" in line for line in lines(made))


def test_sparks_table_is_read_by_a_parser_of_its_dialect(
    orders: TableContract, exported: Export
) -> None:
    made = exported(orders, "spark")
    (statement,) = sqlglot.parse(made.content.decode(), dialect="spark")
    assert isinstance(statement, expressions.Create)
    columns = statement.find_all(expressions.ColumnDef)
    told = {each.name: each.kind.sql("spark") for each in columns if each.kind is not None}
    assert told["items"] == "ARRAY<STRUCT<`sku`: STRING NOT NULL, `n`: INT>>"
    assert told["attrs"] == "MAP<STRING, STRING>"
    assert "PARTITIONED BY (`day`)" in made.content.decode()
    assert not any("sku" in line and "nullable" in line for line in lines(made))


def frame(library: str, change: dict[str, Any]) -> Any:
    table = pa.table(
        {**KEPT, **change}, pa.schema([f.with_nullable(nullable=True) for f in SCHEMA])
    )
    if library == "pandera-polars":
        return pl.from_arrow(table)
    return table.to_pandas(types_mapper=pd.ArrowDtype)


SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("status", pa.string()),
        ("total", pa.float64()),
        ("day", pa.date32()),
        (
            "items",
            pa.list_(pa.struct([pa.field("sku", pa.string(), nullable=False), ("n", pa.int32())])),
        ),
        ("attrs", pa.map_(pa.string(), pa.string())),
    ]
)


@pytest.mark.parametrize("library", ["pandera-polars", "pandera-pandas"])
def test_pandera_keeps_what_keeps_the_contract_and_no_other(
    orders: TableContract, exported: Export, library: str
) -> None:
    made = exported(orders, library)
    schema = run(made.content)["schema"]
    schema.validate(frame(library, {}))
    for change in BROKEN.values():
        broken = frame(library, change)
        with pytest.raises(RED):
            schema.validate(broken)
    kept = frame(library, {})
    with pytest.raises(RED):
        schema.validate(kept[["status", "id", "total", "day", "items", "attrs"]])
    assert "orders.yaml:15:9: not said: `nullable: false` of items[].sku" in lines(made)
    assert "orders.yaml:20:9: not said: rule paid" in lines(made)


def test_dbts_properties_are_those_that_its_schema_knows(
    orders: TableContract, exported: Export
) -> None:
    made = exported(orders, "dbt")
    document = yaml.safe_load(made.content)
    (model,) = document["models"]
    assert model["config"] == {
        "contract": {"enforced": True},
        "meta": {"owner": "shop", "version": "1.2.0"},
    }
    by_name: dict[str, Any] = {column["name"]: column for column in model["columns"]}
    assert by_name["id"]["data_tests"] == ["not_null", "unique"]
    assert by_name["status"]["data_tests"] == [
        {"accepted_values": {"arguments": {"values": ["open", "shipped"]}}},
        {"relationships": {"arguments": {"to": "ref('states')", "field": "name"}}},
    ]
    assert model["constraints"] == [
        {"type": "unique", "columns": ["day", "id"]},
        {"type": "check", "name": "paid", "expression": "total >= 0"},
    ]
    assert "orders.yaml:8:73: not said: the pattern of id" in lines(made)
    schema = json.loads(DBT.read_text())
    jsonschema.Draft7Validator(schema).validate(document)


def test_the_delta_table_that_is_made_keeps_the_contract(
    tmp_path: Path, orders: TableContract
) -> None:
    project = Project(tmp_path)
    project.write(
        orders=ORDERS.replace("partitioned_by: [day]", "partitioned_by: [day], allow_empty: true")
    )
    unsaid = [str(each) for each in delta_table(orders, project.lake)]
    table = DeltaTable(project.lake / "sales" / "orders")
    assert table.metadata().partition_columns == ["day"]
    assert table.metadata().configuration["delta.constraints.paid"] == "total >= 0"
    result = project.check()
    assert [each.check for each in result.failed] == []
    assert "orders.yaml:18:8: not said: unique (id)" in unsaid
    assert not any("nullable" in each or "paid" in each for each in unsaid)
    with pytest.raises(CstContractsError, match="is there already"):
        delta_table(orders, project.lake)


def test_what_delta_does_not_take_is_named(tmp_path: Path, parsed: Parse) -> None:
    rule = "rules: [{name: r, sql: no_such_function(a) > 1}]"
    contract = parsed(f"table: t\nfields: [{{name: a, type: uint64}}]\n{rule}\n")
    told = [str(each) for each in delta_table(contract, tmp_path)]
    assert any("orders.yaml:3:9: not said: rule r, which Delta refuses: " in each for each in told)
    assert "orders.yaml:2:10: not said: the type of a" in told
