"""The Open Data Contract Standard: there, and back without loss; and what is not mapped is told."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from support.arrow_types import types
from support.orders import ORDERS, contract_of

from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.datatypes import print_type
from cst_contracts.errors import CstContractsError
from cst_contracts.location import Location
from cst_contracts.neighbours.documents import contract_yaml, document_of
from cst_contracts.neighbours.odcs import EXTRAS, odcs, read_odcs
from cst_contracts.neighbours.odcs_writing import Edition

CONTRACTS = Path(__file__).parents[2] / "contracts"
TABLES = ("cst_refs", "cst_callsites", "libcst_files_v1", "delta_cst_defs")
NOWHERE = Location("", 1, 1)


def bare(value: Any) -> Any:
    """Without places, and with what is a set in an order of its own."""
    match value:
        case Location():
            return NOWHERE
        case msgspec.Struct():
            kept = {key: bare(getattr(value, key)) for key in value.__struct_fields__}
            for key in ("keys", "references") if isinstance(value, TableContract) else ():
                kept[key] = sorted(map(str, kept[key]))
            return type(value).__name__, {k: v for k, v in kept.items() if k != "file"}
        case tuple():
            return [bare(each) for each in value]
        case _:
            return value


def there_and_back(
    text: str, edition: Edition = Edition.V3_1
) -> tuple[TableContract, TableContract, dict[str, Any]]:
    before = contract_of(text)
    made = odcs(before, text.encode(), edition)
    assert made.unsaid == ()
    imported = read_odcs(made.content, "orders.odcs.yaml")
    assert imported.unmapped == ()
    (document,) = imported.tables
    return before, contract_of(contract_yaml(document, "here")), yaml.safe_load(made.content)


@pytest.mark.parametrize("edition", Edition)
@pytest.mark.parametrize("name", TABLES)
def test_a_contract_of_this_repository_comes_back_as_it_was(name: str, edition: Edition) -> None:
    before, after, document = there_and_back((CONTRACTS / f"{name}.yaml").read_text(), edition)
    assert bare(after) == bare(before)
    again = contract_yaml(document_of(after, (CONTRACTS / f"{name}.yaml").read_bytes()), "here")
    assert yaml.safe_load(odcs(after, again.encode(), edition).content) == document


SCHEMA = json.loads((files("open_data_contract_standard") / "schema.json").read_text())


def test_a_contract_is_one_of_the_standard() -> None:
    before, after, document = there_and_back(ORDERS)
    assert bare(after) == bare(before)
    jsonschema.Draft201909Validator(SCHEMA).validate(document)
    (table,) = document["schema"]
    by_name: dict[str, Any] = {each["name"]: each for each in table["properties"]}
    assert document["apiVersion"] == "v3.1.0"
    assert by_name["id"]["primaryKey"] is True
    assert by_name["id"]["logicalTypeOptions"] == {"pattern": "^o-", "minLength": 3}
    assert by_name["items"]["items"]["properties"][0]["required"] is True
    assert by_name["day"]["partitioned"] is True
    assert by_name["status"]["relationships"] == [{"type": "foreignKey", "to": "states.name"}]
    assert by_name["attrs"]["customProperties"] == [
        {"property": EXTRAS, "value": {"metadata": {"semantic": "attributes"}}}
    ]
    assert {*table["customProperties"][0]["value"]} == {"extra_fields", "consumers"}


def test_a_contract_in_the_words_that_came_with_3_2_is_one_of_the_standard() -> None:
    before, after, document = there_and_back(ORDERS, Edition.V3_2)
    assert bare(after) == bare(before)
    jsonschema.Draft201909Validator(SCHEMA).validate(document)
    (table,) = document["schema"]
    by_name: dict[str, Any] = {each["name"]: each for each in table["properties"]}
    assert document["apiVersion"] == "v3.2.0"
    assert by_name["status"]["enum"] == [{"value": "open"}, {"value": "shipped"}]
    assert "quality" not in by_name["status"]
    assert by_name["attrs"]["logicalType"] == "map"
    assert by_name["attrs"]["map"] == {
        "key": {"logicalType": "string", "physicalType": "string"},
        "value": {"logicalType": "string", "physicalType": "string"},
    }


@st.composite
def contracts(draw: st.DrawFn) -> str:
    """Fields of any types, and what may be said of whole fields."""
    fields: list[dict[str, Any]] = [{"name": "id", "type": "string", "nullable": False}]
    for number in range(draw(st.integers(1, 2))):
        type_ = print_type(draw(types(1)))
        said = {"nullable": False} if type_ != "null" and draw(st.booleans()) else {}
        fields.append({"name": f"f{number}", "type": type_, **said})
    clauses: dict[str, Any] = {"keys": [["id"]]} if draw(st.booleans()) else {}
    rule = {
        "name": "r",
        "sql": "id > ''",
        **draw(st.sampled_from([{}, {"severity": "warn"}, {"at_most": 3}])),
    }
    source = {"format": "delta", "location": draw(st.sampled_from(["a/b", "s3://b/a", "gs://b/a"]))}
    return contract_yaml(
        {"table": "t", "source": source, "fields": fields, **clauses, "rules": [rule]}, "drawn"
    )


@pytest.mark.parametrize("edition", Edition)
@settings(
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=12,
    suppress_health_check=list(HealthCheck),
)
@given(text=contracts())
def test_whatever_a_contract_says_comes_back(text: str, edition: Edition) -> None:
    if "null not null" in text or '<"":' in text or ' "":' in text:
        reject()  # which the language refuses at a field of its own
    before, after, document = there_and_back(text, edition)
    assert bare(after) == bare(before)
    jsonschema.Draft201909Validator(SCHEMA).validate(document)


def test_a_comment_in_a_rule_ends_before_the_query_does() -> None:
    rule = """rules: [{name: r, sql: "a > 1 -- and more"}]"""
    before, after, document = there_and_back(
        f"table: t\nfields: [{{name: a, type: int64}}]\n{rule}\n"
    )
    assert bare(after) == bare(before)
    (quality,) = document["schema"][0]["quality"]
    assert quality["query"] == "SELECT COUNT(*) FROM ${table} WHERE NOT (a > 1 -- and more\n)"


def test_a_document_reads_as_the_contract_that_it_is_of(orders: TableContract) -> None:
    text = contract_yaml(document_of(orders, ORDERS.encode()), "here")
    assert bare(parse_contract(text.encode(), "t.yaml")) == bare(orders)


FOREIGN = """
apiVersion: v3.2.0
kind: DataContract
id: 53581432-6c55-4ba2-a65f-72344a91553a
name: seller_payments
version: 1.1.0
status: active
domain: seller
team: {name: payments, members: [{username: ceastwood}]}
description: {purpose: Payments., usage: Analytics.}
slaProperties: [{property: latency, value: 4, unit: d}]
schema:
  - name: payments
    properties:
      - {name: id, logicalType: string, physicalType: varchar(18), primaryKey: true, classification: public}
      - {name: amount, logicalType: number, physicalType: "decimal(10,2)", logicalTypeOptions: {minimum: 0}}
      - {name: state, logicalType: string, enum: [{value: open}, {value: paid}]}
      - {name: codes, logicalType: array, items: {logicalType: string, required: true, description: A code.}}
      - name: labels
        logicalType: map
        map:
          key: {logicalType: string}
          value: {logicalType: object, properties: [{name: n, logicalType: integer}]}
      - {name: odd, logicalType: string, physicalType: GEOGRAPHY}
    quality:
      - {metric: rowCount, mustBeGreaterThan: 10}
