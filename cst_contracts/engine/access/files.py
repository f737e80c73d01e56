"""Registers the data files of relations where no declaration and no statistic is believed."""

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.datatypes import walk_nodes
from cst_contracts.datatypes.nullable import relaxed
from cst_contracts.datatypes.projection import narrowed
from cst_contracts.engine.access.delta_rows import log_fields, with_log_fields
from cst_contracts.engine.access.folders import typed_rows
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.formats.delta.log import needs_log
from cst_contracts.engine.formats.format import Opened
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.schema import live_schema, make_schema
from cst_contracts.engine.session.settings import inferred_alike
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.sql.external_tables import external_files, external_folder
from cst_contracts.sql.names import table_name

if TYPE_CHECKING:
    from deltalake import DeltaTable

READING = {
    # Each batch costs Python a little.
    "datafusion.execution.batch_size": "32768",
    # Where DataFusion 55 puts a repartition between a scan and what is computed of it, it no longer knows in
    # which file a row stands.
    "datafusion.optimizer.enable_round_robin_repartition": "false",
}


class DataFiles:
    """Registers each Parquet and Delta table once whose files alone are its rows."""

    def __init__(self, memory: int | None, stores: frozenset[str] = frozenset()) -> None:
        self._context = open_believing_nothing(READING, memory, stores)
        self._memory, self._stores = memory, stores
        self._sources: dict[str, ScannableFiles | None] = {}
        self._relaxed: set[str] = set()
        self._narrowed: dict[tuple[str, frozenset[str]], ScannableFiles] = {}
        self._typed: dict[str, bool] = {}

    @cached_property
    def _whole(self) -> SessionContext:
        return open_believing_nothing(READING, self._memory, self._stores)

    def source(
        self, table: str, opened: Opened, storage: Storage, inferring: SessionContext
    ) -> ScannableFiles | None:
        """None where only the Delta log can tell the rows. `inferring` is the session that has found the
        storage's schema. Raises IntrospectionError."""
        if table not in self._sources:
            self._sources[table] = self._registered(table, opened, storage, inferring)
        return self._sources[table]

    def typed(self, table: str, session: SessionContext, storage: Storage) -> SessionContext | None:
        """Where a table of files without footers has its hive partitions as they are promised. None where the
        `session` itself has. Raises IntrospectionError."""
        if table not in self._typed:
            with looking_at(table, storage.location):
                rows = typed_rows(session, table, storage)
                self._typed[table] = rows is not None
                if rows is not None:
                    make_schema(self._whole, table)
                    self._whole.register_view(table_name(table), rows)
        return self._whole if self._typed[table] else None

    def relax(self, table: str) -> ScannableFiles | None:
        """Registers the files again with no field NOT NULL. Where one file declares a field REQUIRED that
        another lacks, DataFusion 55 takes it for NOT NULL in both, and hides the missing values. Raises
        IntrospectionError."""
        source = self._sources[table]
        if source is not None and table not in self._relaxed:
            self._relaxed.add(table)
            self._sources[table] = _relaxed(source)
        return self._sources[table]

    def narrowed(self, source: ScannableFiles, paths: Collection[str]) -> ScannableFiles:
        """Registers the files with a schema that has only the leaves at `paths`: of a list of structs
        DataFusion 55 reads all leaves that the schema has. The source itself where that leaves nothing out,
        or where no schema can be told. Raises IntrospectionError."""
        schema = narrowed(source.schema, paths)
        if source.storage.delta is not None or not _is_narrower(schema, source.schema):
            return source
        key = source.table, frozenset(paths)
        if key not in self._narrowed:
            name = f"__cst_narrowed_{len(self._narrowed)}"
            self._narrowed[key] = _known(replace(source, table=name), schema)
        return self._narrowed[key]

    def _registered(
        self, table: str, opened: Opened, storage: Storage, inferring: SessionContext
    ) -> ScannableFiles | None:
        if opened.delta is None:
            if inferred_alike(inferring, self._context):
                source = ScannableFiles(
                    self._context, table, storage, storage.schema, opened.supplied
                )
                return _known(source, storage.schema)
            statement = external_folder(table, storage.engine_url)
            try:
                return _register(self._context, table, storage, statement, supplied=opened.supplied)
            except IntrospectionError:
                # What keeps the engine from inferring the schema has been met when the table was opened.
                source = ScannableFiles(
                    self._context, table, storage, storage.schema, opened.supplied
                )
                return _known(source, storage.schema)
        if needs_log(opened.delta):
            return None
        try:
            statement = external_files(table, storage.files)
            source = _register(self._context, table, storage, statement, supplied=opened.supplied)
        except IntrospectionError:
            return None  # files of several schemas: only the log can read them as one table
        return _with_log_fields(source, opened.delta)


def _register(
    context: SessionContext, table: str, storage: Storage, statement: str, *, supplied: bool
) -> ScannableFiles:
    with looking_at(table, storage.location):
        make_schema(context, table)
        context.sql(statement)
        return _typed(
            ScannableFiles(context, table, storage, live_schema(context, table), supplied)
        )


def _with_log_fields(source: ScannableFiles, opened: "DeltaTable") -> ScannableFiles:
    """Raises IntrospectionError."""
    fields = log_fields(source, opened)
    if fields is None:
        return source
    with looking_at(source.table, source.storage.location):
        context, name = source.context, table_name(source.table)
        rows = with_log_fields(source, fields)
        context.deregister_table(name)
        context.register_view(name, rows)
        return replace(source, schema=live_schema(context, source.table), beside=fields)


def _typed(source: ScannableFiles) -> ScannableFiles:
    """Takes the place of what is registered under the table's name. Raises what the engine raises."""
    context, name = source.context, table_name(source.table)
    rows = typed_rows(context, source.table, source.storage)
    if rows is None:
        return source
    context.deregister_table(name)
    context.register_view(name, rows)
    return replace(source, schema=live_schema(context, source.table), typed=True)


def _relaxed(source: ScannableFiles) -> ScannableFiles | None:
    if source.storage.delta is not None:
        return None  # no schema can be told for a list of files; the log is asked
    with looking_at(source.table, source.storage.location):
        source.context.deregister_table(table_name(source.table))
    return _known(source, pa.schema(map(relaxed, source.schema), source.schema.metadata))


def _known(source: ScannableFiles, schema: pa.Schema) -> ScannableFiles:
    """Registers the files with a schema, so that no footer is read to find one. Fields that stand in folder
    names keep their types."""
    table, storage = source.table, source.storage
    hive = storage.hive_partitions
    stored = [field for field in schema if field.name not in hive]
    folders = [(field.name, field.type) for field in storage.schema if field.name in hive]
    with looking_at(table, storage.location):
        make_schema(source.context, table)
        source.context.register_parquet(
            table_name(table),
            storage.engine_url,
            table_partition_cols=folders,
            file_extension=storage.engine_suffix,
            skip_metadata=False,
            schema=pa.schema(stored, schema.metadata),
        )
        return _typed(replace(source, schema=live_schema(source.context, table)))


def _is_narrower(schema: pa.Schema, whole: pa.Schema) -> bool:
    """Whether some leaf of a list of structs is left out: the engine leaves out whole columns by itself."""
    before = pa.schema([whole.field(name) for name in schema.names])
    return sum(1 for _ in walk_nodes(schema)) < sum(1 for _ in walk_nodes(before))
