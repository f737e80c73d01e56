"""Schemas of other tools as contracts: what they say is there, nested, and what has no place is told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.arrow_types import types
from support.orders import contract_of

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main
from cst_contracts.contract.model import TableContract
from cst_contracts.datatypes import print_type, same_type
from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.dbt_reading import read_dbt
from cst_contracts.neighbours.documents import contract_yaml
from cst_contracts.neighbours.exported import Exported
from cst_contracts.neighbours.formats import ImportFormat, importer
from cst_contracts.neighbours.imported import Imported
from cst_contracts.neighbours.json_schema_reading import read_json_schema
from cst_contracts.neighbours.pandera_reading import read_pandera

Export: TypeAlias = Callable[[TableContract, str], Exported]


def contract(imported: Imported) -> TableContract:
    (document,) = imported.tables
    return contract_of(contract_yaml(document, "from elsewhere"))


def fields(found: TableContract) -> dict[str, tuple[str, bool]]:
    return {
        node.path: (str(node.type), node.nullable) for top in found.fields for node in top.walk()
    }


def test_a_json_schema_of_a_row_is_a_contract_with_its_nesting() -> None:
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "people",
        "type": "object",
        "$defs": {
            "place": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}
        },
        "properties": {
            "name": {"type": "string", "minLength": 1, "description": "Of the passport."},
            "age": {"type": ["integer", "null"], "minimum": 0, "maximum": 255},
            "born": {"type": "string", "format": "date", "examples": ["2000-01-01"]},
            "homes": {"type": "array", "items": {"$ref": "#/$defs/place"}},
            "state": {"anyOf": [{"enum": ["a", "b"], "type": "string"}, {"type": "null"}]},
            "counts": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
            "any": {"type": ["string", "integer"]},
        },
        "required": ["name", "homes"],
        "dependentRequired": {"age": ["born"]},
    }
    imported = read_json_schema(json.dumps(schema).encode(), "p.schema.json")
    found = contract(imported)
    assert found.name == "people"
    assert found.extra_fields == "allow"
    assert fields(found) == {
        "name": ("string", False),
        "age": ("uint8", True),
        "born": ("date32[day]", True),
        "homes": ("list<item: struct<x: double not null> not null>", False),
        "homes[]": ("struct<x: double not null>", False),
        "homes[].x": ("double", False),
        "state": ("string", True),
        "counts": ("map<string, int64>", True),
        "counts{}.key": ("string", True),
        "counts{}.value": ("int64", False),
        "any": ("string", True),
    }
    assert [*imported.unmapped] == [
        "dependentRequired: {'age': ['born']}",
        "properties.born.examples: 2000-01-01",
        "properties.any: no single type, taken for text",
        "properties.any.type: string",
        "properties.any.type: integer",
    ]


def test_the_json_schema_of_a_contract_is_read_again(
    orders: TableContract, exported: Export
) -> None:
    imported = read_json_schema(exported(orders, "json-schema").content, "o.json")
    assert imported.unmapped == ()
    assert fields(contract(imported)) == fields(orders)


DBT = """
version: 2
models:
  - name: orders
    description: Orders.
    config: {contract: {enforced: true}, materialized: table, meta: {owner: shop}}
    constraints: [{type: check, name: paid, expression: total >= 0}, {type: unique, columns: [day, id]}]
    columns:
      - {name: id, data_type: varchar, description: Its number., data_tests: [unique, not_null]}
      - name: state
        data_type: string
        tests:
          - accepted_values: {values: [open, shipped], config: {where: "day > '2026'"}}
          - relationships: {arguments: {to: "ref('states')", field: name}, config: {severity: warn}}
          - dbt_utils.not_constant
      - {name: total, data_type: "numeric(10, 2)", constraints: [{type: not_null}]}
      - {name: day, data_type: date}
      - {name: shape, data_type: GEOGRAPHY}
