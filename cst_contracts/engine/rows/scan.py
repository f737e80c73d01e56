"""Reads rows once for all measures that want something of them.

Each partition of the engine's plan is a stream of batches in the order of its files, and a thread reads it
with tallies of its own; they are merged at the end. What the engine computes best (rules, hashes) it hands
over as columns; nulls and sort order are read off the arrays as they are stored, past any declaration.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import partial
from typing import TypeAlias

import pyarrow as pa
from datafusion import DataFrame, Expr, col, lit
from datafusion import functions as f
from msgspec import Struct

from cst_contracts.engine.access.one_file import Share
from cst_contracts.engine.rows.measure import Part, Tally
from cst_contracts.engine.rows.meter import UNWATCHED, Meter
from cst_contracts.engine.rows.results import Results
from cst_contracts.engine.rows.stretches import FILE, ROW, Stretch, stretches
from cst_contracts.engine.rows.threads import Batches, read_streams
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import partitions_of
from cst_contracts.facts import CouldNotLook, Trouble
from cst_contracts.needs import RuleNeed
from cst_contracts.sql.names import HIVE_NULL, identifier


class InOrder(Struct, frozen=True):
    """Rows that come on one partition in the order in which they stand in `file`, the first of them as its
    row number `start`. Other scans ask the engine for the places of rows, which it knows of Parquet files
    only."""

    file: str
    start: int = 0


#: What a part has tallied, or what stood in the way.
Tallied: TypeAlias = tuple[Part, Tally | CouldNotLook]


def scan(
    frame: DataFrame,
    parts: Sequence[Part],
    *,
    null_folders: Set[str] = frozenset(),
    in_order: InOrder | None = None,
    share: Share | None = None,
    named: str | None = None,
    meter: Meter = UNWATCHED,
) -> list[Tally]:
    """One tally for each part, of all rows, or of a `share` of a file's. Partition fields in `null_folders`
    have folders that are named for no value. Rows that are all of one file are `named` as being of that.
    Raises what the engine raises."""
    by_engine = in_order is None and any(part.placed for part in parts)
    columns = places() if by_engine else []
    fields = dict.fromkeys(name for part in parts for name in part.fields)
    columns.extend(_stored(name, null_folders) for name in fields)
    columns.extend(column for part in parts for column in part.columns)
    streams = partitions_of(frame.select(*columns))
    if share is not None:
        streams = share.picked(streams)
    cut = partial(stretches, named=named) if by_engine else None
    return tally(streams, parts, cut, in_order, meter)


def tally(
    streams: Sequence[Batches],
    parts: Sequence[Part],
    cut: Callable[[pa.RecordBatch], Iterable[Stretch]] | None = None,
    in_order: InOrder | None = None,
    meter: Meter = UNWATCHED,
) -> list[Tally]:
    """Of batches that have all columns that the parts want. `cut` knows the places of their rows."""
    threads = max(1, len(streams))
    by_part: list[Sequence[Tally]] = [part.tallies(threads) for part in parts]
    readers = [
        _Reader([tallies[number] for tallies in by_part], cut, in_order, meter).add
        for number in range(threads)
    ]
    read_streams(streams or [()], readers)
    return [merged(tallies) for tallies in by_part]


def scan_apart(
    parts: Sequence[Part],
    read: Callable[[Sequence[Part]], Sequence[Tally]],
    relation: str,
    location: str | None = None,
) -> list[Tallied]:
    """All parts in one scan; where that fails, each need is scanned for alone: one spoils no other."""
    if not parts:
        return []
    try:
        with looking_at(relation, location):
            return list(zip(parts, read(parts), strict=True))
    except IntrospectionError as error:
        groups = _split(parts, error.trouble)
        if len(groups) == 1:
            return [(part, error.answer) for part in parts]
    return [tallied for group in groups for tallied in scan_apart(group, read, relation, location)]


def _split(parts: Sequence[Part], trouble: Trouble) -> list[list[Part]]:
    """What takes too long together takes as long for every need that only reads: but for the rules, of which
    one may take its time, nothing is tried again alone."""
    if trouble is not Trouble.SLOW:
        return [[each] for part in parts for each in part.apart()]
    ruled = [[part] for part in parts if _computes(part)]
    reading = [part for part in parts if not _computes(part)]
    return [reading, *ruled] if reading else ruled


def _computes(part: Part) -> bool:
    return any(isinstance(need, RuleNeed) for need in part.needs)


def results_of(tallied: Iterable[Tallied]) -> Results:
    """What tallies answer by themselves, and the troubles of the others."""
    results: Results = {}
    for part, each in tallied:
        if isinstance(each, CouldNotLook):
            results.update(dict.fromkeys(part.needs, each))
        else:
            results.update(each.answers())
    return results


def merged(tallies: Sequence[Tally]) -> Tally:
    first, *others = tallies
    for other in others:
        first.merge(other)
    return first


def places() -> list[Expr]:
    """Where a row stands, in the engine's words."""
    return [f.input_file_name().alias(FILE), f.file_row_index().alias(ROW)]


def _stored(name: str, null_folders: Set[str]) -> Expr:
    stored = col(identifier(name))
    return f.nullif(stored, lit(HIVE_NULL)).alias(name) if name in null_folders else stored


class _Reader:
    """One thread's."""

    def __init__(
        self,
        tallies: Sequence[Tally],
        cut: Callable[[pa.RecordBatch], Iterable[Stretch]] | None,
        in_order: InOrder | None,
        meter: Meter,
    ) -> None:
        self._tallies = tallies
        self._cut = cut
        self._file = "" if in_order is None else in_order.file
        self._next = 0 if in_order is None else in_order.start
        self._meter = meter

    def add(self, batch: pa.RecordBatch) -> None:
        for stretch in self._stretches(batch):
            for each in self._tallies:
                each.add(stretch)
        self._meter.advanced(batch.num_rows)

    def _stretches(self, batch: pa.RecordBatch) -> Iterator[Stretch]:
        if self._cut is not None:
            yield from self._cut(batch)
        elif batch.num_rows:
            yield Stretch(batch, self._file, self._next)
            self._next += batch.num_rows
