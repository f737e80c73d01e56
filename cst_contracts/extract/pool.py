"""Tasks → results in the tasks' order, from worker processes, a window of them at a time."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from msgspec import Struct

from cst_contracts.extract.worker import Worker, WorkerGone

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
    """Never holds more than a few tasks a worker. All work is done in other processes, even where there
    is one worker only: a task that kills its process must not kill this one.

    Ended early, by an exception or by `close`, it leaves no process behind.
    """
    waiting = iter(tasks)
    pending: deque[Future[Result]] = deque()
    pool = _Pool(work, workers)
    try:
        for task in waiting:
            pending.append(pool.submit(task))
            if len(pending) == workers * _WINDOW_PER_WORKER:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
        pool.close()
    finally:
        pool.kill()


class _Pool(Generic[Task, Result]):
    """Threads that do nothing but wait, each for a process of its own: so it is known what task a process
    died over, and no other task is lost with it."""

    def __init__(self, work: Work[Task, Result], workers: int) -> None:
        self._work = work
        self._threads = ThreadPoolExecutor(workers)
        self._own = threading.local()
        self._lock = threading.Lock()
        self._workers: set[Worker] = set()
        self._ended = False

    def submit(self, task: Task) -> Future[Result]:
        return self._threads.submit(self._run, task)

    def close(self) -> None:
        self._threads.shutdown()
        workers = self._take_all()
        for worker in workers:
            worker.hang_up()
        for worker in workers:
            worker.wait()

    def kill(self) -> None:
        for worker in self._take_all():
            worker.kill()
        self._threads.shutdown(cancel_futures=True)

    def _run(self, task: Task) -> Result:
        worker = self._own_worker()
        try:
            result: Result = worker.call(self._work.run, task)
        except WorkerGone:
            self._forget(worker)
            return self._work.lost(task)
        return result

    def _own_worker(self) -> Worker:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            with self._lock:
                if self._ended:
                    raise WorkerGone
                worker = self._own.worker = Worker()
                self._workers.add(worker)
        return worker

    def _forget(self, worker: Worker) -> None:
        self._own.worker = None
        with self._lock:
            self._workers.discard(worker)
        worker.kill()

    def _take_all(self) -> set[Worker]:
        with self._lock:
            self._ended = True
            taken, self._workers = self._workers, set()
        return taken
