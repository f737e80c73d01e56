"""What a worker does where keys have to meet: it sends those of its files, as hashes or as they are.

The cluster groups them as numbers and bytes, of whose types it knows nothing.
"""

import pickle
from collections.abc import Iterator
from enum import Enum

import pyarrow as pa
import pyarrow.compute as pc
from datafusion import DataFrame, SessionContext, col
from msgspec import Struct

from cst_contracts.distributed.outcomes import Gathered, sent_outcome
from cst_contracts.distributed.pieces import Load, Piece, answered, load_of, opened
from cst_contracts.engine.access.one_file import rows_of_file
from cst_contracts.engine.rows.key_tally import hash_of, without_value
from cst_contracts.engine.rows.stretches import FILE, ROW
from cst_contracts.engine.rows.written_keys import copied, written_keys
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.sql.keys import PLACES, flattened, key_column
from cst_contracts.sql.names import identifier

_HASH, _MISSING = "__cst_hash", "__cst_missing"


class Sending(Enum):
    """What of each key is sent: its hash, its value, or its value with the place of its row."""

    HASHES = "hashes"
    VALUES = "values"
    PLACES = "places"


class Side(Struct, frozen=True):
    """The keys at `paths` of one table, whose files are known as `table` here; `schema` is that of their
    rows."""

    table: str
    relation: str
    schema: pa.Schema
    paths: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        return [key_column(number) for number in range(len(self.paths))]


class KeyWork(Struct, frozen=True):
    """What all tasks have in common. Where `among` is not None, keys of other hashes are left out."""

    sides: tuple[Side, ...]
    sending: Sending
    among: tuple[int, ...] | None = None


class Keys(Struct):
    """How many of a task's keys have no null, and how many take no part."""

    complete: int = 0
    incomplete: int = 0


def sent_key_work(work: KeyWork) -> bytes:
    return pickle.dumps(work)


def gathered(work: bytes, load: bytes) -> Iterator[dict[str, pa.Array] | bytes]:
    """Columns of keys, and last the outcome of the task. Where places are sent, a task that cannot send all
    of them raises what stood in the way: nobody counts them."""
    wanted: KeyWork = pickle.loads(work)  # noqa: S301 - from the process that asks, which also sends the code that runs here
    own = load_of(load)
    if wanted.sending is Sending.PLACES:
        return _counted(wanted, own)
    return answered(own.pieces, lambda: _counted(wanted, own))


def _counted(work: KeyWork, load: Load) -> Iterator[dict[str, pa.Array] | bytes]:
    counted = Keys()
    yield from _gathered(work, load, counted)
    yield sent_outcome(Gathered(counted.complete, counted.incomplete))


def _gathered(work: KeyWork, load: Load, counted: Keys) -> Iterator[dict[str, pa.Array]]:
    side = work.sides[load.side]
    for piece, context in opened(load.pieces):
        with looking_at(side.relation, piece.url):
            for batch in _batches(work, side, piece, context):
                missing = batch.column(_MISSING)
                counted.incomplete += missing.true_count
                counted.complete += batch.num_rows - missing.true_count
                yield _columns(work, load.side, batch, _wanted(work, batch))


def _batches(
    work: KeyWork, side: Side, piece: Piece, context: SessionContext
) -> Iterator[pa.RecordBatch]:
    frame = _keys(work, side, piece, context)
    for stream in piece.share.picked(frame.execute_stream_partitioned()):
        for batch in stream:
            yield batch.to_pyarrow()


def _keys(work: KeyWork, side: Side, piece: Piece, context: SessionContext) -> DataFrame:
    rows_of_file(context, side.table, side.schema, piece.url, dict(piece.outside))
    carried = PLACES if work.sending is Sending.PLACES else {}
    rows = context.sql(flattened(side.schema, side.table, side.paths, carried))
    read = [] if work.sending is Sending.HASHES else [*carried, *side.columns]
    columns = [col(identifier(name)) for name in read]
    if work.sending is Sending.HASHES or work.among is not None:
        columns.append(hash_of(side.columns).alias(_HASH))
    return rows.select(*columns, without_value(side.columns).alias(_MISSING))


def _wanted(work: KeyWork, batch: pa.RecordBatch) -> pa.BooleanArray:
    """Past a filter, DataFusion 55 may no longer know where a row stands, therefore rows are picked here."""
    wanted = pc.invert(batch.column(_MISSING))
    if work.among is None:
        return wanted
    return pc.and_(wanted, pc.is_in(batch.column(_HASH), pa.array(work.among, pa.int64())))


def _columns(
    work: KeyWork, side: int, batch: pa.RecordBatch, wanted: pa.BooleanArray
) -> dict[str, pa.Array]:
    if work.sending is Sending.HASHES:
        return {"hash": batch.column(_HASH).filter(wanted)}
    keys = [copied(batch.column(name)).filter(wanted) for name in work.sides[side].columns]
    columns = {"side": pa.array([side] * len(keys[0]), pa.int32()), "value": written_keys(keys)}
    if work.sending is Sending.PLACES:
        columns["file"] = batch.column(FILE).cast(pa.string()).filter(wanted)
        columns["row"] = batch.column(ROW).cast(pa.int64()).filter(wanted)
    return columns
