"""Delta tables: the log decides which data files and which version are the table."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit

import pyarrow as pa
from datafusion import DataFrame, SessionContext
from deltalake import DeltaTable

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.delta.log import DeltaLog, OpenedDelta
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.parquet import ParquetFormat
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.footers import stored_orderings
from cst_contracts.engine.storage.stored import Capabilities, Storage
from cst_contracts.engine.storage.urls import is_local, local_path
from cst_contracts.facts import PartitionFacts, SortTerm, StoredOrdering, Trouble
from cst_contracts.sql.external_tables import external_files
from cst_contracts.sql.names import table_name

_FILES = ParquetFormat()


class DeltaFormat:
    """Registered by its provider, a frozen snapshot of one version. Its data files are Parquet."""

    capabilities = Capabilities(suffix=".parquet", has_footers=True, has_log=True)

    def open(self, opening: Opening) -> Opened:
        table, url, source = opening.table, opening.url, opening.source
        delta = DeltaLog(opening.pins).open(table, url, source)
        with looking_at(table, url):
            files = _file_urls(url, delta.table)
            _refuse_missing(opening, delta.table.version(), files)
            opening.context.register_table(table_name(table), delta.table)
            storage = _storage(url, delta, files)
        return Opened(SourceFormat.DELTA.value, opening.supplied, storage, delta.table)

    def read_file(self, context: SessionContext, url: str, schema: pa.Schema | None) -> DataFrame:
        return _FILES.read_file(context, url, schema)

    def declare_partitions(
        self,
        context: SessionContext,
        table: str,
        storage: Storage,
        types: Mapping[str, pa.DataType],
    ) -> None:
        raise IntrospectionError("its partitions have the types of its log", relation=table)

    def declare_order(
        self, context: SessionContext, table: str, storage: Storage, terms: Sequence[SortTerm]
    ) -> None:
        """DataFusion 55 takes several files as one table only where their schemas are one, therefore the first
        file stands for those of a table whose schema has changed."""
        try:
            context.sql(external_files(table, storage.files, terms))
        except ValueError:
            context.sql(external_files(table, storage.files[:1], terms))

    def claimed_orders(self, storage: Storage) -> tuple[StoredOrdering, ...]:
        return stored_orderings(storage)


def _storage(url: str, delta: OpenedDelta, files: tuple[str, ...]) -> Storage:
    schema = pa.schema(delta.table.schema().to_arrow())
    partitions = tuple(
        PartitionFacts(name, schema.field(name).type, values=0)
        for name in delta.table.metadata().partition_columns
    )
    return Storage(url, schema, files, partitions, delta=delta.facts)


def _refuse_missing(opening: Opening, version: int, files: Sequence[str]) -> None:
    gone = _missing(files)
    if gone is not None and opening.source.as_of is not None:
        reason = f"version {version} is in the log, and its data is gone: {gone}"
        raise IntrospectionError(
            reason,
            relation=opening.table,
            location=opening.url,
            trouble=Trouble.VERSION_VACUUMED,
        )
    if gone is not None:
        raise FileNotFoundError(gone)


def _file_urls(url: str, opened: DeltaTable) -> tuple[str, ...]:
    """deltalake quotes the table's part of a file's path, and not the part below it."""
    root = urlsplit(opened.table_uri).path if is_local(url) else opened.table_uri
    return tuple(
        f"{url.rstrip('/')}/{quote(uri.removeprefix(root))}" if uri.startswith(root) else uri
        for uri in sorted(opened.file_uris())
    )


def _missing(files: Sequence[str]) -> str | None:
    """The log answers for files that are gone. Of another store's, reading tells."""
    gone = [file for file in files if is_local(file) and not local_path(file).is_file()]
    if not gone:
        return None
    more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    return f"the log names a data file that is not there: {gone[0]}{more}"
