"""Reads Parquet footers, and the sort order that each of them claims."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from cst_contracts.engine.storage.places import each_of, place_of
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import file_name, relative_name
from cst_contracts.facts import SortTerm, StoredOrdering


def stored_orderings(storage: Storage) -> tuple[StoredOrdering, ...]:
    """The order that each Parquet file's footer claims. Raises what pyarrow raises."""
    claims = map(_first_terms, footers(storage.files))
    names = (relative_name(storage.location, url) for url in storage.files)
    return tuple(map(StoredOrdering, names, claims))


def footers(urls: Sequence[str]) -> Iterator[pq.FileMetaData]:
    """Of Parquet files, a few at a time: those of thousands of files would fill the memory. Raises what
    pyarrow raises."""
    return each_of(urls, footer)


def footer(url: str) -> pq.FileMetaData:
    """Of a Parquet file. Raises what pyarrow raises."""
    filesystem, path = place_of(url)
    try:
        return pq.read_metadata(path, filesystem=filesystem)
    except OSError as error:
        # Some errors of stores do not say which object they are about.
        if file_name(url) in str(error):
            raise
        raise OSError(f"{file_name(url)}: {error}") from error


class OpenFooter(Struct, frozen=True):
    """The footer of the Parquet file at a URL."""

    url: str
    metadata: pq.FileMetaData

    def statistics(self, group: pq.RowGroupMetaData, leaf: int) -> pq.Statistics | None:
        """Of one column chunk. Raises ArrowInvalid where its type is not the schema's: pyarrow 26 aborts
        the process when it is asked for the statistics of such a chunk."""
        chunk, column = group.column(leaf), self.metadata.schema.column(leaf)
        if chunk.physical_type != column.physical_type:
            raise pa.ArrowInvalid(
                f"the footer of {file_name(self.url)} says that {column.path} is "
                f"{column.physical_type}, and of a row group that it is {chunk.physical_type}"
            )
        return chunk.statistics


def footer_terms(metadata: pq.FileMetaData, group: int) -> tuple[SortTerm, ...]:
    """The order that a footer claims for one of its row groups; empty where it claims none."""
    return tuple(
        SortTerm(
            metadata.schema.column(term.column_index).path,
            descending=term.descending,
            nulls_first=term.nulls_first,
        )
        for term in metadata.row_group(group).sorting_columns
    )


def _first_terms(metadata: pq.FileMetaData) -> tuple[SortTerm, ...]:
    return footer_terms(metadata, 0) if metadata.num_row_groups else ()
