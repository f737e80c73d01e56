"""Talks to a Spark Connect server, and never waits without an end."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Thread
from typing import Any, TypeVar
from uuid import uuid4
from weakref import finalize

from cst_contracts.distributed.client import Patience, PySparkException, SparkSession
from cst_contracts.distributed.outcomes import Task, tasks_in
from cst_contracts.distributed.shipping import Ship
from cst_contracts.distributed.trouble import ClusterTrouble
from cst_contracts.engine.session.boundary import cause_of

#: The client's own policy waits for more than three minutes. A server that is there answers at once.
_PATIENCE = Patience(max_retries=3, initial_backoff=200, backoff_multiplier=2, max_backoff=1000)
_INPUT = "task int, load binary"
_DETAILS = re.compile(r'details = "([^"]+)"')
_OTHER_PYTHON = "PYTHON_VERSION_MISMATCH"
_AWAY = (
    "UNAVAILABLE",
    "RETRIES_EXCEEDED",
    "SESSION_CLOSED",
    "DEADLINE_EXCEEDED",
    "UNAUTHENTICATED",
)
T = TypeVar("T")


class Connection:
    """One session of its own on the server. Raises ClusterTrouble wherever it talks."""

    def __init__(self, url: str) -> None:
        try:
            # Not `getOrCreate`: that session is the whole process's, and maybe the project's own.
            self._spark: Any = SparkSession.builder.remote(url).create()
            self._spark.client.set_retry_policies([_PATIENCE])
            finalize(self, self._spark.stop)
        except PySparkException as error:
            raise ClusterTrouble(f"cannot be asked: {cause_of(error)}", lasting=True) from error

    def run(self, ship: Ship, loads: Sequence[bytes], seconds: float) -> list[Task]:
        """What each task tells of itself, on whatever worker it has run."""
        return self.asked(lambda: tasks_in(self.rows(ship, loads).toArrow()), seconds)

    def rows(self, ship: Ship, loads: Sequence[bytes]) -> Any:
        """What all tasks give back, as a frame of the client's, each load on a worker of its own. Nothing is
        done before its rows are asked for."""
        numbered = [(number, bytearray(load)) for number, load in enumerate(loads)]
        frame = self._spark.createDataFrame(numbered, _INPUT).repartition(len(loads))
        return frame.mapInArrow(ship.run, ship.schema)

    def asked(self, question: Callable[[], T], seconds: float) -> T:
        """The answer to a question that talks to the server. What takes longer than `seconds` is
        interrupted."""
        tag = f"cst-contracts-{uuid4().hex}"
        found: list[T] = []
        raised: list[BaseException] = []
        over = Event()

        def query() -> None:
            try:
                self._spark.addTag(tag)  # of this thread alone
                found.append(question())
            except BaseException as error:  # noqa: BLE001 - raised again by who waits
                raised.append(error)
            finally:
                over.set()

        self._wait(query, over, tag, seconds)
        if raised:
            raise self._trouble(raised[0]) from raised[0]
        return found[0]

    def _trouble(self, error: BaseException) -> BaseException:
        found = _in_words(error)
        if isinstance(found, ClusterTrouble) and found.lasting:
            self._spark.release_session_on_close = False  # nobody would hear of it
        return found

    def _wait(self, query: Callable[[], None], over: Event, tag: str, seconds: float) -> None:
        # A daemon: of a server that is gone, nobody waits for an answer at the end of the process.
        Thread(target=query, daemon=True).start()
        try:
            answered = over.wait(seconds)
        except BaseException:
            self._interrupt(tag)
            raise
        if not answered:
            self._interrupt(tag)
            raise ClusterTrouble(f"took longer than {seconds:g} s, and was interrupted")

    def _interrupt(self, tag: str) -> None:
        """Asks the server to stop, and waits for no answer: it may be gone, and so may the session."""

        def interrupt() -> None:
            with suppress(Exception):  # the trouble that it is about is told already
                self._spark.interruptTag(tag)

        Thread(target=interrupt, daemon=True).start()


def _cause(error: BaseException) -> str:
    """Errors of the network tell their details in the midst of much else."""
    told = _DETAILS.search(str(error))
    return cause_of(error) if told is None else told[1]


def _in_words(error: BaseException) -> BaseException:
    if not isinstance(error, Exception):
        return error
    told = f"{type(error).__name__} {error}"
    if _OTHER_PYTHON in told:
        return ClusterTrouble(f"has another version of Python: {cause_of(error)}", lasting=True)
    if any(word in told for word in _AWAY):
        return ClusterTrouble(f"does not answer: {_cause(error)}", lasting=True)
    return ClusterTrouble(f"failed: {cause_of(error)}")
