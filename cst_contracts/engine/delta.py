"""Delta tables to registrations, and what their log says."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from datafusion import SessionContext
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import TableNotFoundError

from cst_contracts.contract.model import AsOfTimestamp, AsOfVersion, SourceContract
from cst_contracts.engine.failure import looking_at
from cst_contracts.engine.lake import is_local, local_path
from cst_contracts.engine.sql import external_parquet, select, table_name
from cst_contracts.engine.storage import Storage
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
            raise TableMissing(
                f"no Delta table there: {error}", table=table, location=url
            ) from error
        match source.as_of:
            case AsOfVersion(version=version):
                opened.load_as_version(version)
            case AsOfTimestamp(timestamp=timestamp):
                opened.load_as_version(timestamp)
            case None:
                pass
        return opened


def _uri(url: str) -> str:
    return str(local_path(url)) if is_local(url) else url


def register_delta(context: SessionContext, table: str, url: str, opened: DeltaTable) -> Storage:
    """Registers the provider, a frozen snapshot of one version, and reads the log."""
    with looking_at(table, url):
        context.register_table(table_name(table), opened)
        schema = pa.schema(opened.schema().to_arrow())
        partitions = tuple(
            PartitionFacts(name, schema.field(name).type, values=0)
            for name in opened.metadata().partition_columns
        )
        return Storage(url, schema, _file_urls(opened), partitions, delta_version=opened.version())


def _file_urls(opened: DeltaTable) -> tuple[str, ...]:
    return tuple(
        uri if "://" in uri else Path(uri).resolve().as_uri() for uri in sorted(opened.file_uris())
    )


def register_files(
    context: SessionContext, table: str, storage: Storage, opened: DeltaTable
) -> bool:
    """Registers the data files of a version with nothing declared; False where only the log can read them."""
    features = opened.protocol().reader_features or []
    mapped = opened.metadata().configuration.get("delta.columnMapping.mode", "none") != "none"
    if mapped or _LOG_ONLY_FEATURES.intersection(features) or not storage.files:
        return False
    with looking_at(table, storage.location):
        context.sql(external_parquet(table, storage.files))
        return True


def stream(opened: DeltaTable, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Rows as the log reads them: deletion vectors and column mapping included."""
    reader = QueryBuilder().register("delta_rows", opened).execute(select(columns, "delta_rows"))
    for batch in reader:
        yield pa.record_batch(batch)
