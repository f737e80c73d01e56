"""The measure of values: how many at a path are not as promised, which ones, and in which rows."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from datafusion import SessionContext, col
from msgspec.structs import replace

from cst_contracts.contract.model import Within
from cst_contracts.datatypes import find_node, top_level
from cst_contracts.datatypes.nullable import relaxed
from cst_contracts.datatypes.values import value_type
from cst_contracts.engine.access.undeclared import rows_undeclared
from cst_contracts.engine.rows.distinct import is_text
from cst_contracts.engine.rows.evidence import RangeEvidence
from cst_contracts.engine.rows.measure import FromFooters, Measure, Scanning
from cst_contracts.engine.rows.plan import (
    ENDS,
    Answer,
    Enumerated,
    Proved,
    Queried,
    Scannable,
    Scanned,
)
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.engine.rows.value_reading import having_paths, read_values
from cst_contracts.engine.rows.value_tally import ValuePart
from cst_contracts.engine.session.waiting import batches_of
from cst_contracts.facts import Basis, Others, ShownRows, ValueCount
from cst_contracts.needs import ValuesNeed
from cst_contracts.sql.names import identifier

_VALUE = "__cst_value"


class ValueMeasure(Measure[ValuesNeed]):
    """All paths of a relation are looked at in one pass, in arrays as they are stored."""

    def from_footers(self, need: ValuesNeed) -> FromFooters:
        path = (need.path,)
        return (
            FromFooters(ranges=path) if isinstance(need.limit, Within) else FromFooters(texts=path)
        )

    def paths_read(self, need: ValuesNeed) -> Sequence[str]:
        return (need.path,)

    def plan(
        self,
        needs: Sequence[ValuesNeed],
        scannable: Scannable,
        planned: Sequence[Answer],  # noqa: ARG002 - it depends on no other measure
    ) -> Sequence[Answer]:
        return [_planned(need, scannable) for need in needs]

    def paths(self, answers: Sequence[Answer], schema: pa.Schema) -> Sequence[str]:  # noqa: ARG002
        return [need.path for need in _scanned(answers)]

    def parts(self, answers: Sequence[Answer], scanning: Scanning) -> Sequence[ValuePart]:
        needs = having_paths(_scanned(answers), scanning.schema)
        return [ValuePart(scanning.schema, needs, scanning.samples)] if needs else []

    def in_portions(self, need: ValuesNeed) -> Answer:
        return Scanned(need, need.path)

    def by_query(self, needs: Sequence[ValuesNeed], queries: Queries) -> Results:
        return read_values(needs, queries, _parts)

    def violations(self, fact: ValueCount) -> int:
        return fact.violations

    def looked_at(self, fact: ValueCount) -> int:
        return fact.values

    def rows(
        self,
        need: ValuesNeed,
        context: SessionContext,
        queries: Queries,
        carried: Mapping[str, str],
        most: int,
    ) -> pa.Table:
        """Read until there are enough, beside what is carried."""
        frame = rows_undeclared(context, queries.relation)
        name = top_level(need.path)
        selected = [frame.parse_sql_expr(each).alias(key) for key, each in carried.items()]
        frame = frame.select(col(identifier(name)).alias(_VALUE), *selected)
        columns = pa.schema(frame.schema())
        (held,) = ValuePart(_alone(columns, name), (need,)).tallies(1)
        found: list[pa.RecordBatch] = []
        for batch in batches_of(frame):
            value = pa.RecordBatch.from_arrays([batch.column(0)], schema=_alone(batch.schema, name))
            rows = held.offending_rows(value, most - len(found)) if batch.num_rows else []
            # Not taken by their numbers: pyarrow 26 cannot take from views.
            found += [batch.slice(row, 1).select(list(carried)) for row in rows]
            if len(found) >= most:
                break
        rest = [columns.field(key) for key in carried]
        return pa.Table.from_batches(found) if found else pa.schema(rest).empty_table()


VALUES = ValueMeasure()


def without_made_values(fact: ValueCount, need: ValuesNeed, shown: ShownRows) -> ValueCount:
    """What may be told: a view that reads anything sensitive may have made a value of it. Whether a field is
    sensitive itself, the question knows."""
    kept = top_level(need.path) in {each.name for each in shown.fields}
    made = shown.others is Others.REDACTED and not kept
    return replace(fact, frequent=None, others=None) if made else fact


def _planned(need: ValuesNeed, scannable: Scannable) -> Answer:
    node = find_node(scannable.schema, need.path)
    if node is None:
        return Queried(need, "no file has the field")
    proved = _proved(need, node.field.type, scannable) or _enumerated(need, scannable)
    return proved or Scanned(need, top_level(need.path))


def _proved(need: ValuesNeed, type_: pa.DataType, scannable: Scannable) -> Proved | None:
    """Where the least and the greatest of all values are within the bounds."""
    evidence, limit = scannable.evidence, need.limit
    found = evidence.ranges.get(need.path)
    doubted = scannable.verify_data or scannable.supplied or top_level(need.path) in evidence.mixed
    if found is None or doubted or not isinstance(limit, Within):
        return None
    if not pa.types.is_integer(value_type(type_)) or not _is_within(found, limit):
        return None
    frequent, others = ((), 0) if need.told else (None, None)
    count = ValueCount(found.values, 0, frequent, others, Basis.STATISTICS, rows=evidence.rows)
    return Proved(need, count, ENDS)


def _enumerated(need: ValuesNeed, scannable: Scannable) -> Enumerated | None:
    """Where each of few different texts is as promised."""
    found, field = scannable.distinct.get(need.path), scannable.schema.field(top_level(need.path))
    if found is None or not is_text(field.type):
        return None
    alone = pa.schema([relaxed(field)])
    listed = pa.record_batch([found.different.cast(field.type)], schema=alone)
    (tally,) = ValuePart(alone, (need,)).tallies(1)
    tally.add(Stretch(listed, "", 0))
    count = tally.answers()[need]
    if count.violations:
        return None
    fact = replace(count, values=found.values, rows=scannable.evidence.rows)
    return Enumerated(need, fact, (need.path,), len(listed))


def _is_within(found: RangeEvidence, limit: Within) -> bool:
    least = None if limit.lower is None else int(limit.lower) + limit.lower_open
    greatest = None if limit.upper is None else int(limit.upper) - limit.upper_open
    above = least is None or found.least >= least
    return above and (greatest is None or found.greatest <= greatest)


def _scanned(answers: Sequence[Answer]) -> list[ValuesNeed]:
    needs = (answer.need for answer in answers if isinstance(answer, Scanned))
    return [need for need in needs if isinstance(need, ValuesNeed)]


def _alone(schema: pa.Schema, name: str) -> pa.Schema:
    """The value's own field, under the name that its path starts with."""
    return pa.schema([schema.field(_VALUE).with_name(name)])


def _parts(schema: pa.Schema, needs: tuple[ValuesNeed, ...]) -> list[ValuePart]:
    return [ValuePart(schema, needs)] if needs else []
