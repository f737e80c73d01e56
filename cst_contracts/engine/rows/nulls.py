"""The measure of nulls: how many values each path has, how many of them are null, and in which rows."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.datatypes import find_node, top_level
from cst_contracts.datatypes.projection import lightest
from cst_contracts.engine.rows.evidence import PathEvidence
from cst_contracts.engine.rows.measure import FromFooters, Measure, Scanning
from cst_contracts.engine.rows.null_reading import null_counts
from cst_contracts.engine.rows.null_tally import NullPart
from cst_contracts.engine.rows.plan import Answer, Proved, Queried, Scannable, Scanned
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results, all_failed
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import Basis, NullCount
from cst_contracts.needs import NullsNeed
from cst_contracts.sql.keys import null_rows


class NullMeasure(Measure[NullsNeed]):
    """Counts of nulls. All paths of a relation are counted in one pass."""

    def from_footers(self, need: NullsNeed) -> FromFooters:
        return FromFooters(nulls=(need.path,))

    def paths_read(self, need: NullsNeed) -> Sequence[str]:
        return (need.path,)

    def plan(
        self,
        needs: Sequence[NullsNeed],
        scannable: Scannable,
        planned: Sequence[Answer],  # noqa: ARG002 - nulls depend on no other measure
    ) -> Sequence[Answer]:
        return [_planned(need, scannable) for need in needs]

    def paths(self, answers: Sequence[Answer], schema: pa.Schema) -> Sequence[str]:
        nodes = [find_node(schema, need.path) for need in _scanned(answers)]
        return [lightest(node) for node in nodes if node is not None]

    def parts(self, answers: Sequence[Answer], scanning: Scanning) -> Sequence[NullPart]:
        needs = _scanned(answers)
        return [NullPart(scanning.schema, needs, scanning.samples)] if needs else []

    def in_portions(self, need: NullsNeed) -> Answer:
        return Scanned(need, need.path)

    def by_query(self, needs: Sequence[NullsNeed], queries: Queries) -> Results:
        try:
            return null_counts(needs, queries)
        except IntrospectionError as error:
            return all_failed(needs, error)

    def violations(self, fact: NullCount) -> int:
        return fact.nulls

    def looked_at(self, fact: NullCount) -> int:
        return fact.values

    def rows(
        self,
        need: NullsNeed,
        context: SessionContext,
        queries: Queries,
        carried: Mapping[str, str],
        most: int,
    ) -> pa.Table:
        schema = queries.schema(context)
        query = null_rows(schema, queries.relation, need.path, carried, most)
        return table_of(context.sql(query))


NULLS = NullMeasure()


def _scanned(answers: Sequence[Answer]) -> tuple[NullsNeed, ...]:
    needs = (answer.need for answer in answers if isinstance(answer, Scanned))
    return tuple(need for need in needs if isinstance(need, NullsNeed))


def _planned(need: NullsNeed, scannable: Scannable) -> Answer:
    if find_node(scannable.schema, need.path) is None:
        return Queried(need, "no file has the field")
    if scannable.supplied:
        return Queried(need, "the project's own registration may hide or refuse a null")
    return _proved(need, scannable) or Scanned(need, top_level(need.path))


def _proved(need: NullsNeed, scannable: Scannable) -> Proved | None:
    evidence = scannable.evidence
    if scannable.verify_data or top_level(need.path) in evidence.mixed:
        return None
    counted = "null counts of every footer"
    match evidence.paths.get(need.path):
        case PathEvidence(required=True, values=int(values)) if values:
            count = NullCount(values, 0, basis=Basis.SCHEMA, rows=evidence.rows)
            return Proved(need, count, "REQUIRED in every file")
        case PathEvidence(values=int(values), nulls=0) if values:
            count = NullCount(values, 0, basis=Basis.STATISTICS, rows=evidence.rows)
            return Proved(need, count, counted)
        case PathEvidence(values=int(values), nulls=int(nulls)) if values and not scannable.samples:
            count = NullCount(values, nulls, basis=Basis.STATISTICS, rows=evidence.rows)
            return Proved(need, count, counted)
        case PathEvidence() | None:
            return None
