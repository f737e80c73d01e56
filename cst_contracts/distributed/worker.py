"""What a worker of the cluster does: it measures the files of one task, by the parts of the scan.

The module is imported on the workers, where the package has to be installed in the version of the process
that asks. No answer is judged there: tallies go back as bytes.
"""

import pickle
from collections.abc import Iterator, Sequence
from platform import node

import msgspec
import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct
from pyarrow.fs import FileType

from cst_contracts.engine.access.files import READING
from cst_contracts.engine.access.one_file import rows_of_file
from cst_contracts.engine.rows.measure import Part, Scanning, Tally
from cst_contracts.engine.rows.measures import MEASURES
from cst_contracts.engine.rows.meter import Meter
from cst_contracts.engine.rows.plan import Answer
from cst_contracts.engine.rows.scan import merged, scan
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.places import info_of
from cst_contracts.needs import AnyRowNeed


class File(Struct, frozen=True):
    url: str
    size: int


class Work(Struct, frozen=True):
    """What all tasks of a scan have in common. `table` is the name of the files in the session here, and
    `relation` that of the table; `schema` is of what stands in them. `parts` are the needs of each part that
    the answers make."""

    table: str
    relation: str
    schema: pa.Schema
    answers: tuple[Answer, ...]
    parts: tuple[tuple[AnyRowNeed, ...], ...]
    samples: int


class Counted(Struct, frozen=True, tag="counted"):
    """Of all files of a task: a tally for each part."""

    rows: int
    tallies: tuple[bytes, ...]


class Unseen(Struct, frozen=True, tag="unseen"):
    """A file is not to be found on the worker, or is another one there."""

    host: str
    url: str
    observed: str


class Failed(Struct, frozen=True, tag="failed"):
    """The engine could not read the rows."""

    reason: str


Outcome = Counted | Unseen | Failed


def sent_work(work: Work) -> bytes:
    return pickle.dumps(work)


def sent_files(files: Sequence[File]) -> bytes:
    return msgspec.msgpack.encode(files)


_OUTCOMES: msgspec.msgpack.Decoder[Outcome] = msgspec.msgpack.Decoder(Outcome)


def outcome_of(told: bytes) -> Outcome:
    return _OUTCOMES.decode(told)


def measured(work: bytes, files: bytes) -> bytes:
    """The outcome of one task, as `outcome_of` reads it."""
    wanted = pickle.loads(work)  # noqa: S301 - from the process that asks, which also sends the code that runs here
    own = msgspec.msgpack.decode(files, type=list[File])
    return msgspec.msgpack.encode(_measured(wanted, own))


def _measured(work: Work, files: Sequence[File]) -> Outcome:
    try:
        unseen = next(_unseen(files), None)
        return _counted(work, files) if unseen is None else unseen
    except IntrospectionError as error:
        return Failed(error.reason)


def _unseen(files: Sequence[File]) -> Iterator[Unseen]:
    for file in files:
        with looking_at(None, file.url):
            info = info_of(file.url)
        if info.type is not FileType.File:
            yield Unseen(node(), file.url, "no such file")
        elif info.size != file.size:
            yield Unseen(node(), file.url, f"a file of {info.size} bytes, not {file.size}")


def _counted(work: Work, files: Sequence[File]) -> Counted:
    # One partition: a task is one of many on its machine, and a file's rows come in the file's order.
    settings = {**READING, "datafusion.execution.target_partitions": "1"}
    context = open_believing_nothing(settings, stores=[file.url for file in files])
    rows = _Rows()
    meter = Meter(rows)
    with looking_at(work.relation), meter.reading(work.relation):
        found = [_tallies(context, work, file, meter) for file in files]
    tallies = tuple(merged(each).to_bytes() for each in zip(*found, strict=True))
    return Counted(rows.met, tallies)


def _tallies(context: SessionContext, work: Work, file: File, meter: Meter) -> list[Tally]:
    frame = rows_of_file(context, work.table, work.schema, file.url)
    parts = _parts(work, Scanning(frame, work.schema, work.relation, work.samples))
    return scan(frame, parts, meter=meter)


def _parts(work: Work, scanning: Scanning) -> list[Part]:
    """Those that the process that asks has made of the same answers."""
    parts = [
        part for measure in MEASURES.values() for part in measure.parts(work.answers, scanning)
    ]
    if tuple(tuple(part.needs) for part in parts) != work.parts:
        raise IntrospectionError("the worker's engine plans other parts", relation=work.relation)
    return parts


class _Rows:
    """Counts the rows that a scan meets."""

    def __init__(self) -> None:
        self.met = 0

    def started(self, relation: str, bytes_total: int | None) -> None:
        """Only rows are counted."""

    def advanced(self, bytes_read: int, rows: int) -> None:  # noqa: ARG002
        self.met += rows

    def finished(self, relation: str) -> None:
        """Only rows are counted."""
