"""A cluster that scans files instead of this machine, by our own measures.

Its answers are tallies, merged here as those of threads are. What it cannot do is never done here instead: a
user who names a cluster has more rows than this machine should read.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.distributed.placing import why_here
from cst_contracts.distributed.sharing import shared_out
from cst_contracts.distributed.shipping import Ship, shipped, versions_here
from cst_contracts.distributed.trouble import ClusterTrouble, ScanFailed
from cst_contracts.distributed.worker import (
    Counted,
    Failed,
    File,
    Unseen,
    Work,
    outcome_of,
    sent_files,
    sent_work,
)
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.elsewhere import SharedScan
from cst_contracts.engine.rows.measure import Part, Tally
from cst_contracts.engine.rows.plan import Answer, Ordered
from cst_contracts.engine.rows.scan import Tallied, merged
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.listing import sizes
from cst_contracts.facts import CouldNotLook, Trouble

if TYPE_CHECKING:
    from cst_contracts.distributed.connection import Connection, Task

#: A server that is there tells its workers' versions in a moment; one that has to start workers, in minutes.
_FIRST_SECONDS = 300.0
_NO_CLIENT = 'cannot be asked without its client: pip install "cst-contracts[spark]"'


class ClusterAddress(Struct, frozen=True):
    """`url` as Spark Connect writes it, `sc://host:port`; a scan may take `seconds`."""

    url: str
    seconds: float

    @property
    def shown(self) -> str:
        """Without what follows the host: a token may."""
        return f"sc://{urlsplit(self.url).netloc.rpartition('@')[2]}"


class Cluster:
    """Connects when the first scan is sent. Trouble that lasts is met once a run."""

    def __init__(self, address: ClusterAddress) -> None:
        self._address = address
        self._connection: Connection | None = None
        self._lasting: ClusterTrouble | None = None

    @property
    def name(self) -> str:
        return f"on the cluster {self._address.shown}"

    def why_here(self, answer: Answer, files: ScannableFiles) -> str | None:
        return why_here(answer, files)

    def tallied(self, scan: SharedScan) -> list[Tallied]:
        """All parts in one scan; where the engine fails in it, each need alone: one spoils no other."""
        try:
            return self._scanned(scan)
        except ClusterTrouble as error:
            found = f"the cluster {self._address.shown} {error.reason}"
            trouble = CouldNotLook(found, scan.relation, trouble=Trouble.ELSEWHERE)
            return [(part, trouble) for part in scan.parts]
        except IntrospectionError as error:
            return [(part, error.answer) for part in scan.parts]
        except ScanFailed as error:
            alone = [each for part in scan.parts for each in part.apart()]
            if len(alone) == 1:
                location = scan.files.storage.location
                return [(alone[0], CouldNotLook(error.reason, scan.relation, location))]
        return [tallied for part in alone for tallied in self.tallied(_alone(scan, part))]

    def _scanned(self, scan: SharedScan) -> list[Tallied]:
        if not scan.parts:
            return []
        tasks = shared_out(_files(scan))
        ship = shipped(sent_work(_work(scan)), versions_here())
        connection = self._connected()
        told = self._run(connection, ship, [sent_files(files) for files in tasks])
        counted = [_counted(task) for task in told]
        rows = sum(each.rows for each in counted)
        if len(counted) != len(tasks) or (scan.rows is not None and rows != scan.rows):
            raise ClusterTrouble(
                f"has read {rows} rows in {len(counted)} of {len(tasks)} tasks, "
                f"and the footers tell of {scan.rows}"
            )
        return [
            (part, _merged(part, [each.tallies[number] for each in counted]))
            for number, part in enumerate(scan.parts)
        ]

    def _connected(self) -> "Connection":
        """Whose workers have what they need."""
        if self._lasting is not None:
            raise self._lasting
        if self._connection is None:
            connection = self._opened()
            self._refuse_other(self._first_answer(connection))
            self._connection = connection
        return self._connection

    def _first_answer(self, connection: "Connection") -> "Task":
        """Whoever does not give it is not asked again."""
        seconds = min(_FIRST_SECONDS, self._address.seconds)
        try:
            (task,) = connection.run(shipped(None, versions_here()), [b""], seconds)
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

    def _run(self, connection: "Connection", ship: Ship, tasks: Sequence[bytes]) -> "list[Task]":
        try:
            return connection.run(ship, tasks, self._address.seconds)
        except ClusterTrouble as error:
            raise self._last(error) from error

    def _refuse_other(self, task: "Task") -> None:
        if task.trouble:
            reason = f"has workers that lack what they need: {task.trouble}"
            raise self._last(ClusterTrouble(reason, lasting=True))

    def _last(self, error: ClusterTrouble) -> ClusterTrouble:
        if error.lasting:
            self._lasting = error
        return error


def _files(scan: SharedScan) -> list[File]:
    storage = scan.files.storage
    with looking_at(scan.relation, storage.location):
        found = sizes(storage.location, storage.files)
    return [File(url, found.get(url, 0)) for url in storage.files]


def _work(scan: SharedScan) -> Work:
    files = scan.files
    return Work(
        files.table,
        scan.relation,
        _stored(files),
        scan.answers,
        tuple(tuple(part.needs) for part in scan.parts),
        scan.samples,
    )


def _stored(files: ScannableFiles) -> pa.Schema:
    """Of what stands in the files themselves."""
    folders = files.storage.hive_partitions
    fields = [field for field in files.schema if field.name not in folders]
    return pa.schema(fields, files.schema.metadata)


def _counted(task: "Task") -> Counted:
    """Raises ScanFailed, and ClusterTrouble."""
    if task.trouble:
        raise ClusterTrouble(f"has workers that lack what they need: {task.trouble}", lasting=True)
    match outcome_of(task.told):
        case Counted() as counted:
            return counted
        case Unseen(host=host, url=url, observed=observed):
            raise ClusterTrouble(f"has a worker, {host}, that does not see {url}: {observed} there")
        case Failed(reason=reason):
            raise ScanFailed(reason)


def _merged(part: Part, tallies: Sequence[bytes]) -> Tally:
    return merged([part.restored(each) for each in tallies])


def _alone(scan: SharedScan, part: Part) -> SharedScan:
    """The part's own answers, and the keys that ride on them."""
    answers = tuple(
        answer
        for answer in scan.answers
        if (answer.order if isinstance(answer, Ordered) else answer.need) in part.needs
    )
    return replace(scan, answers=answers, parts=(part,))
