"""Looks at a relation's schema and storage, and counts its rows."""

from datafusion import ExecutionPlan, SessionContext

from cst_contracts.engine.formats.format import Opened
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.secrets import redacted
from cst_contracts.engine.session.waiting import batches_of_plan, plan_of
from cst_contracts.facts import Basis, RowCount, TableFacts
from cst_contracts.sql.plan_text import answered_from_metadata
from cst_contracts.sql.selects import count_rows


def table_facts(registry: Registry, relation: str) -> TableFacts:
    """Raises IntrospectionError."""
    return described(registry.context, relation, registry.open(relation))


def described(context: SessionContext, relation: str, opened: Opened) -> TableFacts:
    """Of a relation of any session, which was opened there. Raises IntrospectionError."""
    storage = opened.storage
    with looking_at(relation, None if storage is None else storage.location):
        schema = live_schema(context, relation)
    if storage is None:
        return TableFacts(relation, opened.format, schema)
    other = opened.source is not None and opened.source.other_rows
    read = opened.read if other else storage
    return TableFacts(
        name=relation,
        format=opened.format,
        schema=schema,
        location=redacted(storage.location),
        stored_schema=None if storage.capabilities.is_text else storage.schema,
        partitions=storage.partitions,
        delta=None if other else storage.delta,
        files=None if read is None else len(read.files),
        hive_partitions=storage.hive_partitions,
        text=storage.capabilities.is_text,
        skipped=storage.beside.unread,
        ignored=storage.beside.ignored,
        delimiter=storage.dialect.delimiter if storage.dialect.delimiter_found else None,
    )


def row_count(registry: Registry, relation: str) -> RowCount:
    """The engine's `count(*)`. Raises IntrospectionError."""
    opened = registry.open(relation)
    location = None if opened.storage is None else opened.storage.location
    return counted(registry.context, relation, location, opened.counting)


def counted(
    context: SessionContext,
    relation: str,
    location: str | None,
    counting: SessionContext | None = None,
) -> RowCount:
    """As above, in any session; `counting` may know it from metadata where that one does not. The basis says
    whether metadata answered. Raises IntrospectionError."""
    with looking_at(relation, location):
        plan = _counting(context, relation)
        if counting is not None:
            told = _counting(counting, relation)
            plan = told if _is_answered(told) else plan
        (batch,) = batches_of_plan(context, plan)  # a frame would be planned once more
        rows = int(batch.column(0)[0].as_py())
        return RowCount(rows, Basis.STATISTICS if _is_answered(plan) else Basis.SCAN)


def _counting(context: SessionContext, relation: str) -> ExecutionPlan:
    return plan_of(context.sql(count_rows(relation)))


def _is_answered(plan: ExecutionPlan) -> bool:
    return answered_from_metadata(plan.display_indent())
