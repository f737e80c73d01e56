"""Tallies how far the rows of files stand in order, whichever thread meets them."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from itertools import pairwise
from typing import TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datafusion import Expr
from msgspec import Struct, field
from msgspec.structs import replace

from cst_contracts.engine.rows.measure import Keeping
from cst_contracts.engine.rows.neighbours import comparable, neighbours, shown_row
from cst_contracts.engine.rows.places import Places
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.facts import KeyCount, Misplaced, RowOrder, SortTerm
from cst_contracts.needs import AnyRowNeed, KeyNeed, OrderNeed

_EXAMPLES = 3


class Edge(Struct, frozen=True):
    """The first and the last row of a stretch, as arrays of one row."""

    file: str
    start: int
    end: int
    first: tuple[pa.Array, ...]
    last: tuple[pa.Array, ...]


class OrderPart(Struct, frozen=True):
    """Neighbours are compared by `terms`. The first of these make the `key`, where one is answered with the
    order."""

    need: OrderNeed
    terms: tuple[SortTerm, ...]
    samples: int = 0
    key: KeyNeed | None = None

    @property
    def needs(self) -> tuple[OrderNeed, ...]:
        return (self.need,)

    @property
    def fields(self) -> Sequence[str]:
        return [term.field for term in self.terms]

    @property
    def columns(self) -> Sequence[Expr]:
        return ()

    @property
    def placed(self) -> bool:
        return True

    @property
    def keeping(self) -> Keeping:
        """The ends of stretches are rows, and so are examples."""
        terms = [(each.field, each.descending, each.nulls_first) for each in self.terms]
        asks = "order", terms, 0 if self.key is None else len(self.key.paths), self.samples
        return Keeping(asks, tuple(each.field for each in self.terms))

    def tallies(self, number: int) -> Sequence["OrderTally"]:
        return [OrderTally(self, Places(self.samples)) for _ in range(number)]

    def restored(self, data: bytes) -> "OrderTally":
        counts, edges = msgspec.msgpack.decode(data, type=tuple[_Counts, bytes])
        return OrderTally(
            self,
            counts.places,
            counts.rows,
            counts.violations,
            counts.ties,
            counts.nulls,
            counts.examples,
            _read_edges(counts.spans, edges),
        )

    def apart(self) -> Sequence["OrderPart"]:
        return (self,)

    def settled(self, tally: "OrderTally") -> Mapping[AnyRowNeed, RowOrder | KeyCount]:
        return tally.answers()


#: The file of an edge, its start and its end.
_Span: TypeAlias = tuple[str, int, int]


class _Counts(Struct, frozen=True):
    """What travels of a tally, beside the edges."""

    places: Places
    rows: int
    violations: int
    ties: int
    nulls: int
    examples: list[Misplaced]
    spans: list[_Span]


class OrderTally(Struct):
    """`edges` are the ends of all stretches: a violation may lie between two of them."""

    part: OrderPart
    places: Places
    rows: int = 0
    violations: int = 0
    ties: int = 0
    nulls: int = 0
    examples: list[Misplaced] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    @property
    def terms(self) -> tuple[SortTerm, ...]:
        return self.part.terms

    @property
    def prefix(self) -> int:
        """How many leading terms make a key whose neighbours are counted."""
        return 0 if self.part.key is None else len(self.part.key.paths)

    def add(self, stretch: Stretch) -> None:
        columns = [comparable(stretch.column(term.field)) for term in self.terms]
        self.rows += stretch.batch.num_rows
        self._compare(columns, stretch)
        if self.prefix:
            self.nulls += sum(column.null_count for column in columns[: self.prefix])
        last = len(columns[0]) - 1
        self.edges.append(
            Edge(
                stretch.file,
                stretch.start,
                stretch.end,
                tuple(_one_row(column, 0) for column in columns),
                tuple(_one_row(column, last) for column in columns),
            )
        )

    def _compare(self, columns: Sequence[pa.Array], stretch: Stretch) -> None:
        behind, tied = neighbours(columns, self.terms)
        found = int(np.count_nonzero(behind))
        if self.prefix == len(self.terms):
            self.ties += int(np.count_nonzero(tied))
        elif self.prefix:
            _, tied = neighbours(columns[: self.prefix], self.terms[: self.prefix])
            self.ties += int(np.count_nonzero(tied))
        if not found:
            return
        self.violations += found
        rows = np.flatnonzero(behind)
        self.places.add(stretch, (int(row) + 1 for row in rows))
        for row in map(int, rows[:_EXAMPLES]):
            shown = shown_row(columns, row), shown_row(columns, row + 1)
            self.examples.append(Misplaced(stretch.file, stretch.start + row + 1, *shown))
        self._keep_first_examples()

    def _keep_first_examples(self) -> None:
        self.examples.sort(key=lambda each: (each.file, each.row))
        del self.examples[_EXAMPLES:]

    def merge(self, other: "OrderTally") -> None:
        self.rows += other.rows
        self.violations += other.violations
        self.ties += other.ties
        self.nulls += other.nulls
        self.examples.extend(other.examples)
        self._keep_first_examples()
        self.edges.extend(other.edges)
        self.places.merge(other.places)

    def answers(self) -> Mapping[AnyRowNeed, RowOrder | KeyCount]:
        """The key's, too, where neighbours tell that no two rows share it."""
        whole = self._stitched()
        examples, samples = tuple(whole.examples), whole.places.samples()
        order = RowOrder(whole.rows, whole.violations, examples, samples=samples)
        answers: dict[AnyRowNeed, RowOrder | KeyCount] = {self.part.need: order}
        if self.part.key is not None and whole._is_unique():
            answers[self.part.key] = KeyCount(whole.rows, 0, 0)
        return answers

    def to_bytes(self) -> bytes:
        """With one pair of edges of all rows that follow each other, however many batches they came in."""
        joined = self._copied()
        joined._join()
        counts = _Counts(
            joined.places,
            joined.rows,
            joined.violations,
            joined.ties,
            joined.nulls,
            joined.examples,
            [(edge.file, edge.start, edge.end) for edge in joined.edges],
        )
        return msgspec.msgpack.encode((counts, _written_edges(joined.edges)))

    def end_files(self) -> None:
        """Lets go of the ends of files that have been met as a whole, but for those that tell whether a key
        is in two files."""
        self._join()
        if not self.prefix:
            self.edges = []

    def apart(self) -> Sequence[bytes]:
        """Of the one file that the rows are of: a violation may not lie between its stretches any more."""
        whole = self._stitched()
        whole.places = whole.places.few()
        whole.edges = [_joined(*ends) for ends in whole._ends_of_files()]
        return (whole.to_bytes(),)

    def take(self, data: bytes, file: str) -> None:
        other = self.part.restored(data)
        other.places = other.places.within(file)
        other.examples = [replace(each, file=file) for each in other.examples]
        other.edges = [replace(each, file=file) for each in other.edges]
        self.merge(other)

    def _stitched(self) -> "OrderTally":
        """A tally of its own, with what lies between stretches: more rows may be merged into this one."""
        whole = self._copied()
        whole._stitch()
        return whole

    def _copied(self) -> "OrderTally":
        whole = copy(self)
        whole.places = Places(self.places.most, list(self.places.found))
        whole.examples, whole.edges = list(self.examples), list(self.edges)
        return whole

    def _join(self) -> None:
        """Makes one edge of those that meet, once they are compared."""
        joined: list[Edge] = []
        for edge in sorted(self.edges, key=_place):
            before = joined[-1] if joined else None
            if before is None or (before.file, before.end) != (edge.file, edge.start):
                joined.append(edge)
                continue
            self._compare_edges(before, edge)
            joined[-1] = replace(before, end=edge.end, last=edge.last)
        self.edges = joined
        self._keep_first_examples()

    def _stitch(self) -> None:
        self.edges.sort(key=_place)
        for one, other in pairwise(self.edges):
            if one.file == other.file:
                self._compare_edges(one, other)
        self._keep_first_examples()

    def _compare_edges(self, one: Edge, other: Edge) -> None:
        """The last row of the one with the first of the other."""
        pair = [
            pa.concat_arrays([last, first])
            for last, first in zip(one.last, other.first, strict=True)
        ]
        names = [str(number) for number in range(len(pair))]
        stretch = Stretch(pa.record_batch(pair, names), one.file, one.end - 1)
        behind, tied = neighbours(pair, self.terms)
        if self.prefix:
            _, tied = neighbours(pair[: self.prefix], self.terms[: self.prefix])
            self.ties += int(tied[0])
        if behind[0]:
            self.violations += 1
            shown = shown_row(pair, 0), shown_row(pair, 1)
            self.examples.append(Misplaced(one.file, other.start, *shown))
            self.places.add(stretch, [1])

    def _is_unique(self) -> bool:
        """Whether neighbours prove that the leading terms are a key. Across files they do where no key of
        one can be in another."""
        disturbed = self.violations or self.nulls or self.ties
        return bool(self.prefix and not disturbed and self._files_apart())

    def _files_apart(self) -> bool:
        """Whether the key ranges of files do not touch, as of [1, 2] and [3, 4]; those of [1, 3] and [2, 4]
        do, so that a key of the one may be in the other.

        The files are sorted by their first keys. Then the list of each file's first and last key, as
        1, 2, 3, 4, has to be in order, and the last key of one file must not be the first of the next.
        """
        if len({edge.file for edge in self.edges}) < 2:
            return True
        terms, ends = self.terms[: self.prefix], self._ends_of_files()
        columns = [
            pa.concat_arrays(
                [row for first, last in ends for row in (first.first[n], last.last[n])]
            )
            for n in range(self.prefix)
        ]
        names = [str(number) for number in range(self.prefix)]
        directions = ["descending" if term.descending else "ascending" for term in terms]
        firsts = pa.table([column.take(_evens(column)) for column in columns], names)
        order = pc.sort_indices(firsts, list(zip(names, directions, strict=True)))
        rows = np.asarray(order, np.int64).repeat(2) * 2 + np.tile([0, 1], len(order))
        behind, tied = neighbours([column.take(pa.array(rows)) for column in columns], terms)
        # A file's own first and last row may be one; the last of one and the first of the next must not.
        return not behind.any() and not tied[1::2].any()

    def _ends_of_files(self) -> Collection[tuple[Edge, Edge]]:
        """The first and the last stretch of each file, of edges that are sorted."""
        ends: dict[str, tuple[Edge, Edge]] = {}
        for edge in self.edges:
            first, _ = ends.get(edge.file, (edge, edge))
            ends[edge.file] = (first, edge)
        return ends.values()


