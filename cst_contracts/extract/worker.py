"""One worker process, seen from both of its ends."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from cst_contracts.errors import CstContractsError

_READY = "ready"
_CONTEXT = get_context("spawn")  # a fork would copy locks that Arrow's threads hold
_SECONDS_TO_END = 5


class WorkerGone(Exception):
    """The process ended before it answered."""


class Worker:
    """A process that runs one function call after the other, for as long as its parent lives."""

    def __init__(self) -> None:
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(theirs,), daemon=True)
        with _interrupts_held():
            self._process.start()
        theirs.close()  # so that the process holds the only other end, and its death closes it
        self._started = False

    def call(self, function: Callable[[Any], Any], argument: object) -> Any:
        """Raises what the function raises there, and WorkerGone where the process dies over it."""
        self._await_start()
        try:
            self._connection.send((function, argument))
            result, error = self._connection.recv()
        except (EOFError, OSError) as gone:
            raise WorkerGone from gone
        if error is not None:
            raise error
        return result

    def _await_start(self) -> None:
        """A process that cannot even start is nothing that a task is to blame for."""
        if self._started:
            return
        try:
            self._started = self._connection.recv() == _READY
        except (EOFError, OSError) as gone:
            raise CstContractsError(
                "a worker process ended before its first file. A script that extracts has to do so"
                ' under `if __name__ == "__main__":`, because workers import it'
            ) from gone

    def hang_up(self) -> None:
        """Tells the process that there is no more to do."""
        self._connection.close()

    def wait(self) -> None:
        """Lets the process end by itself, so that it can leave in order; not for ever."""
        self._process.join(_SECONDS_TO_END)
        self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal's group; what is started in here never sees it."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # its first start would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        connection.send(_READY)
        while True:
            function, argument = connection.recv()
            connection.send(_outcome(function, argument))
    except (EOFError, OSError):
        return  # the parent wants no more


def _outcome(function: Callable[[Any], Any], argument: object) -> tuple[Any, Exception | None]:
    try:
        return function(argument), None
    except Exception as error:  # noqa: BLE001  # raised again in the parent
        return None, error


def _end_with_parent() -> None:
    """A parent that is killed closes its pipes, which a worker in the middle of a file does not read."""
    parent = parent_process()
    assert parent is not None  # noqa: S101  # this is a worker
    parent.join()
    os._exit(1)
