"""Changes rows, a value at a time, until the aggregates of a contract hold; or until one does not."""

from collections.abc import Iterator
from itertools import islice
from random import Random

import pyarrow as pa

from cst_contracts.contract.model import AggregateContract, TableContract
from cst_contracts.datatypes import child_path, top_level
from cst_contracts.engine.rows.portions import rows_in_memory
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.proof.errors import NoData, TooFewRows, unanswered
from cst_contracts.proof.mentions import mentioned
from cst_contracts.proof.pools import Pool, pool_of
from cst_contracts.proof.pools_of import pools_of
from cst_contracts.proof.rows import Rows
from cst_contracts.sql.aggregates import condition_of_groups, rows_of_columns

_STEPS = 150


def untrue(relation: str, table: pa.Table, aggregate: AggregateContract) -> int:
    """Of how many groups it is false or NULL. Raises NoData where the engine does not answer it."""
    try:
        with looking_at(relation):
            context = rows_in_memory(relation, table.schema, table.to_batches())
            rows = rows_of_columns(relation, table.schema.names, ())
            query = condition_of_groups(rows, aggregate.sql, aggregate.per)
            (held,) = table_of(context.sql(query)).columns
    except IntrospectionError as error:
        raise NoData(f"{aggregate.place}: {unanswered(error)}") from error
    return sum(1 for truth in held.to_pylist() if not truth)


def aggregated(contract: TableContract, rows: Rows, *, plain: bool) -> Rows:
    """Rows of which all aggregates hold. Raises TooFewRows where none were found."""
    if not contract.aggregates or not rows.count:
        return rows
    wrong = _wrong(contract, rows)
    changes = islice(changed(contract, rows, plain=plain), _STEPS)
    while wrong:
        tried = next(changes, None)
        if tried is None:
            what = "no rows were found of which its aggregates hold"
            raise TooFewRows(f"{contract.place}: {what}")
        row, name, value = tried
        before = rows.columns[name][row]
        rows.columns[name][row] = value
        now = _wrong(contract, rows)
        if now > wrong:
            rows.columns[name][row] = before
        else:
            wrong = now
    return rows


def _wrong(contract: TableContract, rows: Rows) -> int:
    table = rows.table()
    return sum(untrue(contract.name, table, each) for each in contract.aggregates)


def changed(
    contract: TableContract, rows: Rows, *, plain: bool
) -> Iterator[tuple[int, str, object]]:
    """Row numbers, fields and values to put there, without an end: of the fields that aggregates mention and
    that no rule, key or reference is about."""
    names = free_fields(contract, rows)
    if not names:
        return
    pools = pools_of(contract, rows.schema, plain=plain)
    random = Random(0)  # noqa: S311 — tables, not secrets
    for number in range(1_000_000):
        name = names[number % len(names)]
        field = rows.schema.field(name)
        pool = pools.get(child_path("", name)) or pool_of(field.type, plain=plain)
        yield random.randrange(rows.count), name, random.choice(_values(pool, field, number))


def free_fields(contract: TableContract, rows: Rows) -> list[str]:
    bound = {
        *(top_level(path) for key in contract.keys for path in key.fields),
        *(top_level(path) for each in contract.references for path in each.fields),
        *(name for each in contract.rules for name in mentioned(each.sql, rows.schema.names).names),
    }
    about = {
        name
        for each in contract.aggregates
        for name in mentioned(each.sql, rows.schema.names).names
    }
    return [
        field.name
        for field in rows.schema
        if field.name in about - bound and not field.type.num_fields
    ]


def _values(pool: Pool, field: pa.Field, number: int) -> list[object]:
    further = pool.more(number) if pool.more is not None else None
    nulls = [None] if field.nullable else []
    return [*pool.values, *nulls, *([] if further is None else [further])]
