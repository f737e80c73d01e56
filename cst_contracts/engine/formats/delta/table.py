"""Delta tables: the log decides which data files and which version are the table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.contract.model import SourceFormat
from cst_contracts.contract.urls import is_stored
from cst_contracts.engine.formats.delta.dataset import register_dataset
from cst_contracts.engine.formats.delta.log import DeltaLog, OpenedDelta, added_files
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.parquet import ParquetFormat
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.schema import live_schema, make_schema
from cst_contracts.engine.session.trouble import IntrospectionError, Refused
from cst_contracts.engine.storage.adapters import FilesOfSchema
from cst_contracts.engine.storage.file_schemas import grouped
from cst_contracts.engine.storage.footers import footer, stored_orderings
from cst_contracts.engine.storage.listing import sizes
from cst_contracts.engine.storage.stored import Capabilities, Storage
from cst_contracts.engine.storage.urls import relative_name
from cst_contracts.facts import PartitionFacts, SortTerm, StoredOrdering, Trouble
from cst_contracts.sql.external_tables import external_files
from cst_contracts.sql.names import table_name

if TYPE_CHECKING:
    from deltalake import DeltaTable

_FILES = ParquetFormat()


class DeltaFormat:
    """Registered by its provider, a frozen snapshot of one version. Its data files are Parquet."""

    capabilities = Capabilities((".parquet",), has_footers=True, has_log=True)

    def open(self, opening: Opening) -> Opened:
        table, url, source = opening.table, opening.url, opening.source
        delta = DeltaLog(opening.pins).open(table, url, source)
        with looking_at(table, url):
            files = tuple(sorted(added_files(url, delta.table).column("path").to_pylist()))
            _refuse_missing(opening, delta.table.version(), files)
            schemas = grouped(_own_schemas(url, delta.table))
            counting = _register(opening, delta.table)
            storage = _storage(url, delta, files, schemas)
        return Opened(
            SourceFormat.DELTA.value, opening.supplied, storage, delta.table, counting=counting
        )

    def read_file(self, context: SessionContext, url: str, schema: pa.Schema | None) -> DataFrame:
        return _FILES.read_file(context, url, schema)

    def file_schema(self, url: str) -> pa.Schema | None:
        return _FILES.file_schema(url)

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
        """DataFusion 55 takes several files as one table only where their schemas are one, therefore the
        first file stands for those of a table whose schema has changed."""
        try:
            context.sql(external_files(table, storage.files, terms))
        except ValueError:
            context.sql(external_files(table, storage.files[:1], terms))

    def claimed_orders(self, storage: Storage) -> tuple[StoredOrdering, ...]:
        return stored_orderings(storage)


def _register(opening: Opening, table: "DeltaTable") -> SessionContext | None:
    """The session that plans with the log's statistics where the opening's own cannot."""
    name = table_name(opening.table)
    if not is_stored(opening.url):
        opening.context.register_table(name, table)
        return None
    counting = open_session({})
    make_schema(counting, opening.table)
    counting.register_table(name, table)
    register_dataset(opening.context, opening.table, table, live_schema(counting, opening.table))
    return counting


def _storage(
    url: str, delta: OpenedDelta, files: tuple[str, ...], schemas: tuple[FilesOfSchema, ...]
) -> Storage:
    schema = pa.schema(delta.table.schema().to_arrow())
    partitions = tuple(
        PartitionFacts(name, schema.field(name).type, values=0)
        for name in delta.table.metadata().partition_columns
    )
    return Storage(url, schema, files, partitions, delta=delta.facts, schemas=schemas)


def _refuse_missing(opening: Opening, version: int, files: Sequence[str]) -> None:
    gone = _missing(opening.url, files)
    if gone is not None and opening.source.as_of is not None:
        reason = f"version {version} is in the log, and its data is gone: {gone}"
        raise IntrospectionError(
            reason,
            relation=opening.table,
            location=opening.url,
            trouble=Trouble.VERSION_VACUUMED,
        )
    if gone is not None:
        raise Refused(gone, Trouble.FILE_GONE)


def _own_schemas(url: str, opened: "DeltaTable") -> Iterator[tuple[str, pa.Schema]]:
    """The schema of each data file, by its path in the table. In a store, none: a file's bytes tell whether
    it is the one that the log describes, and no footer is read for it.

    Raises Refused for files that are not those that the log describes. The log answers what it can by
    itself, so that nobody would miss what a file has lost.
    """
    added = added_files(url, opened)
    columns = (added.column(name).to_pylist() for name in ("path", "size_bytes", "num_records"))
    held = sizes(url, added.column("path").to_pylist())
    for file, size, rows in sorted(zip(*columns, strict=True)):
        path = relative_name(url, file)
        if held[file] != size:
            raise Refused(f"{path} has {held[file]} bytes, and its log says {size}")
        if is_stored(file):
            continue
        own = footer(file)
        if rows is not None and own.num_rows != rows:
            told = f"{path} has {own.num_rows} rows, and its log says {rows}"
            raise Refused(f"{told}: it is another file")
        yield path, own.schema.to_arrow_schema()


def _missing(url: str, files: Sequence[str]) -> str | None:
    """The log answers for files that are gone."""
    held = sizes(url, files)
    gone = [file for file in files if file not in held]
    if not gone:
        return None
    more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    return f"the log names a data file that is not there: {relative_name(url, gone[0])}{more}"
