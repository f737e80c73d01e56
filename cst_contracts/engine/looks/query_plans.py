"""Plans readers' queries and views: what they scan, what they call, and as what they take parameters."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa
from datafusion import DataFrame, Expr, SessionContext
from datafusion.expr import Placeholder
from datafusion.plan import LogicalPlan

from cst_contracts.contract.model import QueryContract
from cst_contracts.datatypes.blanks import blank
from cst_contracts.engine.relations.registration import naming_functions
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.read_only import planned
from cst_contracts.engine.session.schema import has_table, live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import optimized_plan_of
from cst_contracts.facts import FieldRead, QueryPlan, Trouble
from cst_contracts.needs import QueryPlanNeed, ViewReadsNeed
from cst_contracts.sql.plan_text import called_functions
from cst_contracts.sql.scans import fields_read
from cst_contracts.sql.selects import select_all

#: Expressions whose parts the engine hands out (DataFusion 55 raises for others).
_WITH_OPERANDS = frozenset(
    {
        "Alias",
        "Between",
        "BinaryExpr",
        "Case",
        "Cast",
        "ILike",
        "InList",
        "IsFalse",
        "IsNotFalse",
        "IsNotNull",
        "IsNotTrue",
        "IsNotUnknown",
        "IsNull",
        "IsTrue",
        "IsUnknown",
        "Like",
        "Negative",
        "Not",
        "RLike",
        "ScalarFunction",
        "TryCast",
    }
)


def query_plan(registry: Registry, need: QueryPlanNeed, functions: Iterable[str]) -> QueryPlan:
    """`functions` are the names that a call may have. Raises IntrospectionError, of the relation that is in
    the way where that is one that the query mentions."""
    query = need.query
    with opened(registry, query), looking_at(query.subject), naming_functions(query.subject):
        frame = planned(registry.context, query.sql, query.subject)
        plan = frame.logical_plan()
        calls = called_functions(plan.display_indent().splitlines(), functions)
        reads = _reads(registry.context, _optimized(registry.context, query, frame))
        taken = dict.fromkeys((name, field.type) for name, field in parameter_fields(plan))
        return QueryPlan(reads, calls, tuple(taken))


def view_reads(registry: Registry, need: ViewReadsNeed) -> tuple[FieldRead, ...]:
    """Of a query of all of its columns. Raises IntrospectionError."""
    registry.open(need.relation)
    with looking_at(need.relation):
        frame = registry.context.sql(select_all(need.relation))
        return _reads(registry.context, optimized_plan_of(frame).display_indent())


@contextmanager
def opened(registry: Registry, query: QueryContract) -> Iterator[None]:
    """With all relations open that a query mentions: one that could not be opened is told in the place of
    whatever goes wrong without it."""
    unread = registry.open_mentioned(query.sql)
    try:
        yield
    except IntrospectionError as error:
        if unread and error.trouble is not Trouble.FUNCTION:
            raise unread[0] from unread[0].__cause__
        raise


def _optimized(context: SessionContext, query: QueryContract, frame: DataFrame) -> str:
    """With its parameters open, so that no value makes a part of the query go away. DataFusion 55 cannot
    optimize some of those whose type it does not know."""
    try:
        return optimized_plan_of(frame).display_indent()
    except Exception:
        values = {each.name: blank(each.type) for each in query.parameters}
        if not values:
            raise
        filled = planned(context, query.sql, query.subject, values)
        return optimized_plan_of(filled).display_indent()


def _reads(context: SessionContext, plan: str) -> tuple[FieldRead, ...]:
    def schema_of(relation: str) -> pa.Schema | None:
        return live_schema(context, relation) if has_table(context, relation) else None

    return tuple(dict.fromkeys(fields_read(plan, schema_of)))


def parameter_fields(plan: LogicalPlan) -> tuple[tuple[str, pa.Field], ...]:
    """Names of parameters, each with a field that the engine takes it for: what it is compared with, and of
    what type. One that stands elsewhere, as in a function's call or a query inside of the query, has none."""
    found: dict[tuple[str, pa.Field], None] = {}
    for expression in _expressions(plan):
        for each in _placeholders(expression):
            field = each.field()
            if field is not None:
                found[each.id().removeprefix("$"), field] = None
    return tuple(found)


def _expressions(plan: LogicalPlan) -> Iterator[Expr]:
    kind = plan.display().partition(":")[0]
    if kind == "Filter":
        yield plan.to_variant().predicate()
    elif kind == "Projection":
        yield from plan.to_variant().projections()
    for each in plan.inputs():
        yield from _expressions(each)


def _placeholders(expression: Expr) -> Iterator[Placeholder]:
    kind = expression.variant_name()
    if kind == "Placeholder":
        yield expression.to_variant()
    elif kind in _WITH_OPERANDS:
        for each in expression.rex_call_operands():
            yield from _placeholders(each)
