"""Contracts as datasets of OpenLineage: the schema that is promised, with descriptions, and the owner."""

import json

from cst_contracts.contract.model import TableContract
from cst_contracts.neighbours.exported import Exported, left
from cst_contracts.neighbours.parts import Part, Said, arrow_field, columns
from cst_contracts.report.lineage_facets import about, dataset_name, schema_facet, schema_field

_HELD = frozenset({Part.TYPE, Part.DESCRIPTION, Part.DESCRIPTION_BELOW})


def openlineage_dataset(contract: TableContract) -> Exported:
    """A dataset's name and facets. A location below the lake's root is named as the contract has it."""
    nodes = [node for each in columns(contract) for node in each.walk()]
    descriptions = {each.path: each.description for each in nodes if each.description}
    fields = [schema_field(arrow_field(each), descriptions) for each in columns(contract)]
    location = None if contract.source is None else contract.source.location
    dataset = {
        **dataset_name(contract.name, location),
        "facets": {
            "schema": schema_facet(fields),
            **dict(about(contract.description, contract.owner)),
        },
    }
    text = json.dumps(dataset, indent=1, ensure_ascii=False) + "\n"
    return Exported(text.encode(), left(contract, _holds))


def _holds(each: Said) -> bool:
    if each.part is Part.ABOUT:
        return each.what in {"`description`", "`owner`"}
    return each.part in _HELD
