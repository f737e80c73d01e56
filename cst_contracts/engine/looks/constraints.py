"""Understands the constraints of a Delta log and the rules of a contract as the engine's planner does."""

from functools import partial

import pyarrow as pa
from datafusion import DataFrame, Expr

from cst_contracts.datatypes.nullable import relaxed
from cst_contracts.engine.formats.delta.constraints import logged_constraints
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import cause_of, looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import optimized_plan_of
from cst_contracts.facts import (
    Condition,
    ConstraintFacts,
    EnforcementFacts,
    Trouble,
)
from cst_contracts.needs import EnforcementNeed
from cst_contracts.sql.names import identifier

_NORMALIZE = "datafusion.sql_parser.enable_ident_normalization"


#: It would put the parts of an expression that reach into structs elsewhere in the plan.
_PUSHDOWN = "datafusion.optimizer.enable_leaf_expression_pushdown"


def enforcement_facts(registry: Registry, need: EnforcementNeed) -> EnforcementFacts | None:
    """None where the table is no Delta table, as far as anybody can tell. Raises IntrospectionError."""
    opened = registry.open(need.relation).delta
    if opened is None:
        return None
    with looking_at(need.relation, opened.table_uri):
        schema = pa.schema(opened.schema().to_arrow())
        # In a log, names stand as the fields are called; in a rule, as SQL reads them.
        logged = partial(_condition, need.relation, _empty(schema, normalize="false"))
        ruled = partial(_condition, need.relation, _empty(schema, normalize="true"))
        constraints = tuple(
            ConstraintFacts(each, logged(each.sql)) for each in logged_constraints(opened)
        )
        return EnforcementFacts(
            constraints,
            rules={rule.name: ruled(rule.sql) for rule in need.rules},
            not_null={name: logged(f"{identifier(name)} IS NOT NULL") for name in schema.names},
        )


def _empty(schema: pa.Schema, *, normalize: str) -> DataFrame:
    """A table of these fields without rows, in which nothing is declared NOT NULL: the planner would
    take what is declared for granted."""
    context = open_session({_NORMALIZE: normalize, _PUSHDOWN: "false"})
    fields = pa.schema([relaxed(field) for field in schema])
    return context.from_arrow(pa.Table.from_batches([], fields), name="t")


def _condition(relation: str, rows: DataFrame, sql: str) -> Condition:
    """Raises IntrospectionError where the engine takes longer to read it than a query may."""
    try:
        with looking_at(relation):
            plan = optimized_plan_of(rows.filter(rows.parse_sql_expr(sql))).to_variant()
    except IntrospectionError as error:
        if error.trouble is Trouble.SLOW:
            raise
        return Condition(sql, refusal=cause_of(error.__cause__ or error))
    match type(plan).__name__:
        case "Filter":
            return Condition(sql, frozenset(map(_text, _flat(plan.predicate(), "AND"))))
        case "EmptyRelation":
            return Condition(sql, frozenset(["false"]))
        case _:
            return Condition(sql)  # true of every row


def _flat(expression: Expr, operator: str) -> list[Expr]:
    """The operands of a chain of one operator, whatever its brackets."""
    if expression.variant_name() == "BinaryExpr" and expression.rex_call_operator() == operator:
        return [leaf for side in expression.rex_call_operands() for leaf in _flat(side, operator)]
    return [expression]


def _text(expression: Expr) -> str:
    """Alike for alternatives that only stand in another order."""
    return " OR ".join(sorted(map(_alternative, _flat(expression, "OR"))))


def _alternative(expression: Expr) -> str:
    if expression.variant_name() != "InList":
        return str(expression.canonical_name())
    subject, *values = (each.canonical_name() for each in expression.rex_call_operands())
    word = "NOT IN" if expression.to_variant().negated() else "IN"
    return f"{subject} {word} ({', '.join(sorted(values))})"
