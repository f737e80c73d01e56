"""What Parquet footers prove of the rows, without any data page being read.

A REQUIRED leaf can hold no null. Of statistics only `null_count` is believed, and only where every row
group has it: that of a nested leaf also counts empty lists and null parents, so there a zero alone is
proof. pyarrow before 26 writes footers that leave absent lists out of `null_count`, but not out of
`num_values`, therefore its files do not tell how many values there are below a list. Minima and maxima are
believed of whole numbers alone: those of text may be truncated, and those of floats leave NaN out.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct, field

from cst_contracts.datatypes import TypeNode, child_nodes, find_node, walk_nodes
from cst_contracts.engine.rows.distinct import is_text, seems_few_texts
from cst_contracts.engine.storage.footers import OpenFooter, footers
from cst_contracts.engine.storage.leaves import leaf_paths

#: The first major of pyarrow (and of the C++ library in it) that counts them as all other writers do.
_COUNTS_ABSENT_LISTS = 26
#: The first that counts the nulls of dictionaries (ARROW-12513). Of what is stored, nobody can tell what came
#: as a dictionary.
_COUNTS_IN_DICTIONARIES = 5
_WRITER = re.compile(r"parquet-cpp\S* version (\d+)")


class PathEvidence(Struct, frozen=True):
    """Over all files: `values` slots with all parents there, `nulls` of them null; None: unknown."""

    required: bool
    values: int | None
    nulls: int | None


class RangeEvidence(Struct, frozen=True):
    """Over all files: the least and the greatest of so many whole numbers, which are not null."""

    values: int
    least: int
    greatest: int


class Evidence(Struct, frozen=True):
    """`ranges` are those that every footer tells.

    `few` are text fields that seem to have few different values in each row group of every file.

    `mixed` are top-level fields of which some file declares REQUIRED what another does not have:
    the engine merges that to NOT NULL, and hides the missing values behind it."""

    rows: int
    paths: Mapping[str, PathEvidence] = field(default_factory=dict)
    mixed: frozenset[str] = frozenset()
    ranges: Mapping[str, RangeEvidence] = field(default_factory=dict)
    few: frozenset[str] = frozenset()


def footer_evidence(
    files: Sequence[str],
    paths: Iterable[str],
    ranges: Collection[str] = (),
    texts: Collection[str] = (),
) -> Evidence:
    """Reads every footer, so a data file that is gone is missed here. `ranges` are paths whose least and
    greatest value are wanted, too, `texts` names of fields that may have few values. Raises what pyarrow
    raises."""
    wanted = {
        path: _Gathered(
            nested=_is_nested(path),
            listed=_is_listed(path),
            range=_Range() if path in ranges else None,
        )
        for path in dict.fromkeys((*paths, *ranges))
    }
    few = set(texts)
    layouts: list[_Layout] = []
    rows = 0
    for url, metadata in zip(files, footers(files), strict=True):
        footer = OpenFooter(url, metadata)
        rows += metadata.num_rows
        stored = metadata.schema
        layout = next((each for each in layouts if each.stored.equals(stored)), None)
        if layout is None:
            layout = _layout(stored, wanted, few)
            layouts.append(layout)
        few &= layout.texts.keys()
        if _miscounts_nulls(metadata.created_by):
            for _, found in layout.counted:
                found.spoil()
        miscounted = _leaves_absent_lists_out(metadata.created_by)
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            if group.num_rows:  # writers leave statistics of nothing out
                for leaf, found in layout.counted:
                    found.add(footer, group, leaf, miscounted=miscounted)
                few -= {
                    name for name in few if not seems_few_texts(group.column(layout.texts[name]))
                }
    return Evidence(
        rows,
        {path: found.evidence(rows) for path, found in wanted.items()},
        _mixed([layout.schema for layout in layouts]),
        {path: each for path, found in wanted.items() if (each := found.range_evidence(rows))},
        frozenset(few),
    )


def _miscounts_nulls(created_by: str) -> bool:
    return _is_before(created_by, _COUNTS_IN_DICTIONARIES)


def _is_nested(path: str) -> bool:
    return _is_listed(path) or "." in path


def _is_listed(path: str) -> bool:
    return any(mark in path for mark in ("[]", "{}"))


def _leaves_absent_lists_out(created_by: str) -> bool:
    """Says whether a file's writer leaves null and empty lists out of a leaf's `null_count`."""
    return _is_before(created_by, _COUNTS_ABSENT_LISTS)


def _is_before(created_by: str, major: int) -> bool:
    """Whether it is pyarrow's writer of a version before this one."""
    found = _WRITER.match(created_by)
    return found is not None and int(found[1]) < major


