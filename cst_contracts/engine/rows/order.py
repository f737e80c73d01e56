"""The measure of sort order: which rows of a file stand in front of one that should come before them."""

from collections.abc import Sequence
from functools import partial

import pyarrow as pa
from msgspec.structs import replace

from cst_contracts.datatypes import child_path
from cst_contracts.engine.formats.formats import stored_format
from cst_contracts.engine.rows.measure import Measure, Scanning, Tally
from cst_contracts.engine.rows.order_tally import OrderPart
from cst_contracts.engine.rows.plan import (
    Answer,
    Compared,
    Ordered,
    Proved,
    Queried,
    Scannable,
)
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results, attempt
from cst_contracts.engine.rows.scan import InOrder, merged, scan
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.urls import file_name
from cst_contracts.facts import Basis, RowOrder, SortTerm
from cst_contracts.needs import OrderNeed
from cst_contracts.sql.names import identifier


class OrderMeasure(Measure[OrderNeed]):
    """Order is a property of files: a query has none."""

    def paths_read(self, need: OrderNeed) -> Sequence[str]:
        return [child_path("", term.field) for term in need.terms]

    def plan(
        self,
        needs: Sequence[OrderNeed],
        scannable: Scannable,
        planned: Sequence[Answer],  # noqa: ARG002
    ) -> Sequence[Answer]:
        return [_planned(need, scannable) for need in needs]

    def paths(self, answers: Sequence[Answer], schema: pa.Schema) -> Sequence[str]:  # noqa: ARG002
        compared = [answer for answer in answers if isinstance(answer, Compared)]
        return [child_path("", term.field) for answer in compared for term in answer.terms]

    def parts(self, answers: Sequence[Answer], scanning: Scanning) -> Sequence[OrderPart]:
        keys = {answer.order: answer.need for answer in answers if isinstance(answer, Ordered)}
        return [
            OrderPart(answer.need, answer.terms, scanning.samples, keys.get(answer.need))
            for answer in answers
            if isinstance(answer, Compared)
        ]

    def in_portions(self, need: OrderNeed) -> Answer:
        return Compared(need, need.terms)

    def by_query(self, needs: Sequence[OrderNeed], queries: Queries) -> Results:
        return {need: attempt(partial(_of_files, need, queries)) for need in needs}

    def violations(self, fact: RowOrder) -> int:  # noqa: ARG002
        """None that anybody would have to look for: the fact has examples."""
        return 0

    def looked_at(self, fact: RowOrder) -> int:
        return fact.rows


ORDER = OrderMeasure()


def _planned(need: OrderNeed, scannable: Scannable) -> Answer:
    terms = _stored(need, scannable.partitions)
    if not terms:
        rows = RowOrder(scannable.evidence.rows, 0, basis=Basis.SCHEMA)
        return Proved(need, rows, "each file has one value")
    absent = [term.field for term in terms if term.field not in scannable.schema.names]
    if absent:
        return Queried(need, f"no file has {', '.join(absent)}")
    return Compared(need, terms)


def _stored(need: OrderNeed, partitions: frozenset[str]) -> tuple[SortTerm, ...]:
    """The terms whose fields stand in the files themselves."""
    return tuple(term for term in need.terms if term.field not in partitions)


def _of_files(need: OrderNeed, queries: Queries) -> RowOrder:
    """File by file, each in its own order."""
    relation = queries.relation
    storage = queries.access.storage(relation)
    if storage is None:
        cause = "order is a property of files, and nobody knows those of this table"
        raise IntrospectionError(cause, relation=relation)
    terms = _stored(need, frozenset(partition.name for partition in storage.partitions))
    if not terms:
        return RowOrder(queries.access.row_count(relation).rows, 0, basis=Basis.SCHEMA)
    part = OrderPart(need, terms)
    # On one partition, a file's rows come in the file's order.
    settings = {"datafusion.execution.target_partitions": "1"}
    context = open_believing_nothing(settings, stores=storage.files)
    tallies: list[Tally] = [*part.tallies(1)]
    with looking_at(relation, storage.location):
        for url in storage.files:
            file = stored_format(storage.format, storage.dialect).read_file(
                context, url, storage.file_schema
            )
            frame = file.select(*(identifier(name) for name in dict.fromkeys(part.fields)))
            tallies.extend(scan(frame, [part], in_order=InOrder(url), meter=queries.meter))
        order = merged(tallies).answers()[need]
    if not isinstance(order, RowOrder):
        raise AssertionError(f"{order} is no answer to {need}")
    examples = (replace(each, file=file_name(each.file)) for each in order.examples)
    return replace(order, examples=tuple(examples))
