"""What workers do for an aggregate: some compute it of their files' rows, others put groups together.

Groups travel in blocks, which the cluster deals out by the number of their bucket: all parts of a group are
in buckets of the same number.
"""

import pickle
from collections.abc import Iterator, Sequence

import pyarrow as pa
from datafusion import SessionContext, col
from msgspec import Struct

from cst_contracts.contract.model import AggregateContract
from cst_contracts.distributed.outcomes import Failed, Gathered, Grouped, sent_outcome
from cst_contracts.distributed.pieces import Piece, load_of, opened, unseen
from cst_contracts.engine.access.one_file import rows_of_file
from cst_contracts.engine.rows.aggregate_parts import PartedAggregate
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.sql.names import identifier

#: So many rows are held before they are aggregated.
_ROWS = 262_144
#: So many groups are sent in a block, which has to stay well below what a message may hold.
_GROUPS = 16_384


class GroupWork(Struct, frozen=True):
    """What all tasks have in common. `table` is the name of the files in the session here, and `schema` is of
    what stands in them. Groups are dealt out to so many `buckets`."""

    table: str
    relation: str
    schema: pa.Schema
    aggregate: AggregateContract
    buckets: int

    def parted(self) -> PartedAggregate:
        """Raises IntrospectionError."""
        return PartedAggregate(self.relation, self.aggregate, self.schema)


def sent_group_work(work: GroupWork) -> bytes:
    return pickle.dumps(work)


def gathered(work: bytes, load: bytes) -> Iterator[dict[str, pa.Array] | bytes]:
    """Blocks of the groups in a task's files, and last the outcome of the task."""
    wanted: GroupWork = pickle.loads(work)  # noqa: S301 - from the process that asks, which also sends the code that runs here
    own = load_of(load)
    try:
        first = next(unseen(own.pieces), None)
        if first is not None:
            yield sent_outcome(first)
            return
        found = _Found(wanted.parted())
        for piece, context in opened(own.pieces):
            with looking_at(wanted.relation, piece.url):
                found.add(_batches(wanted, found.parted.columns, piece, context))
        yield from _blocks(found.parted, found.merged(), wanted.buckets)
        yield sent_outcome(Gathered(found.rows, 0))
    except IntrospectionError as error:
        yield sent_outcome(Failed(error.reason, error.trouble))


def grouped(work: bytes, blocks: Sequence[bytes]) -> bytes:
    """The outcome of the groups in these blocks, of which no other worker has a part."""
    wanted: GroupWork = pickle.loads(work)  # noqa: S301 - the same
    try:
        parted = wanted.parted()
        told = parted.told(parted.merged([table_in(each) for each in blocks]))
    except IntrospectionError as error:
        return sent_outcome(Failed(error.reason, error.trouble))
    return sent_outcome(
        Grouped(
            told.rows,
            told.groups,
            told.false,
            told.null,
            sent_table(told.largest_false),
            sent_table(told.largest_null),
            None if told.values is None else sent_table(told.values),
        )
    )


def sent_table(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    sent: bytes = sink.getvalue().to_pybytes()
    return sent


def table_in(sent: bytes) -> pa.Table:
    return pa.ipc.open_stream(sent).read_all()


class _Found:
    """What is aggregated of the rows that were met."""

    def __init__(self, parted: PartedAggregate) -> None:
        self.parted, self.rows = parted, 0
        self._parts: list[pa.Table] = []

    def add(self, batches: Iterator[pa.RecordBatch]) -> None:
        held: list[pa.RecordBatch] = []
        for batch in batches:
            held.append(batch)
            self.rows += batch.num_rows
            if sum(each.num_rows for each in held) >= _ROWS:
                self._parts.append(self.parted.part(held))
                held = []
        self._parts.append(self.parted.part(held))

    def merged(self) -> pa.Table:
        return self.parted.merged(self._parts)


def _batches(
    work: GroupWork, columns: Sequence[str], piece: Piece, context: SessionContext
) -> Iterator[pa.RecordBatch]:
    frame = rows_of_file(context, work.table, work.schema, piece.url)
    rows = frame.select(*(col(identifier(name)) for name in columns))
    for stream in piece.share.picked(rows.execute_stream_partitioned()):
        for batch in stream:
            yield batch.to_pyarrow()


def _blocks(
    parted: PartedAggregate, found: pa.Table, buckets: int
) -> Iterator[dict[str, pa.Array]]:
    for bucket, groups in parted.buckets(found, buckets):
        for start in range(0, groups.num_rows, _GROUPS):
            block = sent_table(groups.slice(start, _GROUPS))
            yield {
                "bucket": pa.array([bucket], pa.int32()),
                "block": pa.array([block], pa.binary()),
            }