"""


def test_dbts_properties_are_contracts() -> None:
    imported = read_dbt(DBT.encode(), "schema.yml")
    found = contract(imported)
    assert fields(found) == {
        "id": ("string", False),
        "state": ("string", True),
        "total": ("decimal128(10, 2)", False),
        "day": ("date32[day]", True),
        "shape": ("string", True),
    }
    assert found.owner == "shop"
    assert [key.fields for key in found.keys] == [("id",), ("day", "id")]
    assert [(each.table, each.severity) for each in found.references] == [("states", "warn")]
    assert [(each.name, each.sql) for each in found.rules] == [("paid", "total >= 0")]
    told = "\n".join(imported.unmapped)
    assert "models[0].config.materialized: table" in told
    assert "accepted_values" in told
    assert "dbt_utils.not_constant" in told
    assert "relationships" not in told
    assert "models[0].columns[4]: no data type that is known, taken for text" in told
    assert "models[0].columns[4].data_type: GEOGRAPHY" in told


def test_dbts_properties_of_a_contract_are_read_again(
    orders: TableContract, exported: Export
) -> None:
    found = contract(read_dbt(exported(orders, "dbt").content, "schema.yml"))
    assert [each.name for each in found.fields] == [each.name for each in orders.fields]
    assert {key.fields for key in found.keys} == {key.fields for key in orders.keys}
    assert [each.sql for each in found.rules] == [each.sql for each in orders.rules]


def test_a_warning_of_dbt_is_one_of_the_contract_or_is_told() -> None:
    test = "{not_null: {config: {severity: warn}}}"
    head = "models:\n- name: t\n  columns:\n  - {name: a, data_type: int, data_tests: ["
    (field,) = contract(read_dbt(f"{head}{test}]}}".encode(), "s.yml")).fields
    assert (field.nullable, field.severity) == (False, "warn")
    values = "{accepted_values: {arguments: {values: [1, 2]}}}"
    imported = read_dbt(f"{head}{test}, {values}]}}".encode(), "s.yml")
    (field,) = contract(imported).fields
    assert (field.nullable, field.severity) == (True, "error")
    assert any("not_null" in each for each in imported.unmapped)


@pytest.mark.parametrize("library", ["pandera-polars", "pandera-pandas"])
def test_what_pandera_holds_of_a_contract_is_read_again(
    orders: TableContract, exported: Export, library: str
) -> None:
    imported = read_pandera(exported(orders, library).content, "orders.py")
    found = contract(imported)
    both = zip(found.fields, orders.fields, strict=True)
    assert [one.name for one, other in both if not same_type(one.type, other.type)] == (
        ["attrs"] if library == "pandera-polars" else []
    )
    assert [each.nullable for each in found.fields] == [each.nullable for each in orders.fields]
    limits = [[each.limit for each in field.constraints] for field in found.fields]
    assert limits[:3] == [[each.limit for each in field.constraints] for field in orders.fields[:3]]
    assert {key.fields for key in found.keys} == {key.fields for key in orders.keys}
    untyped = ["orders.attrs: type None, taken for text"]
    assert [*imported.unmapped] == (untyped if library == "pandera-polars" else [])


@st.composite
def flat_contracts(draw: st.DrawFn) -> TableContract:
    """Fields of any types, and a key and limits of whole numbers."""
    least = draw(st.integers(-5, 5))
    document: dict[str, Any] = {
        "table": "t",
        "extra_fields": draw(st.sampled_from(["allow", "forbid"])),
        "field_order": draw(st.sampled_from(["any", "strict"])),
        "fields": [
            {
                "name": "id",
                "type": "int64",
                "nullable": False,
                "minimum": least,
                "maximum": least + 3,
            },
            {"name": "word", "type": "string", "enum": ["a", "b"], "nullable": draw(st.booleans())},
        ],
        "keys": [["id"]] if draw(st.booleans()) else [],
    }
    type_ = print_type(draw(types(1)))
    if "null not null" not in type_:
        document["fields"].append(
            {"name": "drawn", "type": type_, "nullable": type_ == "null" or draw(st.booleans())}
        )
    return contract_of(json.dumps(document))


@pytest.mark.parametrize("library", ["pandera-polars", "pandera-pandas"])
@settings(
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=12,
    suppress_health_check=list(HealthCheck),
)
@given(before=flat_contracts())
def test_whatever_pandera_holds_comes_back(
    before: TableContract, exported: Callable[[TableContract, str], Exported], library: str
) -> None:
    made = exported(before, library)
    imported = read_pandera(made.content, "t.py")
    after = contract(imported)
    told = {
        *(each.what for each in made.unsaid),
        *(each.partition(": type")[0] for each in imported.unmapped),
    }
    for one, other in zip(before.fields, after.fields, strict=True):
        assert one.nullable == other.nullable
        assert (
            same_type(one.type, other.type) or {f"the type of {one.path}", f"t.{one.name}"} & told
        )
        assert [each.limit for each in one.constraints] == [
            each.limit for each in other.constraints
        ]
    assert {each.fields for each in before.keys} == {each.fields for each in after.keys}
    assert (before.extra_fields, before.field_order) == (after.extra_fields, after.field_order)


MODEL = b"""
import pandera.polars as pa

class Sales(pa.DataFrameModel):
    id: int = pa.Field(ge=0, unique=True)
    name: str = pa.Field(nullable=True, str_startswith="a")

    class Config:
        coerce = True
"""


def test_a_model_of_pandera_is_a_contract_and_the_rest_is_told() -> None:
    imported = read_pandera(MODEL, "sales.py")
    found = contract(imported)
    assert found.name == "Sales"
    assert fields(found) == {"id": ("int64", False), "name": ("string", True)}
    assert [key.fields for key in found.keys] == [("id",)]
    assert (found.extra_fields, found.field_order) == ("allow", "any")
    assert [*imported.unmapped] == ["Sales.name: check str_startswith", "Sales: coerce"]


@pytest.mark.parametrize(
    ("format_", "text", "told"),
    [
        ("json-schema", "{", "no JSON"),
        ("json-schema", '{"type": "string"}', "no JSON Schema of an object"),
        ("dbt", "a: [", "no YAML"),
        ("dbt", "7", "it is no mapping"),
        ("pandera", "import nowhere_at_all", "ModuleNotFoundError"),
    ],
)
def test_what_is_no_such_file_is_an_error(format_: str, text: str, told: str) -> None:
    with pytest.raises(CstContractsError, match=told):
        importer(ImportFormat(format_))(text.encode(), "f")


def test_contracts_are_written_and_what_is_left_out_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "schema.yml", tmp_path / "contracts"
    file.write_text(DBT)
    arguments = ["import", str(file), "--from", "dbt", "--out", str(out)]
    assert main(arguments) == ExitCode.KEPT
    printed = capsys.readouterr()
    assert printed.out == f"wrote {out / 'orders.yaml'}\n"
    assert f"{file}: not mapped: models[0].config.materialized: table\n" in printed.err
    assert contract_of((out / "orders.yaml").read_text()).name == "orders"

    assert main(arguments) == ExitCode.NOT_RUN
    assert "is there already" in capsys.readouterr().err

    file.write_text("version: 2\n")
    assert main(arguments) == ExitCode.NOT_RUN
    assert "it describes no table" in capsys.readouterr().err
