"""Queries that count: keys, references and rules. They stay within what another engine could run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
from datafusion import DataFrame, Expr, SessionContext
from datafusion import functions as f

from cst_contracts.contract.model import RuleContract
from cst_contracts.datatypes import find_node, print_type, same_type
from cst_contracts.engine.failure import looking_at
from cst_contracts.engine.flattening import PLACES, flattened, key_column
from cst_contracts.engine.session import live_schema
from cst_contracts.engine.sql import table_name
from cst_contracts.errors import (
    FieldMissing,
    IntrospectionError,
    ReferenceTypes,
    UnplannedRule,
)
from cst_contracts.facts import KeyCount, ReferenceCount, RowPlace, RuleCount

_THERE, _KEYS = "__cst_there", "__cst_keys"

#: Of keys whose places are looked up, which may be many.
_FEW = 10_000


def count_keys(context: SessionContext, table: str, paths: Sequence[str]) -> KeyCount:
    """One pass that spills: count(distinct …) beside other aggregates would not.

    The engine groups neighbours only where a footer or a registration claims an order, true or not; of
    what comes out of an array it knows no order.
    """
    with looking_at(table):
        rows = flattened(live_schema(context, table), table, paths)
        keys = [key_column(index) for index in range(len(paths))]
        listed = ", ".join(keys)
        unordered = ", ".join(f"make_array({key})[1] AS {key}" for key in keys)
        groups = (
            f"SELECT {listed}, count(*) AS __n FROM (SELECT {unordered} FROM ({rows}) AS __keys) "
            f"AS __unordered GROUP BY {listed}"
        )
        complete = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        query = (
            f"SELECT sum(CASE WHEN {complete} THEN __n ELSE 0 END), "
            f"sum(CASE WHEN {complete} THEN __n - 1 ELSE 0 END), "
            f"sum(CASE WHEN {complete} THEN 0 ELSE __n END) FROM ({groups}) AS __groups"
        )
        whole, duplicates, nulls = _numbers(context.sql(query))
        return KeyCount(whole, duplicates, nulls)


def count_references(
    context: SessionContext,
    table: str,
    paths: Sequence[str],
    other: tuple[SessionContext, str, Sequence[str]],
) -> ReferenceCount:
    """`other` is the table that is referred to: its session, name and paths.

    Raises ReferenceTypes where the engine would cast the one side to the other's type to compare them.
    """
    with _within(context, other) as there, looking_at(table):
        _refuse_other_types(context, table, paths, other)
        here = flattened(live_schema(context, table), table, paths)
        source, absent = _references(here, there, len(paths))
        (rows,) = _numbers(context.sql(f"SELECT count(*) FROM {source}"))
        try:
            with looking_at(table):
                (dangling,) = _numbers(context.sql(f"SELECT count(*) FROM {source} AND {absent}"))
        except IntrospectionError as error:
            if not _exhausted(error):
                raise
            groups = _dangling(here, there, len(paths))
            (dangling,) = _numbers(context.sql(f"SELECT sum(__here) FROM ({groups}) AS __dangling"))
        return ReferenceCount(rows, dangling)


def dangling_places(
    context: SessionContext,
    table: str,
    paths: Sequence[str],
    other: tuple[SessionContext, str, Sequence[str]],
    most: int,
) -> tuple[RowPlace, ...]:
    """Of a table of files: where its first dangling references are."""
    with _within(context, other) as there, looking_at(table):
        schema = live_schema(context, table)
        here = flattened(schema, table, paths)
        source, absent = _references(here, there, len(paths))
        listed = ", ".join(map(key_column, range(len(paths))))
        placed = flattened(schema, table, paths, PLACES)
        try:
            with looking_at(table):
                few = f"SELECT DISTINCT {listed} FROM {source} AND {absent}"
                return _places_of(context, placed, few, len(paths), most)
        except IntrospectionError as error:
            if not _exhausted(error):
                raise
        few = f"SELECT {listed} FROM ({_dangling(here, there, len(paths))}) AS __all"
        return _places_of(context, placed, few, len(paths), most)


def duplicate_places(
    context: SessionContext, table: str, paths: Sequence[str], most: int
) -> tuple[RowPlace, ...]:
    """Of a table of files: where the first rows are that share a key with another."""
    with looking_at(table):
        here = flattened(live_schema(context, table), table, paths, PLACES)
        keys = [key_column(index) for index in range(len(paths))]
        listed = ", ".join(keys)
        unordered = ", ".join(f"make_array({key})[1] AS {key}" for key in keys)
        complete = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        few = (
            f"SELECT {listed} FROM (SELECT {unordered} FROM ({here}) AS __keys WHERE {complete}) "
            f"AS __unordered GROUP BY {listed} HAVING count(*) > 1"
        )
        return _places_of(context, here, few, len(paths), most)


def _places_of(
    context: SessionContext, here: str, few: str, fields: int, most: int
) -> tuple[RowPlace, ...]:
    """Of the rows that have one of a few keys, which a query finds. They are joined, not filtered: past a
    filter the engine may no longer know where a row stands."""
    listed = ", ".join(map(key_column, range(fields)))
    first = f"SELECT {listed} FROM ({few}) AS __few ORDER BY {listed} LIMIT {_FEW}"
    context.from_arrow(context.sql(first).to_arrow_table(), name=_KEYS)
    try:
        keys = map(key_column, range(fields))
        same = " AND ".join(f"__few.{key} = __here.{key}" for key in keys)
        return _first_places(context, f"{_KEYS} AS __few JOIN ({here}) AS __here ON {same}", most)
    finally:
        context.deregister_table(_KEYS)


def _first_places(context: SessionContext, source: str, most: int) -> tuple[RowPlace, ...]:
    columns = ", ".join(f"__here.{name}" for name in PLACES)
    query = f"SELECT DISTINCT {columns} FROM {source} ORDER BY {columns} LIMIT {most}"
    found = context.sql(query).to_arrow_table()
    places = zip(found.column(0).to_pylist(), found.column(1).to_pylist(), strict=True)
    return tuple(RowPlace(file, row) for file, row in places)


def _exhausted(error: IntrospectionError) -> bool:
    """A join holds the keys of one side in memory; to group them spills."""
    return "Resources exhausted" in error.cause


def _dangling(here: str, there: str, fields: int) -> str:
    """The keys that dangle, each with how many rows have it."""
    keys = [key_column(index) for index in range(fields)]
    complete = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    # Of what comes out of an array no order is known, true or not.
    unordered = ", ".join(f"make_array({key})[1] AS {key}" for key in keys)
    both = (
        f"SELECT {unordered}, 1 AS __h, 0 AS __t FROM ({here}) AS __ours WHERE {complete} UNION ALL "
        f"SELECT {unordered}, 0 AS __h, 1 AS __t FROM ({there}) AS __theirs"
    )
    listed = ", ".join(keys)
    groups = f"SELECT {listed}, sum(__h) AS __here, sum(__t) AS __there FROM ({both}) AS __both"
    return (
        f"SELECT {listed}, __here FROM ({groups} GROUP BY {listed}) AS __groups WHERE __there = 0"
    )


def _refuse_other_types(
    context: SessionContext,
    table: str,
    paths: Sequence[str],
    other: tuple[SessionContext, str, Sequence[str]],
) -> None:
    """Whole numbers of any width are alike."""
    other_context, other_table, other_paths = other
    here, there = live_schema(context, table), live_schema(other_context, other_table)
    for path, other_path in zip(paths, other_paths, strict=True):
        one, two = find_node(here, path), find_node(there, other_path)
        if one is None or two is None or _comparable(one.field.type, two.field.type):
            continue
        kinds = print_type(one.field.type), print_type(two.field.type)
        cause = f"{path} is {kinds[0]}, and {other_table}.{other_path} is {kinds[1]}"
        raise ReferenceTypes(cause, table=table)


def _comparable(one: pa.DataType, two: pa.DataType) -> bool:
    whole = pa.types.is_integer(one) and pa.types.is_integer(two)
    return whole or same_type(one, two)


@contextmanager
def _within(
    context: SessionContext, other: tuple[SessionContext, str, Sequence[str]]
) -> Iterator[str]:
    """The other table's keys, as a query of this session. Raises FieldMissing."""
    other_context, table, paths = other
    with looking_at(table):
        schema = live_schema(other_context, table)
        absent = [path for path in paths if find_node(schema, path) is None]
        if absent:
            known = ", ".join(schema.names)
            cause = f"{table} has no field {', '.join(absent)}; there are {known}"
            raise FieldMissing(cause, table=table)
        there = flattened(schema, table, paths)
        if other_context is not context:
            distinct = f"SELECT DISTINCT * FROM ({there}) AS __keys"
            context.from_arrow(other_context.sql(distinct).to_arrow_table(), name=_THERE)
            there = f"SELECT * FROM {_THERE}"
    try:
        yield there
    finally:
        if other_context is not context:
            context.deregister_table(_THERE)


