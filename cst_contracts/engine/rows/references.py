"""The measure of references: how many rows refer to a row that is not there."""

from collections.abc import Mapping, Sequence
from functools import partial

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.engine.rows.key_queries import count_references, dangling_places, keys_of
from cst_contracts.engine.rows.measure import Measure
from cst_contracts.engine.rows.plan import Answer, Queried, Scannable
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results, attempt
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import ReferenceCount, RowPlace
from cst_contracts.needs import ReferenceNeed
from cst_contracts.sql.keys import dangling_rows, flattened


class ReferenceMeasure(Measure[ReferenceNeed]):
    """No scan of one relation answers: the keys of two have to meet, in a join or by their hashes."""

    def paths_read(self, need: ReferenceNeed) -> Sequence[str]:
        return need.reference.fields

    def plan(
        self,
        needs: Sequence[ReferenceNeed],
        scannable: Scannable,  # noqa: ARG002
        planned: Sequence[Answer],  # noqa: ARG002
    ) -> Sequence[Answer]:
        return [Queried(need, "it reads two relations") for need in needs]

    def by_query(self, needs: Sequence[ReferenceNeed], queries: Queries) -> Results:
        return {need: attempt(partial(_counted, need, queries)) for need in needs}

    def violations(self, fact: ReferenceCount) -> int:
        return fact.dangling

    def looked_at(self, fact: ReferenceCount) -> int:
        return fact.rows

    def places(self, need: ReferenceNeed, queries: Queries, most: int) -> tuple[RowPlace, ...]:
        """None where a field stands in the log of its table."""
        here, there = queries.sides(need.reference)
        if not queries.reads_files(here):
            return ()
        with queries.spilling([here, there[0]], queries.relation, there[1]):
            return dangling_places(here, queries.relation, need.reference.fields, there, most)

    def rows(
        self,
        need: ReferenceNeed,
        context: SessionContext,
        queries: Queries,
        carried: Mapping[str, str],
        most: int,
    ) -> pa.Table:
        _, other = queries.sides(need.reference)
        fields = need.reference.fields
        rows = flattened(queries.schema(context), queries.relation, fields, carried)
        spilling = queries.spilling([context, other[0]], queries.relation, other[1])
        with spilling, keys_of(context, other) as there:
            query = dangling_rows(rows, there, len(fields), list(carried), most)
            return table_of(context.sql(query))


REFERENCES = ReferenceMeasure()


def _counted(need: ReferenceNeed, queries: Queries) -> ReferenceCount:
    here, there = queries.sides(need.reference)
    with queries.spilling([here, there[0]], queries.relation, there[1]):
        return count_references(here, queries.relation, need.reference.fields, there)
