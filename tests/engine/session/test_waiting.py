"""How long the engine is waited for, and what is told of it when that is over."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from threading import Event, get_ident

import pyarrow as pa
import pytest
from datafusion import DataFrame, SessionContext, udf

from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError, Refused
from cst_contracts.engine.session.waiting import (
    batches_of,
    batches_of_plan,
    optimized_plan_of,
    partitions_of,
    plan_of,
    table_of,
    waiting_at_most,
    within_bound,
)
from cst_contracts.facts import Trouble

LONG = 600.0
#: A scan yields, so that nothing of it goes on when the test is over.
ENDLESS = "SELECT count(*) FROM generate_series(1, 1000000000000) AS a(n) WHERE regexp_like(n::text, '^x')"
ROWS = pa.table({"n": pa.array(range(20_000), pa.int64()), "s": ["x"] * 20_000})


@pytest.fixture(name="context")
def session() -> SessionContext:
    context = SessionContext()
    context.from_arrow(ROWS, name="t")
    return context


@pytest.fixture(name="held")
def held_function(context: SessionContext) -> Iterator[Event]:
    """`held(n)` answers when the test is over, and is a constant to the engine's planner."""
    over = Event()

    def wait(column: pa.Array) -> pa.Array:
        over.wait(LONG)
        return column

    context.register_udf(udf(wait, [pa.int64()], pa.int64(), "immutable", "held"))
    yield over
    over.set()


def broken_off(frame: DataFrame) -> str:
    with waiting_at_most(0.05), pytest.raises(Refused) as refused:
        table_of(frame)
    assert refused.value.trouble is Trouble.SLOW
    return str(refused.value)


@pytest.mark.parametrize("seconds", [None, LONG])
@pytest.mark.parametrize("sql", ["SELECT * FROM t ORDER BY n", "SELECT n FROM t WHERE n < 0"])
def test_within_the_bound_rows_are_those_of_the_query(
    context: SessionContext, seconds: float | None, sql: str
) -> None:
    wanted = context.sql(sql).to_arrow_table()
    with waiting_at_most(seconds):
        frame = context.sql(sql)
        found = table_of(frame)
        streamed = pa.Table.from_batches(batches_of(frame), wanted.schema)
        parts = [batch for each in partitions_of(frame) for batch in each]
        (planned,) = batches_of_plan(context, plan_of(context.sql(f"SELECT count(*) FROM ({sql})")))

    assert found.equals(wanted)
    assert found.schema.equals(wanted.schema)
    assert streamed.equals(wanted)
    assert sum(batch.num_rows for batch in parts) == wanted.num_rows
    assert planned.column(0)[0].as_py() == wanted.num_rows


def test_a_query_over_the_bound_is_left(context: SessionContext) -> None:
    told = broken_off(context.sql(ENDLESS))

    assert told == "it took longer than the 0.05 s that a query may take (query_seconds)"
    with waiting_at_most(LONG):
        assert table_of(context.sql("SELECT count(*) FROM t")).column(0)[0].as_py() == 20_000


@pytest.mark.parametrize("read", [lambda frame: [batches_of(frame)], partitions_of])
def test_the_bound_is_of_all_batches_and_partitions_together(
    context: SessionContext, read: Callable[[DataFrame], Iterable[Iterator[pa.RecordBatch]]]
) -> None:
    endless = context.sql("SELECT value FROM generate_series(1, 1000000000000)")
    with waiting_at_most(0.3), pytest.raises(Refused, match="took longer"):
        deque(chain.from_iterable(read(endless)), maxlen=0)


@pytest.mark.usefixtures("held")
def test_what_is_computed_while_planning_is_left(context: SessionContext) -> None:
    frame = context.sql("SELECT n FROM t WHERE n = held(1)")
    with waiting_at_most(0.05), pytest.raises(Refused, match="took longer"):
        plan_of(frame)
    with waiting_at_most(0.05), pytest.raises(Refused, match="took longer"):
        optimized_plan_of(frame)


@pytest.mark.parametrize(("seconds", "computed"), [(None, 1), (LONG, 2)])
def test_where_there_is_a_bound_a_query_is_planned_before_it_is_optimized_alone(
    context: SessionContext, seconds: float | None, computed: int
) -> None:
    """DataFusion 55 holds the interpreter's lock while it optimizes, so that nobody could leave it."""
    calls: list[pa.Array] = []

    def told(column: pa.Array) -> pa.Array:
        calls.append(column)
        return column

    context.register_udf(udf(told, [pa.int64()], pa.int64(), "immutable", "told"))
    with waiting_at_most(seconds):
        plan = optimized_plan_of(context.sql("SELECT n FROM t WHERE n = told(1)"))

    assert "t.n = Int64(1)" in plan.display_indent()
    assert len(calls) == computed


@pytest.mark.parametrize("seconds", [None, LONG])
def test_parameters_that_are_open_are_no_reason_not_to_optimize(
    context: SessionContext, seconds: float | None
) -> None:
    with waiting_at_most(seconds):
        plan = optimized_plan_of(context.sql("SELECT n FROM t WHERE n = $wanted"))

    assert "$wanted" in plan.display_indent()


def test_a_bound_that_is_over_at_once_is_over_for_every_query(context: SessionContext) -> None:
    with waiting_at_most(1e-9), pytest.raises(Refused, match="longer than the 1e-09 s"):
        table_of(context.sql("SELECT 1"))


def test_the_trouble_names_the_relation(context: SessionContext) -> None:
    with waiting_at_most(1e-9), pytest.raises(IntrospectionError) as error, looking_at("t"):
        table_of(context.sql("SELECT 1"))

    assert (error.value.relation, error.value.trouble) == ("t", Trouble.SLOW)


@pytest.mark.parametrize("seconds", [None, LONG])
def test_what_the_engine_raises_is_raised(context: SessionContext, seconds: float | None) -> None:
    with waiting_at_most(seconds), pytest.raises(Exception, match="Divide by zero"):
        table_of(context.sql("SELECT 1 / (n - n) FROM t"))


def test_a_bound_ends_with_its_block(context: SessionContext) -> None:
    with waiting_at_most(LONG), waiting_at_most(1e-9):
        pass
    assert within_bound(get_ident) == get_ident()  # unbounded, in this thread
    with waiting_at_most(LONG):
        assert within_bound(get_ident) != get_ident()
    assert table_of(context.sql("SELECT 1 AS one")).to_pydict() == {"one": [1]}
