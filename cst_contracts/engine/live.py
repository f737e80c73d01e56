"""All that a run may ask of the world."""

from dataclasses import dataclass

from cst_contracts.engine.catalog import LiveCatalog
from cst_contracts.engine.measurements import Measurements


@dataclass(frozen=True, slots=True)
class Live:
    catalog: LiveCatalog
    measurements: Measurements


def live(catalog: LiveCatalog) -> Live:
    return Live(catalog, Measurements(catalog))
