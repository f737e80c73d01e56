"""A live session to facts: what it says of a table, of its rows' number, and of itself."""

from collections.abc import Sequence

from datafusion import SessionContext

from cst_contracts.contract.model import OrderingTerm
from cst_contracts.engine.failure import looking_at
from cst_contracts.engine.functions import function_inventory
from cst_contracts.engine.ordering import ordering_facts
from cst_contracts.engine.plans import answered_from_metadata
from cst_contracts.engine.registration import Opened
from cst_contracts.engine.session import live_schema, open_session, settings_of
from cst_contracts.engine.sql import count_rows
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, OrderingFacts, SessionFacts, TableFacts


def table_facts(
    context: SessionContext,
    beside: SessionContext,
    table: str,
    opened: Opened,
    promised: Sequence[OrderingTerm],
) -> TableFacts:
    """The order is looked at only where one is promised. Raises IntrospectionError."""
    storage = opened.storage
    location = None if storage is None else storage.location
    with looking_at(table, location):
        schema = live_schema(context, table)
    try:
        with looking_at(table, location):
            ordering: OrderingFacts | str | None = (
                ordering_facts(context, beside, table, opened, promised) if promised else None
            )
    except IntrospectionError as error:
        ordering = error.cause  # the table can be read all the same
    if storage is None:
        return TableFacts(table, opened.format, schema, ordering=ordering)
    return TableFacts(
        name=table,
        format=opened.format,
        schema=schema,
        location=location,
        stored_schema=storage.schema,
        partitions=storage.partitions,
        ordering=ordering,
        delta_version=storage.delta_version,
        files=len(storage.files),
        hive_partitions=storage.hive_partitions,
    )


def row_count(
    context: SessionContext, table: str, location: str | None = None
) -> tuple[int, Basis]:
    """The engine's `count(*)`, and whether metadata answered it. Raises IntrospectionError."""
    with looking_at(table, location):
        frame = context.sql(count_rows(table))
        plan = frame.execution_plan().display_indent()
        rows = int(frame.to_arrow_table().column(0)[0].as_py())
        return rows, Basis.STATISTICS if answered_from_metadata(plan) else Basis.SCAN


def session_facts(context: SessionContext) -> SessionFacts:
    """Raises IntrospectionError, with the way out where information_schema is off."""
    with looking_at(None):
        return SessionFacts(
            settings_of(context), function_inventory(context), settings_of(open_session({}))
        )
