"""What a worker of the cluster does: it measures the files of one task, by the parts of the scan.

The module is imported on the workers, where the package has to be installed in the version of the process
that asks. No answer is judged there: tallies go back as bytes.
"""

import pickle
from collections.abc import Sequence

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct

from cst_contracts.distributed.outcomes import Counted, sent_outcome
from cst_contracts.distributed.pieces import Piece, answered, load_of, opened
from cst_contracts.engine.access.one_file import WHOLE, rows_of_file
from cst_contracts.engine.rows.elements import ElementPart
from cst_contracts.engine.rows.measure import Part, Scanning, Tally
from cst_contracts.engine.rows.measures import MEASURES
from cst_contracts.engine.rows.meter import Meter
from cst_contracts.engine.rows.order_tally import OrderTally
from cst_contracts.engine.rows.plan import Answer
from cst_contracts.engine.rows.scan import merged, scan
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.needs import AnyRowNeed


class Work(Struct, frozen=True):
    """What all tasks of a scan have in common. `table` is the name of the files in the session here, and
    `relation` that of the table; `schema` is that of their rows. `parts` are the needs of each part that
    the answers make. The fields in `read` are read in full, whoever asks about their values."""

    table: str
    relation: str
    schema: pa.Schema
    answers: tuple[Answer, ...]
    parts: tuple[tuple[AnyRowNeed, ...], ...]
    samples: int
    read: tuple[str, ...] = ()


def sent_work(work: Work) -> bytes:
    return pickle.dumps(work)


def measured(work: bytes, load: bytes) -> bytes:
    """The outcome of one task."""
    wanted = pickle.loads(work)  # noqa: S301 - from the process that asks, which also sends the code that runs here
    pieces = load_of(load).pieces
    (outcome,) = answered(pieces, lambda: iter([sent_outcome(_counted(wanted, pieces))]))
    return outcome


def _counted(work: Work, pieces: Sequence[Piece]) -> Counted:
    rows = _Rows()
    meter = Meter(rows)
    with looking_at(work.relation), meter.reading(work.relation):
        found = [_tallies(work, *each, meter) for each in opened(pieces)]
    tallies = tuple(merged(each).to_bytes() for each in zip(*found, strict=True))
    return Counted(rows.met, tallies)


def _tallies(work: Work, piece: Piece, context: SessionContext, meter: Meter) -> list[Tally]:
    frame = rows_of_file(context, work.table, work.schema, piece.url, dict(piece.outside))
    parts = _parts(work, Scanning(frame, work.schema, work.relation, work.samples))
    tallies = scan(frame, parts, share=piece.share, meter=meter)
    if piece.share == WHOLE:
        for tally in tallies:
            if isinstance(tally, OrderTally):
                tally.end_files()
    return tallies


def _parts(work: Work, scanning: Scanning) -> list[Part]:
    """Those that the process that asks has made of the same answers."""
    if work.read:
        return [ElementPart(work.read, ())]
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