def _references(here: str, there: str, fields: int) -> tuple[str, str]:
    """The references without a null, and the condition that they dangle."""
    keys = [key_column(index) for index in range(fields)]
    complete = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    same = " AND ".join(f"__there.{key} = __here.{key}" for key in keys)
    absent = f"NOT EXISTS (SELECT 1 FROM ({there}) AS __there WHERE {same})"
    return f"({here}) AS __here WHERE {complete}", absent


def count_rules(
    context: SessionContext, table: str, rules: Sequence[RuleContract]
) -> dict[RuleContract, RuleCount | IntrospectionError]:
    """In one pass; a rule that fails in it is asked again, alone."""
    with looking_at(table):
        frame = context.table(table_name(table))
    planned: dict[RuleContract, Expr] = {}
    counts: dict[RuleContract, RuleCount | IntrospectionError] = {}
    for rule in rules:
        try:
            planned[rule] = planned_rule(frame, table, rule)
        except IntrospectionError as error:
            counts[rule] = error
    try:
        counts.update(_counted(frame, table, planned))
    except IntrospectionError as error:
        for rule, expression in planned.items():
            alone = {rule: expression} if len(planned) > 1 else {}
            counts.update(_alone(frame, table, alone) if alone else {rule: error})
    return counts


def _alone(
    frame: DataFrame, table: str, rule: dict[RuleContract, Expr]
) -> dict[RuleContract, RuleCount | IntrospectionError]:
    try:
        return dict(_counted(frame, table, rule))
    except IntrospectionError as error:
        return dict.fromkeys(rule, error)


