"""What Parquet footers say of column chunks: how they are packed, and what is written beside them.

A footer lists the encodings of a chunk and not which pages have them; it says that a bloom filter or an index
is there, and not what is in it. What it does not say is told as such, and taken for nothing.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import pyarrow.parquet as pq
from msgspec import Struct

from cst_contracts.contract.clauses.files import FileTrait
from cst_contracts.engine.storage.footers import OpenFooter

#: Those of values. RLE is left out: repetition and definition levels have it in every file.
_ENCODINGS = MappingProxyType(
    {
        "PLAIN": "plain",
        "PLAIN_DICTIONARY": "dictionary",
        "RLE_DICTIONARY": "dictionary",
        "DELTA_BINARY_PACKED": "delta_binary_packed",
        "DELTA_LENGTH_BYTE_ARRAY": "delta_length_byte_array",
        "DELTA_BYTE_ARRAY": "delta_byte_array",
        "BYTE_STREAM_SPLIT": "byte_stream_split",
    }
)
#: As pyarrow 26 calls the legacy framing of LZ4, LZO, and whatever it has no name for.
_NAMELESS = "UNKNOWN"
_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_PERHAPS_NO_VALUE = "its lists or maps may all be empty"
_PERHAPS_NAN = "its values may all be NaN"


class Chunk(Struct, frozen=True):
    """One column chunk of an open footer. `listed`: its column is below a list or a map."""

    footer: OpenFooter
    group: pq.RowGroupMetaData
    leaf: int
    listed: bool

    @property
    def metadata(self) -> pq.ColumnChunkMetaData:
        return self.group.column(self.leaf)


class Told(Struct, frozen=True):
    """What a footer says of one chunk: what was found, and why it may not be all of it."""

    found: tuple[str, ...] = ()
    untold: str = ""


def codec(chunk: Chunk) -> Told:
    name = chunk.metadata.compression
    if name == _NAMELESS:
        return Told((), "pyarrow has no name for it, as for LZO and for the old framing of LZ4")
    return Told((name.lower(),))


def encodings(chunk: Chunk) -> Told:
    listed = {_ENCODINGS.get(each, "") for each in chunk.metadata.encodings}
    return Told(tuple(sorted(filter(None, listed))))


def statistics(chunk: Chunk) -> Told:
    """Of a chunk without values, and of one of NaN alone, no writer has a least and a greatest one."""
    found = chunk.footer.statistics(chunk.group, chunk.leaf)
    if found is None:
        return Told(("statistics",))
    if not found.has_null_count:
        return Told(("null count",) if found.has_min_max else ("null count", "least and greatest"))
    if found.has_min_max or found.null_count >= chunk.metadata.num_values:
        return Told()
    return Told(("least and greatest",), _perhaps_unordered(chunk))


def bloom_filters(chunk: Chunk) -> Told:
    there = chunk.metadata.bloom_filter_offset is not None
    return Told() if there else Told(("bloom filter",))


def page_index(chunk: Chunk) -> Told:
    """pyarrow 26 and DataFusion 55 leave the column index out where a page has no least and greatest value
    though it has values, as of NaN alone."""
    metadata = chunk.metadata
    indices = (
        ("column index", metadata.has_column_index),
        ("offset index", metadata.has_offset_index),
    )
    missing = tuple(name for name, there in indices if not there)
    return Told(missing, statistics(chunk).untold if missing == ("column index",) else "")


def _perhaps_unordered(chunk: Chunk) -> str:
    """Why the values may have no least and greatest one; empty where they must have."""
    column = chunk.footer.metadata.schema.column(chunk.leaf)
    if column.physical_type in _FLOATS or column.logical_type.type == "FLOAT16":
        return _PERHAPS_NAN
    return _PERHAPS_NO_VALUE if chunk.listed else ""


Look: TypeAlias = Callable[[Chunk], Told]

CHUNK_TRAITS: Mapping[FileTrait, Look] = MappingProxyType(
    {
        FileTrait.CODEC: codec,
        FileTrait.ENCODINGS: encodings,
        FileTrait.STATISTICS: statistics,
        FileTrait.BLOOM_FILTERS: bloom_filters,
        FileTrait.PAGE_INDEX: page_index,
    }
)
