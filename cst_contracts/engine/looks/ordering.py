"""Looks at which sort order a relation's plan and its files' footers claim."""

from collections.abc import Sequence, Set
from typing import TypeAlias

from datafusion import SessionContext

from cst_contracts.engine.formats.delta.log import has_physical_names
from cst_contracts.engine.formats.delta.table import DeltaFormat
from cst_contracts.engine.formats.format import Opened, Stream
from cst_contracts.engine.formats.formats import stored_format
from cst_contracts.engine.formats.streams import declare_stream
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.settings import settings_of
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import plan_of
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.facts import OrderingFacts, SortTerm, StoredOrdering
from cst_contracts.needs import OrderClaimsNeed, OrderPlanNeed
from cst_contracts.sql.external_tables import order_by
from cst_contracts.sql.names import table_name
from cst_contracts.sql.plan_text import output_orderings, sorts_rows
from cst_contracts.sql.selects import select_all

#: The declared order, and whether a query sorted as promised sorts.
_Plan: TypeAlias = tuple[tuple[SortTerm, ...], bool]

_ORDERED = "__cst_ordered"
_PARTITIONS = "datafusion.execution.target_partitions"


def is_registered_in_order(registry: Registry, relation: str) -> bool:
    """Whether it is for us to declare the order, in the session that we have made."""
    opened = registry.open(relation)
    return not opened.supplied and opened.storage is not None and opened.delta is None


def register_in_order(registry: Registry, relation: str, promised: Sequence[SortTerm]) -> None:
    """Registers a table of ours anew, with the order in which its rows have been found to be. It stays as it
    is where the engine would then find other types in its files. Raises IntrospectionError."""
    context, storage = registry.context, registry.open(relation).storage
    if storage is None or not storage.files:
        return
    with looking_at(relation, storage.location):
        before = live_schema(context, relation)
        partitions = frozenset(partition.name for partition in storage.partitions)
        terms = _in_files(promised, partitions, before.names)
        if not terms:
            return
        declare_order = stored_format(storage.format).declare_order
        declare_order(context, _ORDERED, storage, terms)
        alike = live_schema(context, _ORDERED).equals(before, check_metadata=True)
        context.deregister_table(_ORDERED)
        if alike:
            context.deregister_table(table_name(relation))
            declare_order(context, relation, storage, terms)


def claimed_orders(registry: Registry, need: OrderClaimsNeed) -> tuple[StoredOrdering, ...]:
    """Raises IntrospectionError."""
    storage = registry.open(need.relation).storage
    if storage is None:
        return ()
    with looking_at(need.relation, storage.location):
        return stored_format(storage.format, storage.dialect).claimed_orders(storage)


def ordering_facts(registry: Registry, need: OrderPlanNeed) -> OrderingFacts | None:
    """None where there is no file to ask. Raises IntrospectionError."""
    opened = registry.open(need.relation)
    location = None if opened.storage is None else opened.storage.location
    with looking_at(need.relation, location):
        return _ordering_facts(registry, need, opened)


def _ordering_facts(
    registry: Registry, need: OrderPlanNeed, opened: Opened
) -> OrderingFacts | None:
    """A Delta table's provider takes no order: its files are registered in the scratch session with it."""
    context, scratch, table = registry.context, registry.scratch, need.relation
    names = live_schema(context, table).names
    if opened.storage is None:
        wanted = _in_files(need.terms, frozenset(), names)
        if opened.stream is not None and not opened.supplied:
            planned, sorts = _streamed(scratch, opened.stream, wanted)
        else:
            planned, sorts = _planned(context, table, wanted, files=0)
        return OrderingFacts(planned, opened.supplied, sorts=sorts)
    if not opened.storage.files:
        return None
    if opened.delta is not None and has_physical_names(opened.delta):
        cause = "no order can be declared of its data files: under column mapping, fields have other names"
        raise IntrospectionError(cause, relation=table)
    partitions = frozenset(partition.name for partition in opened.storage.partitions)
    wanted = _in_files(need.terms, partitions, names)
    storage = opened.storage
    stored = stored_format(storage.format, storage.dialect).claimed_orders(storage)
    if opened.supplied or opened.delta is None:
        planned, sorts = _planned(context, table, wanted, files=len(opened.storage.files))
    else:
        planned, sorts = _taken_up(scratch, opened.storage, wanted)
    return OrderingFacts(planned, opened.supplied, stored, sorts)


def _in_files(
    promised: Sequence[SortTerm], partitions: Set[str], names: Sequence[str]
) -> list[SortTerm]:
    """Those of the promised terms that a single file can have."""
    return [term for term in promised if term.field in names and term.field not in partitions]


def _planned(
    context: SessionContext, table: str, wanted: Sequence[SortTerm], *, files: int
) -> _Plan:
    """The order that a registration declares, as its scan shows it; and whether the session, as it is set,
    sorts."""
    planned, sorts = _scan_order(context, table, wanted)
    if planned or files < 2:
        return planned, sorts
    before = settings_of(context).get(_PARTITIONS) or "0"
    if files <= int(before):
        return planned, sorts
    # A plan keeps an order to itself where a partition reads several files.
    context.sql(f"SET {_PARTITIONS} = {files}")
    try:
        return _scan_order(context, table, wanted)[0], sorts
    finally:
        context.sql(f"SET {_PARTITIONS} = {before}")


def _taken_up(scratch: SessionContext, storage: Storage, terms: Sequence[SortTerm]) -> _Plan:
    """What the plan shows when the data files are registered with the promised order."""
    if not terms:
        return (), False
    DeltaFormat().declare_order(scratch, _ORDERED, storage, terms)
    try:
        return _planned(scratch, _ORDERED, terms, files=len(storage.files))
    finally:
        scratch.deregister_table(_ORDERED)


def _streamed(scratch: SessionContext, stream: Stream, terms: Sequence[SortTerm]) -> _Plan:
    """As of a file: what the plan of a registration with the promised order shows."""
    if not terms:
        return (), False
    declare_stream(scratch, _ORDERED, stream, terms)
    try:
        return _scan_order(scratch, _ORDERED, terms)
    finally:
        scratch.deregister_table(_ORDERED)


def _scan_order(context: SessionContext, table: str, wanted: Sequence[SortTerm]) -> _Plan:
    """Of several declared orders the one that begins as wanted."""
    orders = output_orderings(plan_of(context.sql(select_all(table))).display_indent())
    kept = (order for order in orders if order[: len(wanted)] == tuple(wanted))
    query = f"{select_all(table)} ORDER BY {order_by(wanted)}" if wanted else select_all(table)
    sorts = sorts_rows(plan_of(context.sql(query)).display_indent())
    return next(kept, orders[0] if orders else ()), sorts
