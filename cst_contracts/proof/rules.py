"""Evaluates the rules of a contract over drawn rows, as the gate evaluates them over stored ones."""

from collections.abc import Sequence

import pyarrow as pa

from cst_contracts.contract.model import RuleContract
from cst_contracts.engine.rows.portions import rows_in_memory
from cst_contracts.engine.rows.rule_tally import planned_rule
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.proof.errors import NoRow, unanswered
from cst_contracts.sql.names import table_name


def truths(
    relation: str, table: pa.Table, rules: Sequence[RuleContract]
) -> tuple[tuple[bool | None, ...], ...]:
    """Of each row, what each rule is: true, false or NULL. Raises NoRow where the engine does not answer."""
    try:
        return _evaluated(relation, table, rules)
    except IntrospectionError as error:
        if len(rules) == 1:
            raise NoRow((rules[0].name,), unanswered(error), rules[0].place) from error
    # One of them, which is asked alone.
    return tuple(zip(*(_column(relation, table, rule) for rule in rules), strict=True))


def _column(relation: str, table: pa.Table, rule: RuleContract) -> list[bool | None]:
    return [truth for (truth,) in truths(relation, table, [rule])]


def _evaluated(
    relation: str, table: pa.Table, rules: Sequence[RuleContract]
) -> tuple[tuple[bool | None, ...], ...]:
    with looking_at(relation):
        context = rows_in_memory(relation, table.schema, table.to_batches())
        frame = context.table(table_name(relation))
        columns = [
            planned_rule(frame, relation, rule).alias(f"__rule{number}")
            for number, rule in enumerate(rules)
        ]
        found = table_of(frame.select(*columns))
    return tuple(zip(*(column.to_pylist() for column in found.columns), strict=True))