def _joined(first: Edge, last: Edge) -> Edge:
    """The ends of what lies between two stretches of one file."""
    return Edge(first.file, first.start, last.end, first.first, last.last)


def _place(edge: Edge) -> tuple[str, int]:
    return edge.file, edge.start


def _evens(column: pa.Array) -> pa.Array:
    return pa.array(np.arange(0, len(column), 2))


def _one_row(column: pa.Array, index: int) -> pa.Array:
    """A copy: a slice would keep the whole batch, and a view its texts."""
    one = column.slice(index, 1)
    if pa.types.is_string_view(one.type):
        return one.cast(pa.large_string())
    if pa.types.is_binary_view(one.type):
        return one.cast(pa.large_binary())
    return pa.concat_arrays([one])


def _written_edges(edges: Sequence[Edge]) -> bytes:
    """The rows of all edges, as an Arrow IPC stream: of each edge the first and then the last. No bytes for
    none, whose types nobody knows."""
    if not edges:
        return b""
    rows = [row for edge in edges for row in (edge.first, edge.last)]
    columns = [pa.concat_arrays(column) for column in zip(*rows, strict=True)]
    batch = pa.record_batch(columns, [str(n) for n in range(len(columns))])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def _read_edges(spans: Sequence[_Span], data: bytes) -> list[Edge]:
    if not spans:
        return []
    with pa.ipc.open_stream(data) as reader:
        columns = reader.read_next_batch().columns
    rows = [tuple(_one_row(column, row) for column in columns) for row in range(2 * len(spans))]
    return [
        Edge(*span, rows[2 * number], rows[2 * number + 1]) for number, span in enumerate(spans)
    ]
