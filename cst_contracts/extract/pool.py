"""Tasks → results in the tasks' order, from worker processes, a window of them at a time."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Generic, TypeVar

from msgspec import Struct

Task = TypeVar("Task")
Result = TypeVar("Result")

_WINDOW_PER_WORKER = 4


class Work(Struct, Generic[Task, Result], frozen=True):
    """Functions importable by name. `lost` answers for a task that kills its process."""

    run: Callable[[Task], Result]
    lost: Callable[[Task], Result]


def in_order(
    tasks: Iterable[Task], work: Work[Task, Result], *, workers: int
) -> Generator[Result, None, None]:
    """Never holds more than a few tasks a worker; one worker is this process itself."""
    if workers == 1:
        yield from map(work.run, tasks)
        return
    waiting = iter(tasks)
    pending: deque[tuple[Task, Future[Result]]] = deque()
    pool = _pool(workers)
    try:
        while _fill(pool, pending, waiting, work, workers * _WINDOW_PER_WORKER):
            try:
                result = pending[0][1].result()
            except BrokenProcessPool:
                pool.shutdown()
                yield from (_alone(task, work) for task, _ in pending)
                pending.clear()
                pool = _pool(workers)
            else:
                pending.popleft()
                yield result
    finally:
        pool.shutdown(cancel_futures=True)


def _fill(
    pool: ProcessPoolExecutor,
    pending: deque[tuple[Task, Future[Result]]],
    waiting: Iterator[Task],
    work: Work[Task, Result],
    window: int,
) -> bool:
    """Whether there is anything to wait for."""
    while len(pending) < window and (task := next(waiting, None)) is not None:
        pending.append((task, _submit(pool, work.run, task)))
    return bool(pending)


def _submit(pool: ProcessPoolExecutor, run: Callable[[Task], Result], task: Task) -> Future[Result]:
    try:
        return pool.submit(run, task)
    except BrokenProcessPool as broken:
        # It died after its last result. Whoever asks for this one learns of it like all the others.
        refused: Future[Result] = Future()
        refused.set_exception(broken)
        return refused


def _alone(task: Task, work: Work[Task, Result]) -> Result:
    """One of the pending tasks took the pool down; each in a process of its own shows which."""
    with _pool(1) as pool:
        try:
            return pool.submit(work.run, task).result()
        except BrokenProcessPool:
            return work.lost(task)


def _pool(workers: int) -> ProcessPoolExecutor:
    # A fork would copy locks that Arrow's threads hold.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
