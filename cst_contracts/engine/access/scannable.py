"""The files of a relation as a scan reads them, and how people know their rows."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from datafusion import DataFrame, SessionContext
from msgspec import Struct

from cst_contracts.datatypes.value_text import quoted_value
from cst_contracts.engine.storage.listing import folder_values
from cst_contracts.engine.storage.places import place_of
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import relative_name
from cst_contracts.facts import RowPlace, Sample, ShownField
from cst_contracts.sql.names import HIVE_NULL, table_name

REDACTED = "<redacted>"


class ScannableFiles(Struct, frozen=True):
    """Files that alone are a relation's rows. They are known as `table` in `context`, a session of ours that
    believes no statistics and in which nothing is declared. `supplied`: the project registered the relation,
    too, in its own session. `typed`: its hive partitions are of their promised types, and null where a
    folder is named for no value. `beside`: a row for each file in the storage's order, of fields that stand
    in none of them."""

    context: SessionContext
    table: str
    storage: Storage
    schema: pa.Schema
    supplied: bool = False
    typed: bool = False
    beside: pa.Table | None = None

    @property
    def null_folders(self) -> frozenset[str]:
        """Partition fields whose null is still a text."""
        return frozenset() if self.typed else self.storage.null_folders

    @property
    def outside(self) -> frozenset[str]:
        """The fields that do not stand in the files themselves: in the names of folders, or in a log."""
        beside = () if self.beside is None else self.beside.column_names
        return self.storage.hive_partitions.union(beside)

    @property
    def stored_schema(self) -> pa.Schema:
        """Of what stands in the files themselves."""
        fields = [field for field in self.schema if field.name not in self.outside]
        return pa.schema(fields, self.schema.metadata)

    def values_outside(self) -> Iterator[Mapping[str, str | None]]:
        """For each file, in the storage's order, the values of the fields outside, as text. Raises what
        pyarrow raises."""
        if self.beside is not None:
            texts = [_texts(column) for column in self.beside.columns]
            yield from pa.table(texts, self.beside.column_names).to_pylist()
            return
        names = self.outside.intersection(self.schema.names)
        for url in self.storage.files:
            values = dict(folder_values(relative_name(self.storage.location, url)))
            yield {name: None if values[name] == HIVE_NULL else values[name] for name in names}

    def frame(self) -> DataFrame:
        return self.context.table(table_name(self.table))

    def file(self, file: str) -> str:
        return file_below(self.storage, file)

    def place(self, place: RowPlace) -> RowPlace:
        return RowPlace(self.file(place.file), place.row)

    def samples(
        self, places: Sequence[RowPlace], shown: Sequence[ShownField]
    ) -> tuple[Sample, ...]:
        """The rows at these places, read again from their files. Raises what pyarrow raises."""
        return tuple(
            Sample(self.place(place), _shown(self._row(place, shown), shown)) for place in places
        )

    def _row(self, place: RowPlace, shown: Sequence[ShownField]) -> pa.Table | None:
        columns = [field.name for field in shown if not field.sensitive]
        url = _url(self.storage, place.file)
        if url is None or not columns:
            return None
        with _opened(url) as file:
            stored = [name for name in columns if name in file.schema_arrow.names]
            first = 0
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if place.row < first + rows:
                    return file.read_row_group(group, columns=stored).slice(place.row - first, 1)
                first += rows
        return None


def _texts(column: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Each as the engine reads it. Nested fields partition nothing: they are null, since no file has them."""
    if pa.types.is_nested(column.type):
        return pa.nulls(len(column), pa.string())
    if pa.types.is_decimal(column.type):  # DataFusion 55 reads no `0E-8`, as pyarrow writes zeros
        written = [None if each is None else f"{each:f}" for each in column.to_pylist()]
        return pa.array(written, pa.string())
    return column.cast(pa.string())


def file_below(storage: Storage, file: str) -> str:
    """The path below the table's location, by which people know a file that the engine names by its path in
    the store."""
    url = _url(storage, file)
    return relative_name(storage.location, url) if url else file


def _url(storage: Storage, file: str) -> str | None:
    """DataFusion 55 names a file as its store does, which quotes what is in the way, or as it is."""
    places = {engine_name(url): url for url in storage.files}
    return places.get(file) or places.get(unquote(file))


def engine_name(url: str) -> str:
    """By which the engine names a data file in its rows."""
    return unquote(urlsplit(url).path).lstrip("/")


def _opened(url: str) -> pq.ParquetFile:
    filesystem, path = place_of(url)
    return pq.ParquetFile(path, filesystem=filesystem)


def _shown(row: pa.Table | None, shown: Sequence[ShownField]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (field.name, REDACTED if field.sensitive else _text(row, field.name))
        for field in shown
        if field.sensitive or (row is not None and field.name in row.column_names)
    )


def _text(row: pa.Table | None, name: str) -> str:
    return quoted_value(None if row is None else row.column(name)[0])
