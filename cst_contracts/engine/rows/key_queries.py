"""Counts keys and references by queries, and finds where the violating rows stand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.datatypes import find_node, print_type, same_type
from cst_contracts.engine.rows.queries import Other
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import KeyCount, ReferenceCount, RowPlace, Trouble
from cst_contracts.sql import keys as row_queries
from cst_contracts.sql.keys import (
    PLACES,
    count_of,
    dangling_groups,
    dangling_keys,
    distinct_rows,
    first_keys,
    flattened,
    keys_of_groups,
    places_together,
    places_with,
    shared_keys,
    sum_of_groups,
)
from cst_contracts.sql.selects import select_all

_THERE, _KEYS = "__cst_there", "__cst_keys"

#: How many keys at most have the places of their rows looked up.
_FEW = 10_000


def count_keys(context: SessionContext, table: str, paths: Sequence[str]) -> KeyCount:
    """In one pass that spills: DataFusion 55 does not spill `count(distinct …)` beside other aggregates."""
    with looking_at(table):
        rows = flattened(live_schema(context, table), table, paths)
        query = row_queries.count_keys(rows, len(paths))
        whole, duplicates, nulls = _numbers(context.sql(query))
        return KeyCount(whole, duplicates, nulls)


def count_complete(context: SessionContext, table: str, paths: Sequence[str]) -> int:
    """How many keys have no null."""
    with looking_at(table):
        rows = flattened(live_schema(context, table), table, paths)
        (complete,) = _numbers(context.sql(count_of(row_queries.references(rows, len(paths)))))
        return complete


def count_references(
    context: SessionContext, table: str, paths: Sequence[str], other: Other
) -> ReferenceCount:
    """Raises IntrospectionError, of trouble REFERENCE_TYPES where the engine would cast the one side to the
    other's type to compare them."""
    fields = len(paths)
    with keys_of(context, other) as there, looking_at(table):
        _refuse_other_types(context, table, paths, other)
        here = flattened(live_schema(context, table), table, paths)
        rows = count_complete(context, table, paths)
        try:
            with looking_at(table):
                query = count_of(row_queries.dangling(here, there, fields))
                (dangling,) = _numbers(context.sql(query))
        except IntrospectionError as error:
            if not _exhausted(error):
                raise
            groups = dangling_groups(here, there, fields)
            (dangling,) = _numbers(context.sql(sum_of_groups(groups)))
        return ReferenceCount(rows, dangling)


def dangling_places(
    context: SessionContext, table: str, paths: Sequence[str], other: Other, most: int
) -> tuple[RowPlace, ...]:
    """Of a table of files: where its first dangling references are."""
    fields = len(paths)
    with keys_of(context, other) as there, looking_at(table):
        schema = live_schema(context, table)
        here, placed = flattened(schema, table, paths), flattened(schema, table, paths, PLACES)
        try:
            with looking_at(table):
                few = dangling_keys(here, there, fields)
                return _places_of(context, few, fields, places_with(_KEYS, placed, fields, most))
        except IntrospectionError as error:
            if not _exhausted(error):
                raise
        few = keys_of_groups(dangling_groups(here, there, fields), fields)
        return _places_of(context, few, fields, places_with(_KEYS, placed, fields, most))


def duplicate_places(
    context: SessionContext, table: str, paths: Sequence[str], most: int
) -> tuple[RowPlace, ...]:
    """Of a table of files: where the first rows are that share a key with another, those of a key
    together."""
    with looking_at(table):
        here, fields = flattened(live_schema(context, table), table, paths, PLACES), len(paths)
        few, places = shared_keys(here, fields), places_together(_KEYS, here, fields, most)
        return _places_of(context, few, fields, places)


def _places_of(context: SessionContext, few: str, fields: int, wanted: str) -> tuple[RowPlace, ...]:
    """What the query `wanted` finds of the rows that have one of a few keys, which another finds."""
    context.from_arrow(table_of(context.sql(first_keys(few, fields, _FEW))), name=_KEYS)
    try:
        found = table_of(context.sql(wanted))
        places = zip(found.column(0).to_pylist(), found.column(1).to_pylist(), strict=True)
        return tuple(RowPlace(file, row) for file, row in places)
    finally:
        context.deregister_table(_KEYS)


def _exhausted(error: IntrospectionError) -> bool:
    """A join holds the keys of one side in memory; to group them spills."""
    return "Resources exhausted" in error.reason


def _refuse_other_types(
    context: SessionContext, table: str, paths: Sequence[str], other: Other
) -> None:
    other_context, other_table, other_paths = other
    here, there = live_schema(context, table), live_schema(other_context, other_table)
    for path, other_path in zip(paths, other_paths, strict=True):
        one, two = find_node(here, path), find_node(there, other_path)
        if one is None or two is None or comparable_types(one.field.type, two.field.type):
            continue
        kinds = print_type(one.field.type), print_type(two.field.type)
        cause = f"{path} is {kinds[0]}, and {other_table}.{other_path} is {kinds[1]}"
        raise IntrospectionError(cause, relation=table, trouble=Trouble.REFERENCE_TYPES)


def comparable_types(one: pa.DataType, two: pa.DataType) -> bool:
    """Whether the keys of two tables can be equal, nothing cast: whole numbers of any width are alike."""
    whole = pa.types.is_integer(one) and pa.types.is_integer(two)
    return whole or same_type(one, two)


@contextmanager
def keys_of(context: SessionContext, other: Other) -> Iterator[str]:
    """The other table's keys, as a query of this session. Raises IntrospectionError, of trouble
    FIELD where it lacks one."""
    other_context, table, paths = other
    with looking_at(table):
        schema = live_schema(other_context, table)
        absent = [path for path in paths if find_node(schema, path) is None]
        if absent:
            known = ", ".join(schema.names)
            cause = f"{table} has no field {', '.join(absent)}; there are {known}"
            raise IntrospectionError(cause, relation=table, trouble=Trouble.FIELD)
        there = flattened(schema, table, paths)
        if other_context is not context:
            distinct = table_of(other_context.sql(distinct_rows(there)))
            context.from_arrow(distinct, name=_THERE)
            there = select_all(_THERE)
    try:
        yield there
    finally:
        if other_context is not context:
            context.deregister_table(_THERE)


def _numbers(frame: DataFrame) -> list[int]:
    """The one row of a query of sums and counts; a sum over no rows is null."""
    table = table_of(frame)
    return [int(column[0].as_py() or 0) for column in table.columns]