def planned_rule(frame: DataFrame, table: str, rule: RuleContract) -> Expr:
    """A single expression by construction: the engine parses it as one, not as text in a statement."""
    try:
        with looking_at(table):
            expression = frame.parse_sql_expr(rule.sql)
            selected = frame.select(expression.alias("__rule"))
            type_ = pa.schema(selected.schema()).field(0).type
            frame.filter(expression).execution_plan()
    except IntrospectionError as error:
        raise UnplannedRule(error.cause, table=table) from error
    if not pa.types.is_boolean(type_):
        raise UnplannedRule(f"it is of type {type_}, not bool", table=table)
    return expression


def _counted(
    frame: DataFrame, table: str, rules: dict[RuleContract, Expr]
) -> dict[RuleContract, RuleCount]:
    if not rules:
        return {}
    counters = [f.count_star().alias("__rows")]
    counters.extend(
        f.count_star(filter=~expression).alias(f"__rule{index}")
        for index, expression in enumerate(rules.values())
    )
    with looking_at(table):
        rows, *violations = _numbers(frame.aggregate([], counters))
    return {rule: RuleCount(rows, found) for rule, found in zip(rules, violations, strict=True)}


def _numbers(frame: DataFrame) -> list[int]:
    """The one row of a query of sums and counts; a sum over no rows is null."""
    table = frame.to_arrow_table()
    return [int(column[0].as_py() or 0) for column in table.columns]
