"""Waits for the engine no longer than a query of a contract may take.

DataFusion 55 hears of nothing that asks it to stop but Ctrl-C, and of that in the main thread only. Where
there is a bound, therefore, a query is planned in a thread that can be left, and its batches are asked for by
way of asyncio, which drops a query whose rows nobody waits for: that ends it where it yields. What does not
yield, as a join of everything with everything or a constant that is computed while the query is planned, goes
on beside what comes next, for which there are spare workers; the process does not wait for it at its end.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from threading import TIMEOUT_MAX, Thread
from typing import TypeVar

import pyarrow as pa
from datafusion import (
    DataFrame,
    ExecutionPlan,
    LogicalPlan,
    RecordBatch,
    RecordBatchStream,
    SessionContext,
)
from msgspec import Struct

from cst_contracts.engine.session.trouble import Refused
from cst_contracts.facts import Trouble

A = TypeVar("A")

#: How long each query may take that is begun within; None: as long as it does.
_SECONDS: ContextVar[float | None] = ContextVar("seconds", default=None)


#: How many threads the engine has of which a query that was left may keep some: as many as there are cores.
_WORKERS = "TOKIO_WORKER_THREADS"
_WORKERS_A_CORE = 16


@cache
def spare_workers() -> None:
    """Makes the engine's threads, more of them than cores. A query that does not yield keeps as many as there
    are cores, and by default there are no others: whatever came next would wait for it. Without effect where
    somebody has used the engine in this process before."""
    before = os.environ.get(_WORKERS)
    os.environ[_WORKERS] = before or str(_WORKERS_A_CORE * (os.cpu_count() or 1))
    try:
        SessionContext().sql("SELECT 1").to_arrow_table()
    finally:
        if before is None:
            del os.environ[_WORKERS]


@contextmanager
def waiting_at_most(seconds: float | None) -> Iterator[None]:
    """Each query that is begun within may take so long. Over it, Refused of trouble SLOW is raised."""
    token = _SECONDS.set(seconds)
    try:
        yield
    finally:
        _SECONDS.reset(token)


def table_of(frame: DataFrame) -> pa.Table:
    """All rows of a query. Raises what the engine raises."""
    if _SECONDS.get() is None:
        return frame.to_arrow_table()
    return pa.Table.from_batches(list(batches_of(frame)), pa.schema(frame.schema()))


def batches_of(frame: DataFrame) -> Iterator[pa.RecordBatch]:
    """The rows of a query as they come; what is done with them counts as a part of its time."""
    bound = _Bound.begin()
    return _batches(_within(bound, frame.execute_stream), bound)


def batches_of_plan(context: SessionContext, plan: ExecutionPlan) -> Iterator[pa.RecordBatch]:
    """The rows of the first partition of what was planned before."""
    bound = _Bound.begin()
    return _batches(_within(bound, partial(context.execute, plan, 0)), bound)


def partitions_of(frame: DataFrame) -> Sequence[Iterator[pa.RecordBatch]]:
    """The rows of a query by the partitions of its plan, each to be read in a thread of its own; together
    they take the time of one query."""
    bound = _Bound.begin()
    return [_batches(each, bound) for each in _within(bound, frame.execute_stream_partitioned)]


def plan_of(frame: DataFrame) -> ExecutionPlan:
    """Planning may take long: DataFusion 55 computes constants in it."""
    return _within(_Bound.begin(), frame.execution_plan)


def optimized_plan_of(frame: DataFrame) -> LogicalPlan:
    """DataFusion 55 holds the interpreter's lock while it optimizes alone, so that nobody could leave it, and
    does not while it plans, which optimizes, too. Where there is a bound, a query is planned first."""
    bound = _Bound.begin()
    if bound is not None:
        try:
            _within(bound, frame.execution_plan)
        except Refused:
            raise
        except Exception:  # noqa: BLE001, S110 - parameters that are open, as here they may be, are no plan
            pass
    return _within(bound, frame.optimized_logical_plan)


def within_bound(call: Callable[[], A]) -> A:
    """What else the engine does for a contract. Raises what the call raises."""
    return _within(_Bound.begin(), call)


class _Bound(Struct, frozen=True):
    """`end` is by a clock that never goes back."""

    seconds: float
    end: float

    @classmethod
    def begin(cls) -> "_Bound | None":
        seconds = _SECONDS.get()
        return None if seconds is None else cls(seconds, time.monotonic() + seconds)

    def wait(self, future: "Future[A]") -> A:
        """Raises Refused where it is over first."""
        try:
            failure = future.exception(self._left())
        except TimeoutError:
            future.cancel()
            reason = (
                f"it took longer than the {self.seconds:g} s that a query may take (query_seconds)"
            )
            raise Refused(reason, Trouble.SLOW) from None
        except BaseException:
            future.cancel()  # interrupted: nobody waits for the rest
            raise
        if failure is not None:
            raise failure
        return future.result()

    def _left(self) -> float:
        left = self.end - time.monotonic()
        if left <= 0:  # even where the answer is there already: equal bounds, equal verdicts
            raise TimeoutError
        return min(left, TIMEOUT_MAX)


def _within(bound: _Bound | None, call: Callable[[], A]) -> A:
    if bound is None:
        return call()
    future: Future[A] = Future()
    Thread(target=partial(_settle, future, call), daemon=True, name="cst-contracts query").start()
    return bound.wait(future)


def _settle(future: "Future[A]", call: Callable[[], A]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - whoever waits raises it
        future.set_exception(error)


def _batches(stream: RecordBatchStream, bound: _Bound | None) -> Iterator[pa.RecordBatch]:
    if bound is None:
        for batch in stream:
            yield batch.to_pyarrow()
        return
    # Loaded here: asyncio takes a thirtieth of what it takes to start, and most runs have no bound.
    from cst_contracts.engine.session.event_loop import started  # noqa: PLC0415

    while (found := bound.wait(started(_next(stream)))) is not None:
        yield found.to_pyarrow()


async def _next(stream: RecordBatchStream) -> RecordBatch | None:
    return await anext(stream, None)
