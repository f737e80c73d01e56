"""How the engine opens and reads the files of each format."""

import csv
import io
from collections.abc import Mapping, Sequence

import pyarrow as pa
from datafusion import CsvReadOptions, DataFrame, SessionContext
from pyarrow.fs import FileSystem

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import is_local, local_path
from cst_contracts.sql.names import table_name

#: A folder's other files are none of the table's to the engine.
SUFFIXES = {
    SourceFormat.PARQUET: ".parquet",
    SourceFormat.CSV: ".csv",
    SourceFormat.JSON: ".json",
    SourceFormat.ARROW: ".arrow",
}

#: The engine infers from the first thousand rows, and fails at the first row that does not fit.
_ALL_ROWS = {"format.schema_infer_max_rec": "9223372036854775807"}
OPTIONS = {
    SourceFormat.CSV: {"format.has_header": "true", **_ALL_ROWS},
    SourceFormat.JSON: _ALL_ROWS,
}


def read_file(
    context: SessionContext, format_: SourceFormat, url: str, schema: pa.Schema | None
) -> DataFrame:
    """One file, whatever its name. Text is read as `schema`, which does not have its hive partitions."""
    match format_:
        case SourceFormat.CSV:
            options = CsvReadOptions(schema=schema, file_extension="")
            return context.read_csv(url, options=options)
        case SourceFormat.JSON:
            return context.read_json(url, schema=schema, file_extension="")
        case SourceFormat.ARROW:
            return context.read_arrow(url, file_extension="")
        case _:
            return context.read_parquet(url, file_extension="")


def register_typed(
    context: SessionContext,
    table: str,
    format_: SourceFormat,
    url: str,
    schema: pa.Schema,
    partitions: Sequence[str],
) -> None:
    """Text files under the types of a schema, whose last fields are the hive partitions."""
    stored = pa.schema([field for field in schema if field.name not in partitions])
    folders = [(name, schema.field(name).type) for name in partitions]
    suffix = SUFFIXES[format_] if url.endswith("/") else ""
    if format_ is SourceFormat.CSV:
        options = CsvReadOptions(schema=stored, file_extension=suffix, table_partition_cols=folders)
        context.register_csv(table_name(table), url, options=options)
    else:
        context.register_json(
            table_name(table),
            url,
            schema=stored,
            file_extension=suffix,
            table_partition_cols=folders,
        )


def register_declared(
    context: SessionContext, table: str, storage: Storage, folders: Mapping[str, pa.DataType]
) -> None:
    """With the types of the hive partitions declared."""
    url, pairs = storage.location, list(folders.items())
    suffix = SUFFIXES[storage.format]
    location = url if url.endswith("/") else f"{url}/"
    match storage.format:
        case SourceFormat.CSV | SourceFormat.JSON:
            stored = storage.file_schema
            fields = [pa.field(name, type_) for name, type_ in pairs]
            schema = pa.schema([*stored, *fields])
            register_typed(context, table, storage.format, location, schema, list(folders))
        case SourceFormat.ARROW:
            context.register_arrow(
                table_name(table), location, file_extension=suffix, table_partition_cols=pairs
            )
        case _:
            context.register_parquet(
                table_name(table), location, file_extension=suffix, table_partition_cols=pairs
            )


def header(url: str) -> tuple[str, ...]:
    """Of a CSV file: its first record. Raises what the store raises, and UnicodeDecodeError."""
    if is_local(url):
        with local_path(url).open(encoding="utf-8", newline="") as text:
            return tuple(next(csv.reader(text), ()))
    filesystem, path = FileSystem.from_uri(url)
    with io.TextIOWrapper(filesystem.open_input_file(path), "utf-8", newline="") as text:
        return tuple(next(csv.reader(text), ()))
