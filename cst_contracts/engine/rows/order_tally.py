"""Stretches of rows to how far they stand in order, whatever thread meets them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct, field
from msgspec.structs import replace

from cst_contracts.engine.rows.row_order import comparable, neighbours, shown_row
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.engine.rows.tallies import Places
from cst_contracts.facts import Misplaced, RowOrder, SortTerm

_EXAMPLES = 3


class Edge(Struct, frozen=True):
    """The first and the last row of a stretch, as arrays of one row."""

    file: str
    start: int
    end: int
    first: tuple[pa.Array, ...]
    last: tuple[pa.Array, ...]


class OrderTally(Struct):
    """`prefix` leading terms make a key whose neighbours are counted, 0 for none."""

    terms: tuple[SortTerm, ...]
    prefix: int
    places: Places
    rows: int = 0
    violations: int = 0
    ties: int = 0
    nulls: int = 0
    examples: list[Misplaced] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

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

    def together(self, others: Iterable[Self]) -> Self:
        whole = replace(self)
        for other in others:
            whole.rows += other.rows
            whole.violations += other.violations
            whole.ties += other.ties
            whole.nulls += other.nulls
            whole.examples = [*whole.examples, *other.examples]
            whole.edges = [*whole.edges, *other.edges]
            whole.places = Places(whole.places.most, [*whole.places.found, *other.places.found])
        whole._stitch()
        return whole

    def _stitch(self) -> None:
        """A violation may lie between two stretches of a file."""
        self.edges.sort(key=lambda edge: (edge.file, edge.start))
        followed = [(one, other) for one, other in pairwise(self.edges) if one.file == other.file]
        for one, other in followed:
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
        self._keep_first_examples()

    def order(self) -> RowOrder:
        return RowOrder(self.rows, self.violations, tuple(self.examples))

    def unique(self) -> bool:
        """Whether neighbours prove that the leading terms are a key. Across files they do where no key of
        one can be in another."""
        disturbed = self.violations or self.nulls or self.ties
        return bool(self.prefix and not disturbed and self._files_apart())

    def _files_apart(self) -> bool:
        if len({edge.file for edge in self.edges}) < 2:
            return True
        terms = self.terms[: self.prefix]
        ends: dict[str, tuple[Edge, Edge]] = {}
        for edge in self.edges:
            first, _ = ends.get(edge.file, (edge, edge))
            ends[edge.file] = (first, edge)
        columns = [
            pa.concat_arrays(
                [row for one, last in ends.values() for row in (one.first[n], last.last[n])]
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
