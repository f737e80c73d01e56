"""The ways to a relation's rows: its files alone, the session's queries, a Delta log, or a stream."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from datafusion import DataFrame, SessionContext
from msgspec import Struct

from cst_contracts.datatypes import top_level
from cst_contracts.engine.access.files import DataFiles
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.access.undeclared import Undeclared, rows_undeclared
from cst_contracts.engine.formats.delta.log import has_physical_names, log_rows, needs_log
from cst_contracts.engine.formats.format import Opened
from cst_contracts.engine.looks.tables import row_count
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.once import Once
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.facts import RowCount

if TYPE_CHECKING:
    from deltalake import DeltaTable

#: More than most keys take while they are grouped or joined.
_BYTES_A_KEY = 400


class LoggedRows(Struct, frozen=True):
    """The rows of a Delta table by way of its log."""

    table: "DeltaTable"
    schema: pa.Schema

    def rows(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Raises what deltalake raises."""
        return log_rows(self.table, columns)


class RowAccess:
    """Finds out in which ways the rows of a registry's relations can be read. All methods raise
    IntrospectionError."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._files = DataFiles(registry.memory, registry.stores)
        self.undeclared = Undeclared(registry, self._stored_rows)
        self._counts: Once[str, RowCount] = Once()

    def row_count(self, relation: str) -> RowCount:
        """The engine's `count(*)`, and whether metadata answered it."""
        return self._counts.get(relation, lambda name: row_count(self.registry, name))

    def opened(self, relation: str) -> Opened:
        """Without a storage whose rows are not those that the session gives."""
        return self.registry.open(relation).as_given

    def session_with(self, relation: str) -> SessionContext:
        """A session that has the relation as its rows are asked for, with no statistic believed."""
        return self.undeclared.session(relation)

    def storage(self, table: str) -> Storage | None:
        """None where nobody can tell how it is stored."""
        opened = self.opened(table)
        if opened.delta is not None and needs_log(opened.delta):
            what = "column mapping" if has_physical_names(opened.delta) else "deletion vectors"
            cause = f"its data files cannot be read without the log: the table has {what}"
            raise IntrospectionError(cause, relation=table)
        read = self.registry.open(table).read
        return opened.storage if read is None else read

    def source(self, table: str) -> ScannableFiles | None:
        """Its data files, where these alone are its rows."""
        opened = self.opened(table)
        storage = opened.storage
        if storage is None or not storage.capabilities.has_footers or not storage.files:
            return None
        inferring = self.registry.scratch if opened.supplied else self.registry.context
        return self._files.source(table, opened, storage, inferring)

    def relaxed_source(self, table: str) -> ScannableFiles | None:
        """The data files with no field NOT NULL, from now on: what one file requires is not true of all."""
        return None if self.source(table) is None else self._files.relax(table)

    def narrowed(self, source: ScannableFiles, paths: Collection[str]) -> ScannableFiles:
        """The same files with only the fields at `paths`, or with little more."""
        return self._files.narrowed(source, paths)

    def may_spill(self, context: SessionContext, relations: Iterable[str]) -> bool:
        """Whether the keys of all rows of these relations may be more than a session of ours may hold in
        memory."""
        if self.registry.memory is None or (
            self.registry.supplied and context is self.undeclared.live
        ):
            return False
        try:
            rows = sum(self.row_count(relation).rows for relation in relations)
        except IntrospectionError:
            return True  # nobody knows how many there are
        return rows * _BYTES_A_KEY > self.registry.memory

    def stored_session(self, table: str, paths: Sequence[str]) -> SessionContext:
        """The session in which queries under the table's name read its rows with nothing declared, as far
        as that can be had."""
        stored = self._stored_session(table, paths)
        if stored is not None:
            return stored
        if self.opened(table).stream is not None:
            raise IntrospectionError(f"{table} is unbounded: nobody can look rows up in it")
        return self.undeclared.session(table)

    def _stored_session(self, table: str, paths: Sequence[str] = ()) -> SessionContext | None:
        """That of its data files, or of these and what its log alone tells; of others, one in which its
        hive partitions have their promised types where the session's own has not."""
        source, opened = self.source(table), self.opened(table)
        if source is None:
            return self._typed_session(table, opened)
        read = {top_level(path) for path in paths} or set(source.storage.schema.names)
        has_all = opened.delta is None or read <= set(source.schema.names)
        return source.context if has_all else None

    def _typed_session(self, table: str, opened: Opened) -> SessionContext | None:
        if opened.storage is None or opened.stream is not None:
            return None
        session = self.registry.scratch if opened.supplied else self.registry.context
        return self._files.typed(table, session, opened.storage)

    def _stored_rows(self, table: str) -> DataFrame | None:
        """All rows of a table, with nothing that one of its files requires taken for true of all."""
        source = self.source(table)
        if source is not None and source.storage.delta is None and len(source.storage.files) > 1:
            self._files.relax(table)
        context = self._stored_session(table)
        return None if context is None else rows_undeclared(context, table)

    def logged(self, table: str) -> LoggedRows | None:
        """Of a Delta table that cannot be read without its log; None of others."""
        opened = self.opened(table)
        if opened.delta is None or opened.storage is None or self.source(table) is not None:
            return None
        return LoggedRows(opened.delta, opened.storage.schema)
