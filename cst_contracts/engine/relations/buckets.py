"""Which object stores the relations of a run lie in."""

from collections.abc import Iterator

from cst_contracts.contract.relations import Relations
from cst_contracts.contract.urls import is_stored
from cst_contracts.engine.session.stores import bucket_of
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.urls import Lake, locate


def buckets(relations: Relations, lake: Lake | None) -> frozenset[str]:
    """Of all locations that contracts name, and of the lake. Looks at none of them."""
    return frozenset(map(bucket_of, filter(is_stored, _places(relations, lake))))


def _places(relations: Relations, lake: Lake | None) -> Iterator[str]:
    sources = (source.location for source in relations.sources.values())
    for location in (*sources, *(catalog.location for catalog in relations.catalogs)):
        try:
            yield from () if location is None else (locate(location, lake),)
        except IntrospectionError:
            continue  # whoever opens it is told why
