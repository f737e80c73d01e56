"""A live session to facts: what it says of a table, of its rows' number, and of itself."""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.contract.model import OrderingTerm
from cst_contracts.engine.formats.streams import unbounded_facts
from cst_contracts.engine.looks.ordering import ordering_facts
from cst_contracts.engine.looks.partitions import taken_up
from cst_contracts.engine.looks.queries import query_facts
from cst_contracts.engine.relations.registration import Opened
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, OrderingFacts, TableFacts
from cst_contracts.sql.plan_text import answered_from_metadata
from cst_contracts.sql.selects import count_rows


def table_facts(
    context: SessionContext,
    beside: SessionContext,
    table: str,
    opened: Opened,
    promised: Sequence[OrderingTerm],
    functions: Iterable[str],
    partitions: Mapping[str, pa.DataType],
) -> TableFacts:
    """The order is looked at only where one is promised; `functions` are the names of all that a view may
    call, `partitions` the promised types of partition fields. Raises IntrospectionError."""
    storage = opened.storage
    location = None if storage is None else storage.location
    with looking_at(table, location):
        schema = live_schema(context, table)
        plain = storage is not None or opened.stream is not None
        query = None if plain else query_facts(context, table, functions)
    try:
        with looking_at(table, location):
            ordering: OrderingFacts | str | None = (
                ordering_facts(context, beside, table, opened, promised) if promised else None
            )
    except IntrospectionError as error:
        ordering = error.cause  # the table can be read all the same
    if storage is None:
        unbounded = (
            None if opened.stream is None else unbounded_facts(context, table, opened.stream)
        )
        return TableFacts(
            table, opened.format, schema, ordering=ordering, query=query, unbounded=unbounded
        )
    return TableFacts(
        name=table,
        format=opened.format,
        schema=schema,
        location=location,
        stored_schema=None if storage.text else storage.schema,
        partitions=taken_up(beside, table, storage, partitions),
        ordering=ordering,
        delta=storage.delta,
        files=len(storage.files),
        hive_partitions=storage.hive_partitions,
        text=storage.text,
        skipped=storage.skipped,
    )


def row_count(
    context: SessionContext, table: str, location: str | None = None
) -> tuple[int, Basis]:
    """The engine's `count(*)`, and whether metadata answered it. Raises IntrospectionError."""
    with looking_at(table, location):
        plan = context.sql(count_rows(table)).execution_plan()
        (batch,) = context.execute(plan, 0)  # a frame would be planned once more
        rows = int(batch.to_pyarrow().column(0)[0].as_py())
        metadata = answered_from_metadata(plan.display_indent())
        return rows, Basis.STATISTICS if metadata else Basis.SCAN
