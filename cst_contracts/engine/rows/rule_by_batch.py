"""A rule over rows that reach us as record batches: of a table whose provider declares too much."""

from collections.abc import Iterable

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.contract.model import RuleContract
from cst_contracts.datatypes.nullable import relaxed
from cst_contracts.engine.rows.counts import count_rules
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.schema import make_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import RuleCount
from cst_contracts.sql.names import table_name


def count_rule_by_batch(
    table: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], rule: RuleContract
) -> RuleCount | IntrospectionError:
    """Nothing in the schema counts as NOT NULL. Raises IntrospectionError where rows cannot be read."""
    with looking_at(table):
        context = open_session({})
        make_schema(context, table)
        declared = pa.schema([relaxed(field) for field in schema])
        whole = _count(context, table, pa.RecordBatch.from_pylist([], declared), rule)
        for batch in batches:
            if isinstance(whole, IntrospectionError):
                break
            columns = zip(batch.columns, declared, strict=True)
            rows = pa.record_batch([column.cast(field.type) for column, field in columns], declared)
            whole = _sum(whole, _count(context, table, rows, rule))
        return whole


def mentioned(schema: pa.Schema, rule: RuleContract) -> list[str]:
    """The fields that it may read: those whose name stands in its text, and maybe more."""
    text = rule.sql.casefold()
    named = [name for name in schema.names if '"' in name or name.casefold() in text]
    return named or schema.names[:1]


def _count(
    context: SessionContext, table: str, batch: pa.RecordBatch, rule: RuleContract
) -> RuleCount | IntrospectionError:
    context.deregister_table(table_name(table))
    context.register_record_batches(table_name(table), [[batch]])
    return count_rules(context, table, [rule])[rule]


def _sum(one: RuleCount, other: RuleCount | IntrospectionError) -> RuleCount | IntrospectionError:
    if isinstance(other, IntrospectionError):
        return other
    return RuleCount(one.rows + other.rows, one.violations + other.violations)
