"""The schemas of OpenLineage, by which what is written for it is validated."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

_ASSETS = Path(__file__).parents[1] / "assets" / "openlineage"


@cache
def _known() -> Registry[Any]:
    schemas = [json.loads(each.read_bytes()) for each in sorted(_ASSETS.glob("*.json"))]
    return Registry().with_resources(
        (each["$id"], Resource.from_contents(each)) for each in schemas
    )


def refused(document: Any, schema_url: str) -> list[str]:
    """What the official schema of a URL, such as facets name theirs, says against a document."""
    validator = Draft202012Validator(
        {"$ref": schema_url}, registry=_known(), format_checker=FormatChecker()
    )
    return [each.message for each in validator.iter_errors(document)]


def facets_of(dataset: dict[str, Any]) -> dict[str, Any]:
    return {**dataset.get("facets", {}), **dataset.get("inputFacets", {})}
