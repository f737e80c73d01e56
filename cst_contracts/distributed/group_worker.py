"""What workers do for an aggregate: some compute parts of it, others put these together.

What the former send travels in blocks, which the cluster deals out by the number of their bucket: all that
has to meet is in buckets of the same number.
"""

import pickle
from collections.abc import Iterator, Sequence

import pyarrow as pa
from datafusion import SessionContext, col
from msgspec import Struct

from cst_contracts.contract.model import AggregateContract
from cst_contracts.distributed.outcomes import (
    Aggregated,
    Failed,
    Gathered,
    Grouped,
    sent_outcome,
)
from cst_contracts.distributed.pieces import Load, Piece, answered, load_of, opened
from cst_contracts.engine.access.one_file import rows_of_file
from cst_contracts.engine.rows.aggregate_parts import PartedAggregate
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.sql.names import identifier

#: So many rows are held before they are aggregated.
_ROWS = 262_144
#: So many groups, or rows, are sent in a block, which has to stay well below what a message may hold.
_GROUPS = 16_384


class GroupWork(Struct, frozen=True):
    """What all tasks have in common. `table` is the name of the files in the session here, and `schema` is
    that of their rows. What has to meet is dealt out to so many `buckets`."""

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
    """Blocks of what is sent of a task's files, and last the outcome of the task."""
    wanted: GroupWork = pickle.loads(work)  # noqa: S301 - from the process that asks, which also sends the code that runs here
    own = load_of(load)
    return answered(own.pieces, lambda: _gathered(wanted, own))


def _gathered(work: GroupWork, load: Load) -> Iterator[dict[str, pa.Array] | bytes]:
    parted, counted = work.parted(), _Rows()
    for part in _sent(parted, _parts(work, parted, load, counted)):
        yield from _blocks(parted, part, work.buckets)
    yield sent_outcome(Gathered(counted.met, 0))


def grouped(work: bytes, blocks: Sequence[bytes]) -> bytes:
    """The outcome of what is in these blocks, of which no other worker has a part."""
    wanted: GroupWork = pickle.loads(work)  # noqa: S301 - the same
    try:
        parted = wanted.parted()
        found = parted.of_groups(parted.merged([table_in(each) for each in blocks]))
        return sent_outcome(_outcome(parted, found))
    except IntrospectionError as error:
        return sent_outcome(Failed(error.reason, error.trouble))


def _outcome(parted: PartedAggregate, found: pa.Table) -> Grouped | Aggregated:
    if not parted.per:
        return Aggregated(sent_table(found))
    told = parted.told(found)
    return Grouped(
        told.rows,
        told.groups,
        told.false,
        told.null,
        sent_table(told.largest_false),
        sent_table(told.largest_null),
    )


def sent_table(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    sent: bytes = sink.getvalue().to_pybytes()
    return sent


def table_in(sent: bytes) -> pa.Table:
    return pa.ipc.open_stream(sent).read_all()


class _Rows:
    """Counts the rows that were met."""

    def __init__(self) -> None:
        self.met = 0


def _sent(parted: PartedAggregate, parts: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """What is small is sent at once for all files."""
    if parted.is_small:
        yield parted.merged([parted.part([]), *parts])
    else:
        yield from parts


def _parts(
    work: GroupWork, parted: PartedAggregate, load: Load, counted: _Rows
) -> Iterator[pa.Table]:
    for piece, context in opened(load.pieces):
        with looking_at(work.relation, piece.url):
            for batches in _held(_batches(work, parted.columns, piece, context)):
                counted.met += sum(each.num_rows for each in batches)
                yield parted.part(batches)


def _held(batches: Iterator[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """So many at once as are worth aggregating together."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(each.num_rows for each in held) >= _ROWS:
            yield held
            held = []
    yield held


def _batches(
    work: GroupWork, columns: Sequence[str], piece: Piece, context: SessionContext
) -> Iterator[pa.RecordBatch]:
    frame = rows_of_file(context, work.table, work.schema, piece.url, dict(piece.outside))
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
