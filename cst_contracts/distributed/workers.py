"""The workers of a cluster, which are asked for their versions before anything else."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from cst_contracts.distributed.outcomes import Task
from cst_contracts.distributed.shipping import Ship, shipped, versions_here
from cst_contracts.distributed.trouble import ClusterTrouble

if TYPE_CHECKING:
    from cst_contracts.distributed.connection import Connection

#: A server that is there tells its workers' versions in a moment; one that has to start workers, in minutes.
_FIRST_SECONDS = 300.0
_NO_CLIENT = 'cannot be asked without its client: pip install "cst-contracts[spark]"'
T = TypeVar("T")


class ClusterAddress(Struct, frozen=True):
    """`url` as Spark Connect writes it, `sc://host:port`; a scan may take `seconds`."""

    url: str
    seconds: float

    @property
    def shown(self) -> str:
        """Without what follows the host: a token may."""
        return f"sc://{urlsplit(self.url).netloc.rpartition('@')[2]}"


class Workers:
    """Connects when it is first asked. Trouble that lasts is met once a run. Methods raise ClusterTrouble."""

    def __init__(self, address: ClusterAddress) -> None:
        self._address = address
        self._connection: Connection | None = None
        self._lasting: ClusterTrouble | None = None

    @property
    def shown(self) -> str:
        return self._address.shown

    @property
    def versions(self) -> Mapping[str, str]:
        """What workers compare with theirs before each task."""
        return versions_here()

    def run(self, ship: Ship, loads: Sequence[bytes]) -> list[Task]:
        """What each task tells of itself."""
        return self._answer(lambda talking: talking.run(ship, loads, self._address.seconds))

    def asked(self, question: "Callable[[Connection], T]") -> T:
        """The answer to a question about rows that the tasks give back."""
        seconds = self._address.seconds
        return self._answer(lambda talking: talking.asked(lambda: question(talking), seconds))

    def _answer(self, ask: "Callable[[Connection], T]") -> T:
        connection = self._connected()
        try:
            return ask(connection)
        except ClusterTrouble as error:
            raise self._last(error) from error

    def _connected(self) -> "Connection":
        """Whose workers have what they need."""
        if self._lasting is not None:
            raise self._lasting
        if self._connection is None:
            connection = self._opened()
            self._refuse_other(self._first_answer(connection))
            self._connection = connection
        return self._connection

    def _first_answer(self, connection: "Connection") -> Task:
        """Whoever does not give it is not asked again."""
        seconds = min(_FIRST_SECONDS, self._address.seconds)
        try:
            (task,) = connection.run(shipped(None, self.versions), [b""], seconds)
        except ClusterTrouble as error:
            raise self._last(ClusterTrouble(error.reason, lasting=True)) from error
        return task

    def _opened(self) -> "Connection":
        try:
            # The client belongs to an extra, and takes a second to import.
            from cst_contracts.distributed.connection import Connection  # noqa: PLC0415
        except ImportError as error:
            raise self._last(ClusterTrouble(_NO_CLIENT, lasting=True)) from error
        try:
            return Connection(self._address.url)
        except ClusterTrouble as error:
            raise self._last(error) from error

    def _refuse_other(self, task: Task) -> None:
        if task.trouble:
            reason = f"has workers that lack what they need: {task.trouble}"
            raise self._last(ClusterTrouble(reason, lasting=True))

    def _last(self, error: ClusterTrouble) -> ClusterTrouble:
        if error.lasting:
            self._lasting = error
        return error
