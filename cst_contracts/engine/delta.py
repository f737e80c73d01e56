"""Delta tables to registrations, and what their log says."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit

import pyarrow as pa
from datafusion import SessionContext
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import TableNotFoundError

from cst_contracts.contract.model import AsOfTimestamp, AsOfVersion, SourceContract
from cst_contracts.engine.failure import cause_of, looking_at
from cst_contracts.engine.lake import is_local, local_path
from cst_contracts.engine.relaxed import relaxed
from cst_contracts.engine.sql import select, table_name
from cst_contracts.engine.storage import Storage, footer
from cst_contracts.errors import TableMissing
from cst_contracts.facts import PartitionFacts

#: Reading the data files without the log's help is wrong for tables with these reader features.
_LOG_ONLY_FEATURES = frozenset({"deletionVectors", "columnMapping"})


def open_delta(table: str, url: str, source: SourceContract) -> DeltaTable:
    """Raises IntrospectionError; TableMissing where there is no Delta table."""
    with looking_at(table, url):
        try:
            opened = DeltaTable(_uri(url))
        except TableNotFoundError as error:
            cause = f"no Delta table there: {cause_of(error)}"
            raise TableMissing(cause, table=table, location=url) from error
        match source.as_of:
            case AsOfVersion(version=version):
                opened.load_as_version(version)
            case AsOfTimestamp(timestamp=timestamp):
                _refuse_before_history(opened, timestamp)
                opened.load_as_version(timestamp)
            case None:
                pass
        return opened


def _refuse_before_history(opened: DeltaTable, timestamp: datetime) -> None:
    """deltalake would take the oldest version instead, and not tell."""
    oldest = min(datetime.fromtimestamp(each["timestamp"] / 1000, UTC) for each in opened.history())
    if timestamp < oldest:
        raise ValueError(f"no version is that old: the oldest is of {oldest.isoformat()}")


def _uri(url: str) -> str:
    if not is_local(url):
        return url
    path = str(local_path(url))
    if unquote(path) != path:
        raise ValueError(f"deltalake would read {unquote(path)} instead; rename the folder")
    return path


def register_delta(context: SessionContext, table: str, url: str, opened: DeltaTable) -> Storage:
    """Registers the provider, a frozen snapshot of one version, and reads the log."""
    with looking_at(table, url):
        context.register_table(table_name(table), opened)
        schema = pa.schema(opened.schema().to_arrow())
        partitions = tuple(
            PartitionFacts(name, schema.field(name).type, values=0)
            for name in opened.metadata().partition_columns
        )
        files = _file_urls(url, opened)
        _refuse_missing(files)
        return Storage(url, schema, files, partitions, delta_version=opened.version())


def _file_urls(url: str, opened: DeltaTable) -> tuple[str, ...]:
    """deltalake quotes the table's part of a file's path, and not the part below it."""
    root = urlsplit(opened.table_uri).path if is_local(url) else opened.table_uri
    return tuple(
        f"{url.rstrip('/')}/{quote(uri.removeprefix(root))}" if uri.startswith(root) else uri
        for uri in sorted(opened.file_uris())
    )


def _refuse_missing(files: Sequence[str]) -> None:
    """The log answers for files that are gone. Of another store's, reading tells."""
    gone = [file for file in files if is_local(file) and not local_path(file).is_file()]
    if gone:
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        raise FileNotFoundError(f"the log names a data file that is not there: {gone[0]}{more}")


def needs_log(opened: DeltaTable) -> bool:
    """Reading the data files without the log's help would be wrong."""
    features = opened.protocol().reader_features or []
    mapped = opened.metadata().configuration.get("delta.columnMapping.mode", "none") != "none"
    return mapped or not _LOG_ONLY_FEATURES.isdisjoint(features)


def file_rows(
    context: SessionContext, storage: Storage, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Rows of the data files, each read as the log's schema with nothing declared NOT NULL."""
    schema = pa.schema([relaxed(storage.schema.field(name)) for name in columns])
    for url in storage.files:
        footer(
            url
        )  # given a schema, the engine takes a file that is not there for one without rows
        frame = context.read_parquet(url, schema=schema, file_extension="")
        for batch in frame.execute_stream():
            yield batch.to_pyarrow()


def log_rows(opened: DeltaTable, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Rows as the log reads them: deletion vectors and column mapping included."""
    reader = QueryBuilder().register("delta_rows", opened).execute(select(columns, "delta_rows"))
    for batch in reader:
        yield pa.record_batch(batch)
