"""All that a run may ask of the world."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from cst_contracts.contract.model import RuleContract
from cst_contracts.engine.relations.registry import LiveCatalog
from cst_contracts.engine.rows.measurements import Measurements
from cst_contracts.engine.rows.view_runs import ViewRuns


class Live(Struct, frozen=True):
    catalog: LiveCatalog
    measurements: Measurements

    def view_runs(
        self,
        null_paths: Mapping[str, Sequence[str]],
        rules: Mapping[str, Sequence[RuleContract]],
    ) -> ViewRuns:
        """By relation: nulls and rules are counted while a view is read."""
        verify_data = self.measurements.verify_data
        return ViewRuns(self.catalog, null_paths, rules, verify_data=verify_data)
