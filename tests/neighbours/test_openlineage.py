"""A contract as a dataset of OpenLineage, which the official schemas take."""

import json

from support.lineage_schemas import facets_of, refused
from support.orders import ORDERS, contract_of

from cst_contracts.neighbours.openlineage import openlineage_dataset
from cst_contracts.report.lineage_facets import SPECIFICATION


def test_the_promised_schema_is_a_facet_with_descriptions_at_every_depth() -> None:
    text = ORDERS.replace("max_length: 8", "max_length: 8, description: Of the shop.")
    made = openlineage_dataset(contract_of(text))
    dataset = json.loads(made.content)
    assert refused(dataset, f"{SPECIFICATION}/2-0-2/OpenLineage.json#/$defs/StaticDataset") == []
    for each in facets_of(dataset).values():
        assert refused(each, each["_schemaURL"]) == []
        assert refused({**each, "fields": 7, "description": 7, "owners": 7}, each["_schemaURL"])
    assert (dataset["namespace"], dataset["name"]) == ("file", "sales/orders")
    by_name = {each["name"]: each for each in dataset["facets"]["schema"]["fields"]}
    assert by_name["id"]["description"] == "Its number."
    assert by_name["attrs"]["fields"] == [
        {"name": "key", "type": "string"},
        {"name": "value", "type": "string"},
    ]
    (element,) = by_name["items"]["fields"]
    assert element["fields"][0] == {
        "name": "sku",
        "type": "string",
        "description": "Of the shop.",
    }
    assert dataset["facets"]["ownership"]["owners"] == [{"name": "shop"}]
    unsaid = [str(each) for each in made.unsaid]
    assert "orders.yaml:8:5: not said: `nullable: false` of id" in unsaid
    assert "orders.yaml:1:1: not said: `version`" in unsaid
    assert not any("description" in each or "owner" in each for each in unsaid)


def test_what_lies_in_a_store_is_named_by_it() -> None:
    text = ORDERS.replace("location: sales/orders", "location: s3://lake/sales/orders/")
    dataset = json.loads(openlineage_dataset(contract_of(text)).content)
    assert (dataset["namespace"], dataset["name"]) == ("s3://lake", "sales/orders")
