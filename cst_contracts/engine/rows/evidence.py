"""Parquet footers to what they prove of the rows, no data page read.

A REQUIRED leaf can hold no null. Of statistics only `null_count` is believed, and only where every row
group has it: that of a nested leaf also counts empty lists and null parents, so there a zero alone is
proof. Minima and maxima may be truncated and prove nothing here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct, field

from cst_contracts.datatypes import TypeNode, child_nodes, find_node, walk_nodes
from cst_contracts.engine.storage import footer

_AT_ONCE = 256


class PathEvidence(Struct, frozen=True):
    """Over all files: `values` slots with all parents there, `nulls` of them null; None: unknown."""

    required: bool
    values: int | None
    nulls: int | None


class Evidence(Struct, frozen=True):
    """`mixed` are top-level fields of which some file declares REQUIRED what another does not have:
    the engine merges that to NOT NULL, and hides the missing values behind it."""

    rows: int
    paths: Mapping[str, PathEvidence] = field(default_factory=dict)
    mixed: frozenset[str] = frozenset()


def footer_evidence(files: Sequence[str], paths: Iterable[str]) -> Evidence:
    """Reads every footer, so a data file that is gone is missed here. Raises what pyarrow raises."""
    wanted = tuple(dict.fromkeys(paths))
    gathered = {path: _Gathered(nested=_is_nested(path)) for path in wanted}
    layouts: list[_Layout] = []
    rows = 0
    for metadata in _footers(files):
        rows += metadata.num_rows
        layout = next((each for each in layouts if each.stored.equals(metadata.schema)), None)
        if layout is None:
            layout = _layout(metadata.schema, wanted)
            layouts.append(layout)
        for path, found in gathered.items():
            found.add(layout.leaves.get(path), metadata, required=path in layout.required)
    return Evidence(
        rows,
        {path: found.evidence(rows) for path, found in gathered.items()},
        _mixed([layout.schema for layout in layouts]),
    )


def _footers(files: Sequence[str]) -> Iterator[pq.FileMetaData]:
    """By several threads, a few at a time: those of thousands of files would fill the memory."""
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(files), _AT_ONCE):
            yield from pool.map(footer, files[start : start + _AT_ONCE])


def _is_nested(path: str) -> bool:
    return any(mark in path for mark in ("[]", "{}", "."))


class _Layout(Struct, frozen=True):
    """`leaves` are the column numbers of the paths that are leaves there."""

    stored: pq.ParquetSchema
    schema: pa.Schema
    leaves: Mapping[str, int]
    required: frozenset[str]


def _layout(stored: pq.ParquetSchema, paths: Sequence[str]) -> _Layout:
    schema = stored.to_arrow_schema()
    leaves = [node for node in walk_nodes(schema) if not child_nodes(node.path, node.field.type)]
    # Columns and leaves come in one order; where their numbers differ, a layout of old stands between.
    known = len(leaves) == len(stored.names)
    numbers = {node.path: number for number, node in enumerate(leaves)} if known else {}
    nodes = {path: find_node(schema, path) for path in paths}
    required = {path for path, node in nodes.items() if node is not None and _never_null(node)}
    return _Layout(stored, schema, numbers, frozenset(required))


def _never_null(node: TypeNode) -> bool:
    return not node.field.nullable and not pa.types.is_null(node.field.type)


class _Gathered(Struct):
    nested: bool
    required: bool = True
    values: int | None = 0
    nulls: int | None = 0
    seen: bool = False

    def add(self, leaf: int | None, metadata: pq.FileMetaData, *, required: bool) -> None:
        self.required = self.required and required
        if leaf is None:
            self.values = self.nulls = None
        if self.values is None or self.nulls is None:
            return
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            if not group.num_rows:
                continue  # writers leave statistics of nothing out
            chunk = group.column(leaf)
            statistics = chunk.statistics if chunk.is_stats_set else None
            if statistics is None or not statistics.has_null_count:
                self.values = self.nulls = None
                return
            self.values += chunk.num_values - statistics.null_count
            self.nulls += statistics.null_count
            self.seen = self.seen or statistics.has_min_max

    def evidence(self, rows: int) -> PathEvidence:
        if not self.nested:
            return PathEvidence(self.required, rows, self.nulls)
        # A nested leaf's null_count may count its parents' too: zero is the one number that tells, and
        # only a minimum tells that there is a value at all.
        values = self.values if self.seen else None
        nulls = 0 if values is not None and (self.required or self.nulls == 0) else None
        return PathEvidence(self.required, values, nulls)


def _mixed(schemas: Sequence[pa.Schema]) -> frozenset[str]:
    if len(schemas) < 2:
        return frozenset()
    required = {
        node.path: top.name
        for schema in schemas
        for top in child_nodes("", pa.struct(list(schema)))
        for node in walk_nodes([top.field])
        if _never_null(node)
    }
    return frozenset(
        name
        for path, name in required.items()
        if any(find_node(schema, path) is None for schema in schemas)
    )