"""


def test_what_another_tool_wrote_is_mapped_or_told() -> None:
    imported = read_odcs(FOREIGN.encode(), "p.yaml")
    (document,) = imported.tables
    contract = contract_of(contract_yaml(document, "from p.yaml"))
    assert [(each.name, str(each.type), each.nullable) for each in contract.fields] == [
        ("id", "string", False),
        ("amount", "decimal128(10, 2)", True),
        ("state", "string", True),
        ("codes", "list<item: string not null>", True),
        ("labels", "map<string, struct<n: int64>>", True),
        ("odd", "string", True),
    ]
    assert (contract.owner, contract.version, contract.description) == (
        "payments", "1.1.0", "Payments.",
    )  # fmt: skip
    assert [key.fields for key in contract.keys] == [("id",)]
    assert [*imported.unmapped] == UNMAPPED


UNMAPPED = [
    "id: 53581432-6c55-4ba2-a65f-72344a91553a",
    "name: seller_payments",
    "domain: seller",
    "slaProperties: {'property': 'latency', 'value': 4, 'unit': 'd'}",
    "schema[0].properties[0].classification: public",
    "schema[0].properties[3].items: description: A code.",
    "schema[0].properties[5].physicalType: GEOGRAPHY",
    "schema[0].quality[0].metric: rowCount",
    "schema[0].quality[0].mustBeGreaterThan: 10",
    "description.usage: Analytics.",
    "team.members: {'username': 'ceastwood'}",
]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "no YAML"),
        ("apiVersion: v2.2.2", "apiVersion is none of v3.0.0"),
        ("apiVersion: v3.1.0\nschema: 7", "no contract of ODCS"),
    ],
)
def test_what_is_no_contract_of_the_standard_is_an_error(text: str, told: str) -> None:
    with pytest.raises(CstContractsError, match=told):
        read_odcs(text.encode(), "p.yaml")
