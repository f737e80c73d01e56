"""Runs readers' queries: with a value for each parameter, for their first rows, and looks into these."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from cst_contracts.contract.model import ParameterContract
from cst_contracts.datatypes import find_node, same_type
from cst_contracts.datatypes.blanks import blank
from cst_contracts.datatypes.values import value_of
from cst_contracts.engine.looks.query_plans import opened, parameter_fields
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.rows.null_tally import NullPart
from cst_contracts.engine.rows.results import Results
from cst_contracts.engine.rows.scan import tally
from cst_contracts.engine.rows.value_tally import ValuePart
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.read_only import planned
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import CouldNotLook, NullCount, QueryRun, Trouble, ValueCount
from cst_contracts.needs import NullsNeed, QueryRunNeed, ValuesNeed
from cst_contracts.sql.selects import select_first

#: So many rows are fetched of what a query gives.
MOST_ROWS = 1_000


def query_run(registry: Registry, need: QueryRunNeed) -> QueryRun:
    """In the session as readers have it, with what is declared there. Raises IntrospectionError, of the
    relation that is in the way where that is one that the query mentions."""
    query = need.query
    with opened(registry, query):
        _refuse_pipes(registry, need)
        values = {**_from_rows(registry, need), **_examples(query.parameters)}
        with looking_at(query.subject):
            frame = planned(registry.context, query.sql, query.subject, values)
            schema = pa.schema(frame.schema())
            rows = table_of(frame.limit(MOST_ROWS))
        return QueryRun(schema, rows.num_rows, _held(need, rows))


def _refuse_pipes(registry: Registry, need: QueryRunNeed) -> None:
    """The rows of a pipe come once, and may never come. No catalog has one."""
    for name in registry.relations.mentioned(need.query.sql):
        try:
            stream = registry.open(name).stream
        except IntrospectionError:
            continue  # the query may only mention it
        if stream is not None and stream.pipe:
            cause = f"{name} is a pipe, whose rows come once: a query of it cannot be tried"
            raise IntrospectionError(cause, relation=need.query.subject)


def _examples(parameters: Sequence[ParameterContract]) -> Mapping[str, pa.Scalar]:
    examples = {each.name: each for each in parameters if each.example is not None}
    return {name: value_of(each.example or "", each.type) for name, each in examples.items()}


def _from_rows(registry: Registry, need: QueryRunNeed) -> Mapping[str, pa.Scalar]:
    """For parameters without an example: those that are compared with fields of the table have the values of
    its first row, by these fields; others are blank."""
    query = need.query
    open_ = {each.name: each.type for each in query.parameters if each.example is None}
    values = {name: blank(type_) for name, type_ in open_.items()}
    endless = registry.promises_stream(need.relation)
    compared = _compared(registry, need) if open_ and not endless else {}
    fields = {name: field for name, field in compared.items() if name in open_}
    if not fields:
        return values
    with looking_at(query.subject):
        first = registry.context.sql(
            select_first(tuple(dict.fromkeys(fields.values())), need.relation)
        )
        row = table_of(first)
    for name, field in fields.items() if row.num_rows else ():
        values[name] = row.column(field).cast(open_[name])[0]
    return values


def _compared(registry: Registry, need: QueryRunNeed) -> Mapping[str, str]:
    """By parameter, the field of the table that it is first compared with, where that has values of its type
    that may be handed in."""
    query = need.query
    types = {each.name: each.type for each in query.parameters}
    registry.open(need.relation)
    with looking_at(query.subject):
        schema = live_schema(registry.context, need.relation)
        plan = planned(registry.context, query.sql, query.subject).logical_plan()
    found: dict[str, str] = {}
    for name, field in parameter_fields(plan):
        here = field.name in need.handed and field.name in schema.names
        if here and name in types and same_type(schema.field(field.name).type, types[name]):
            found.setdefault(name, field.name)
    return found


def _held(need: QueryRunNeed, rows: pa.Table) -> tuple[NullCount | ValueCount | CouldNotLook, ...]:
    there = [each for each in need.asked if find_node(rows.schema, each.path) is not None]
    nulls = tuple(each for each in there if isinstance(each, NullsNeed))
    values = tuple(each for each in there if isinstance(each, ValuesNeed))
    results: Results = {}
    with looking_at(need.query.subject):
        parts = NullPart(rows.schema, nulls), ValuePart(rows.schema, values)
        for counted in tally([rows.to_batches()], parts):
            results.update(counted.answers())
    reason = "the query has no such field"
    absent = CouldNotLook(reason, need.query.subject, trouble=Trouble.FIELD)
    found = (results.get(each, absent) for each in need.asked)
    return tuple(each for each in found if isinstance(each, NullCount | ValueCount | CouldNotLook))
