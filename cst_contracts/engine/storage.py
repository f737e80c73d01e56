"""What a table's storage says of itself, whichever format it is in."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct
from pyarrow.fs import FileSystem, LocalFileSystem

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.lake import HIVE_NULL, StoredFile, file_name, is_local, local_name
from cst_contracts.facts import DeltaFacts, PartitionFacts, SortTerm, StoredOrdering

_LOCAL = LocalFileSystem()
_AT_ONCE = 256


class Storage(Struct, frozen=True):
    """`schema` is the storage's own: the merged footers with hive partitions appended, or the Delta log's;
    of text, what its values are read as.

    `files` are the URLs of the data files that make up the table now, and `format` is theirs.
    `skipped` are others of this format under the location, which the engine does not read.
    `engine_url` is the location as the engine must be told it.
    """

    location: str
    schema: pa.Schema
    files: tuple[str, ...]
    partitions: tuple[PartitionFacts, ...]
    hive_partitions: frozenset[str] = frozenset()
    delta: DeltaFacts | None = None
    format: SourceFormat = SourceFormat.PARQUET
    skipped: tuple[str, ...] = ()
    engine_url: str = ""

    @property
    def text(self) -> bool:
        return self.format in (SourceFormat.CSV, SourceFormat.JSON)

    @property
    def null_folders(self) -> frozenset[str]:
        """Hive partitions of which some folder is named for no value, which the engine reads as a text."""
        return frozenset(each.name for each in self.partitions if HIVE_NULL in each.unparsed)

    @property
    def file_schema(self) -> pa.Schema:
        """Of what stands in the files themselves."""
        return pa.schema([field for field in self.schema if field.name not in self.hive_partitions])


def stored_orderings(storage: Storage) -> tuple[StoredOrdering, ...]:
    """The order that each Parquet file's footer claims; other files claim none. Raises what pyarrow
    raises."""
    if storage.format is not SourceFormat.PARQUET:
        return ()
    claims = map(_footer_terms, footers(storage.files))
    return tuple(map(StoredOrdering, map(file_name, storage.files), claims))


def footers(urls: Sequence[str]) -> Iterator[pq.FileMetaData]:
    """Of Parquet files, a few at a time: those of thousands of files would fill the memory. Raises what
    pyarrow raises."""
    if all(map(is_local, urls)):
        # Several threads would only wait for each other: what takes time is to parse a footer.
        yield from map(footer, urls)
        return
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(urls), _AT_ONCE):
            yield from pool.map(footer, urls[start : start + _AT_ONCE])


def footer(url: str) -> pq.FileMetaData:
    """Of a Parquet file. Raises what pyarrow raises."""
    if is_local(url):
        # Without a file system, pyarrow would look for one that fits the path, each time.
        return pq.read_metadata(local_name(url), filesystem=_LOCAL)
    filesystem, path = FileSystem.from_uri(url)
    return pq.read_metadata(path, filesystem=filesystem)


def _footer_terms(metadata: pq.FileMetaData) -> tuple[SortTerm, ...]:
    if metadata.num_row_groups == 0:
        return ()
    return tuple(
        SortTerm(
            metadata.schema.column(term.column_index).path,
            descending=term.descending,
            nulls_first=term.nulls_first,
        )
        for term in metadata.row_group(0).sorting_columns
    )


def hive_facts(
    files: Sequence[StoredFile], schema: pa.Schema, wanted: Mapping[str, pa.DataType]
) -> tuple[PartitionFacts, ...]:
    """The `key=value` folders that the engine took for fields, in folder order; `wanted` are the promised
    types."""
    values: dict[str, dict[str, None]] = {}
    for file in files:
        for name, value in file.partitions:
            if name in schema.names:
                values.setdefault(name, {})[value] = None
    return tuple(
        PartitionFacts(
            name=name,
            type=schema.field(name).type,
            values=len(found),
            unparsed=tuple(value for value in found if not _parses(value, wanted.get(name))),
            wanted=wanted.get(name),
        )
        for name, found in values.items()
    )


def _parses(value: str, type_: pa.DataType | None) -> bool:
    if value == HIVE_NULL:
        return False
    if type_ is None or pa.types.is_string(type_):
        return True
    try:
        pa.scalar(value, pa.string()).cast(type_)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    # Arrow's own casts read hexadecimal integers, the engine's do not.
    return not (pa.types.is_integer(type_) and "x" in value.lower())