class _Layout(Struct, frozen=True):
    """What is the same in all files of one schema. `counted` are the column numbers of the paths that are
    leaves there, each with where its nulls are gathered, `texts` those of the wanted text fields."""

    stored: pq.ParquetSchema
    schema: pa.Schema
    counted: Sequence[tuple[int, "_Gathered"]]
    texts: Mapping[str, int]


def _layout(
    stored: pq.ParquetSchema, wanted: Mapping[str, "_Gathered"], texts: Collection[str]
) -> _Layout:
    schema = stored.to_arrow_schema()
    paths = leaf_paths(stored, schema) or ()
    numbers = {path: number for number, path in enumerate(paths)}
    for path, found in wanted.items():
        node = find_node(schema, path)
        found.required = found.required and node is not None and _never_null(node)
        if path not in numbers:
            found.spoil()
    counted = [(numbers[path], found) for path, found in wanted.items() if path in numbers]
    few = {name: numbers[name] for name in texts if name in numbers and _is_text(schema, name)}
    return _Layout(stored, schema, counted, few)


def _is_text(schema: pa.Schema, name: str) -> bool:
    """Whether the one field of this name is."""
    indices = schema.get_all_field_indices(name)
    return len(indices) == 1 and is_text(schema.field(indices[0]).type)


def _never_null(node: TypeNode) -> bool:
    return not node.field.nullable and not pa.types.is_null(node.field.type)


class _Range(Struct):
    """The least and the greatest so far; not `known` where some row group does not tell them."""

    known: bool = True
    bounds: tuple[int, int] | None = None

    def add(self, statistics: pq.Statistics, values: int) -> None:
        if not values or not self.known:
            return
        least, greatest = (
            (statistics.min, statistics.max) if statistics.has_min_max else (None, None)
        )
        if isinstance(least, bool) or not isinstance(least, int) or not isinstance(greatest, int):
            self.known = False
        elif self.bounds is None:
            self.bounds = least, greatest
        else:
            self.bounds = min(self.bounds[0], least), max(self.bounds[1], greatest)


class _Gathered(Struct):
    nested: bool
    listed: bool
    range: _Range | None = None
    required: bool = True
    values: int | None = 0
    nulls: int | None = 0
    seen: bool = False

    def add(
        self, footer: OpenFooter, group: pq.RowGroupMetaData, leaf: int, *, miscounted: bool
    ) -> None:
        if self.values is None or self.nulls is None:
            return
        statistics = footer.statistics(group, leaf)
        if statistics is None or not statistics.has_null_count or (miscounted and self.listed):
            self.spoil()
            return
        nulls = statistics.null_count
        self.nulls += nulls
        if self.nested:
            self.values += group.column(leaf).num_values - nulls
            self.seen = self.seen or statistics.has_min_max
        if self.range is not None:
            self.range.add(statistics, group.column(leaf).num_values - nulls)

    def spoil(self) -> None:
        self.values = self.nulls = None

    def evidence(self, rows: int) -> PathEvidence:
        if not self.nested:
            return PathEvidence(self.required, rows, self.nulls)
        # A nested leaf's null_count may count its parents' too: zero is the one number that tells, and
        # only a minimum tells that there is a value at all.
        values = self.values if self.seen else None
        nulls = 0 if values is not None and (self.required or self.nulls == 0) else None
        return PathEvidence(self.required, values, nulls)

    def range_evidence(self, rows: int) -> RangeEvidence | None:
        """None where some file does not tell it, and where there is no value."""
        bounds = self.range.bounds if self.range is not None and self.range.known else None
        if bounds is None or self.values is None or self.nulls is None:
            return None
        return RangeEvidence(self.values if self.nested else rows - self.nulls, *bounds)


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
