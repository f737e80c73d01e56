"""The live relations of a run: opened on first use, and every fact read once a process."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.contract.diagnostics import ALL_DIAGNOSTICS, diagnosed, diagnostics_of
from cst_contracts.contract.model import (
    CatalogContract,
    FunctionContract,
    RuleContract,
    SourceContract,
    SourceFormat,
    Sql,
    TableContract,
    ViewContract,
)
from cst_contracts.contract.relations import Relations
from cst_contracts.datatypes import top_level
from cst_contracts.engine.access.files import DataFiles
from cst_contracts.engine.access.scannable import Source
from cst_contracts.engine.formats.delta.log import DeltaLog, has_physical_names, log_rows, needs_log
from cst_contracts.engine.formats.delta.pins import Pins
from cst_contracts.engine.formats.streams import Stream, stream_at
from cst_contracts.engine.looks.constraints import enforcement_facts
from cst_contracts.engine.looks.effects import setting_effects
from cst_contracts.engine.looks.functions import function_inventory, probe_function
from cst_contracts.engine.looks.policies import pruning_facts, statistics_facts
from cst_contracts.engine.looks.session import session_facts
from cst_contracts.engine.looks.tables import row_count, table_facts
from cst_contracts.engine.relations.diagnostics import (
    read_diagnostics,
    register_all_diagnostics,
    register_diagnostics,
)
from cst_contracts.engine.relations.mounts import Mounts
from cst_contracts.engine.relations.registration import (
    Opened,
    register_source,
    register_view,
    require_functions,
)
from cst_contracts.engine.rows.values import measure_nulls
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.once import remembered
from cst_contracts.engine.session.schema import has_table
from cst_contracts.engine.storage.hive import partition_types
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.errors import (
    FunctionUnknown,
    IntrospectionError,
    TableMissing,
    TableUndefined,
)
from cst_contracts.facts import (
    Basis,
    CatalogFacts,
    EnforcementFacts,
    FieldDiagnostic,
    FunctionProbe,
    PruningFacts,
    SessionFacts,
    SettingEffect,
    StatisticsFacts,
    TableFacts,
    ValueFacts,
)

#: More than most keys take while they are grouped or joined.
_BYTES_A_KEY = 400

#: Formats whose storage we can look at, whoever registered the table.
_LOOKED_INTO = frozenset({SourceFormat.PARQUET, SourceFormat.DELTA})


class LiveCatalog:
    """Facts, or the IntrospectionError that stands in their way, per relation and remembered.

    `context` is the project's session where `supplied`, else one of ours. Files are also registered,
    relaxed, in a session beside it: what a declaration in the first would hide shows there.
    """

    def __init__(
        self,
        context: SessionContext,
        relations: Relations,
        lake: Lake | None,
        memory: int | None = None,
        *,
        supplied: bool,
        pins: Pins | None = None,
    ) -> None:
        self._context = context
        self._memory = memory
        self._beside = open_session({}, memory)
        self._files = DataFiles(memory)
        self._relations = relations
        self._lake = lake
        self._supplied = supplied
        self._log = DeltaLog(Pins() if pins is None else pins)
        self._opened: dict[str, Opened | IntrospectionError] = {}
        self._facts: dict[str, TableFacts | IntrospectionError] = {}
        self._counts: dict[str, tuple[int, Basis] | IntrospectionError] = {}
        self._diagnostics: dict[str, tuple[FieldDiagnostic, ...] | IntrospectionError] = {}
        self._sessions: dict[str, SessionFacts | IntrospectionError] = {}
        self._mounts = Mounts(relations, lake, self._log)
        self._mounted: dict[CatalogContract, CatalogFacts | IntrospectionError] = {}
        self._effects: dict[str, Mapping[str, SettingEffect] | IntrospectionError] = {}

    def facts(self, table: str) -> TableFacts | IntrospectionError:
        return remembered(self._facts, table, lambda: self._introspect(table))

    def row_count(self, table: str) -> tuple[int, Basis] | IntrospectionError:
        """The engine's `count(*)`, and whether metadata answered it."""
        return remembered(self._counts, table, lambda: self._count(table))

    def count_nulls(self, table: str, paths: Sequence[str]) -> ValueFacts:
        """One pass over the rows for all `paths`. Raises IntrospectionError."""
        opened = self._open(table)
        logged = opened.delta is not None and not opened.supplied
        context = self.stored_session(table, paths) if logged else self._context
        return measure_nulls(context, self._beside, table, opened, paths)

    def diagnostics(self, table: str) -> tuple[FieldDiagnostic, ...] | IntrospectionError:
        """What the view of the relation's schema says, which is registered for it."""
        return remembered(self._diagnostics, table, lambda: self._diagnose(table))

    def _diagnose(self, table: str) -> tuple[FieldDiagnostic, ...]:
        self._open(diagnostics_of(table))
        return read_diagnostics(self._context, table)

    @property
    def relations(self) -> Relations:
        return self._relations

    def session_with(self, table: str) -> SessionContext:
        """The session, with the relation in it. Raises IntrospectionError."""
        self._open(table)
        return self._context

    def storage(self, table: str) -> Storage | None:
        """None where nobody can tell how it is stored. Raises IntrospectionError."""
        opened = self._open(table)
        if opened.delta is not None and needs_log(opened.delta):
            what = "column mapping" if has_physical_names(opened.delta) else "deletion vectors"
            cause = f"its data files cannot be read without the log: the table has {what}"
            raise IntrospectionError(cause, table=table)
        return opened.storage

    def source(self, table: str) -> Source | None:
        """Its data files, where these alone are its rows. Raises IntrospectionError."""
        opened = self._open(table)
        storage = opened.storage
        if opened.format not in _LOOKED_INTO or storage is None or not storage.files:
            return None
        inferring = self._beside if opened.supplied else self._context
        return self._files.source(table, opened, storage, inferring)

    def relaxed_source(self, table: str) -> Source | None:
        """From now on, with nothing that one file requires taken for true of all."""
        return None if self.source(table) is None else self._files.relax(table)

    def narrowed(self, source: Source, paths: Collection[str]) -> Source:
        """As little of a source as holds the fields at `paths`. Raises IntrospectionError."""
        return self._files.narrowed(source, paths)

    def may_spill(self, context: SessionContext, relations: Iterable[str]) -> bool:
        """Whether a session of ours may not hold a key of each row of these relations in memory."""
        if self._memory is None or (self._supplied and context is self._context):
            return False
        counts = [self.row_count(relation) for relation in relations]
        rows = [count[0] for count in counts if not isinstance(count, IntrospectionError)]
        return len(rows) < len(counts) or sum(rows) * _BYTES_A_KEY > self._memory

    def is_made_of_columns(self, view: ViewContract) -> bool:
        """Whether a view, down to its table, is the catalog's own and made of columns as they are, so that
        none need be computed that nobody asks for. Raises IntrospectionError."""
        below = self._relations.views.get(view.of)
        own = not self._open(view.name).supplied and not self._open(view.of).supplied
        made = not isinstance(view.definition, Sql)
        return own and made and (below is None or self.is_made_of_columns(below))

    def stored_session(self, table: str, paths: Sequence[str]) -> SessionContext:
        """The session in which queries under the table's name read its rows with nothing declared, as far
        as that can be had. Raises IntrospectionError."""
        source, opened = self.source(table), self._open(table)
        if source is not None:
            read = {top_level(path) for path in paths} or set(source.storage.schema.names)
            if opened.delta is None or read <= set(source.schema.names):
                return source.context
            whole = self._files.whole(source, opened.delta)
            if whole is not None:
                return whole
        if opened.stream is not None:
            raise IntrospectionError(f"{table} is unbounded: nobody can look rows up in it")
        return self._beside if opened.supplied and opened.storage is not None else self._context

    def logged_schema(self, table: str) -> pa.Schema | None:
        """Of a Delta table that cannot be read without its log. Raises IntrospectionError."""
        opened = self._open(table)
        if opened.delta is None or opened.storage is None or self.source(table) is not None:
            return None
        return opened.storage.schema

    def logged_rows(self, table: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Of such a table. Raises what deltalake raises."""
        opened = self._open(table)
        return iter(()) if opened.delta is None else log_rows(opened.delta, columns)

    def enforcement(
        self, table: str, rules: Sequence[RuleContract]
    ) -> EnforcementFacts | IntrospectionError | None:
        """None where the table is no Delta table, as far as anybody can tell."""
        try:
            opened = self._open(table)
            return None if opened.delta is None else enforcement_facts(table, opened.delta, rules)
        except IntrospectionError as error:
            return error

    def looked_at(self) -> list[TableFacts]:
        return [facts for facts in self._facts.values() if isinstance(facts, TableFacts)]

    def rows_seen(self, table: str) -> int | None:
        """As far as anybody has counted."""
        match self._counts.get(table):
            case (int(rows), _):
                return rows
            case _:
                return None

    def session(self) -> SessionFacts | IntrospectionError:
        return remembered(self._sessions, "session", lambda: session_facts(self._context))

    def effects(self) -> Mapping[str, SettingEffect] | IntrospectionError:
        """What can be seen of the session's settings, by name."""
        return remembered(self._effects, "effects", lambda: setting_effects(self._context))

    def mounted(self, catalog: CatalogContract) -> CatalogFacts | IntrospectionError:
        return remembered(self._mounted, catalog, lambda: self._mounts.facts(catalog))

    def mounts_seen(self) -> list[CatalogFacts]:
        return [facts for facts in self._mounted.values() if isinstance(facts, CatalogFacts)]

    def contracts(self) -> tuple[TableContract, ...]:
        """All that there are, selected or not."""
        return self._relations.tables

    def probe(self, function: FunctionContract) -> FunctionProbe | None:
        match self.session():
            case SessionFacts(functions=inventory):
                return probe_function(self._context, function, inventory)
            case IntrospectionError():
                return None

    def _introspect(self, table: str) -> TableFacts:
        opened = self._open(table)
        source = self._relations.sources.get(table)
        promised = () if source is None else source.ordered_by
        functions = self._functions_known() if opened.storage is None else ()
        types = (
            {} if source is None else partition_types(source.partitioned_by, self._fields(table))
        )
        return table_facts(self._context, self._beside, table, opened, promised, functions, types)

    def _fields(self, table: str) -> pa.Schema:
        """As promised."""
        return self._relations.promised.get(table, pa.schema([]))

    def _functions_known(self) -> tuple[str, ...]:
        """By name; where the session hides its own, the engine's."""
        match self.session():
            case SessionFacts(functions=inventory):
                return tuple(function.name for function in inventory)
            case IntrospectionError():
                return tuple(function.name for function in function_inventory(self._beside))

    def _count(self, table: str) -> tuple[int, Basis]:
        storage = self._open(table).storage
        return row_count(self._context, table, None if storage is None else storage.location)

    def _open(self, table: str) -> Opened:
        opened = remembered(self._opened, table, lambda: self._register(table))
        if isinstance(opened, IntrospectionError):
            raise opened
        return opened

    def _register(self, table: str) -> Opened:
        # Remembered before it is true: a view that reads itself, by whatever way, meets this.
        self._opened[table] = IntrospectionError("it is defined by way of itself", table=table)
        with looking_at(table):
            self._refuse_conflicts(table)
            own = self._relations.sources.get(table)
            if self._supplied and has_table(self._context, table):
                return self._supplied_table(table, own)
            view = self._relations.views.get(table)
            if view is not None:
                return self._view(view)
            source = self._mounts.source(table) if own is None or _in_catalog(own) else own
            if source is None or source.format is SourceFormat.VIEW:
                if self._registers_diagnostics(table):
                    return Opened("view", supplied=False)
                raise self._undefined(table, own)
            return self._source(self._context, table, source, supplied=False)

    def _registers_diagnostics(self, name: str) -> bool:
        """Whether the name is that of the diagnostics: of all relations that can be opened, or of one."""
        of = diagnosed(name)
        if name == ALL_DIAGNOSTICS:
            tables, _ = self.open_all()
            for table in tables:
                self._open(diagnostics_of(table))
            register_all_diagnostics(self._context, tables)
        elif of is not None and of in self._relations:
            self._open(of)
            register_diagnostics(self._context, self._beside, of)
        else:
            return False
        return True

    def open_all(self) -> tuple[list[str], list[IntrospectionError]]:
        """The relations of the contracts that the session has now, and why it lacks the others."""
        tables: list[str] = []
        errors: list[IntrospectionError] = []
        for table in self._relations.names:
            try:
                self._open(table)
                tables.append(table)
            except IntrospectionError as error:
                errors.append(error)
        return tables, errors

    def whole_session(self) -> tuple[SessionContext, list[IntrospectionError]]:
        """With all relations of the contracts, and what is told of their schemas, as far as can be had."""
        _, errors = self.open_all()
        try:
            self._open(ALL_DIAGNOSTICS)
        except IntrospectionError as error:
            errors.append(error)
        return self._context, errors

    def _undefined(self, table: str, source: SourceContract | None) -> TableMissing:
        if self._relations.unread:
            files = ", ".join(self._relations.unread)
            cause = f"no contract defines it, as far as they could be read: {files} could not"
            return TableUndefined(cause, table=table, unread=self._relations.unread)
        if source is None or _in_catalog(source):
            cause = "the session has no such table, and no contract gives it a `source`"
            if source is not None:
                cause = "the session has no such table, nor has a catalog that a session mounts"
            unlisted = "".join(
                f"; the catalog {each}" for each in map(_told, self._mounts.errors())
            )
            return TableMissing(f"{cause}{unlisted}", table=table)
        return TableMissing("no contract defines a view of this name", table=table)

    def _refuse_conflicts(self, table: str) -> None:
        if table in self._relations.conflicts:
            files = ", ".join(self._relations.conflicts[table])
            cause = f"several contracts define it: {files}; leave it to one of them"
            raise IntrospectionError(cause, table=table)

    def _supplied_table(self, table: str, source: SourceContract | None) -> Opened:
        """The project's own registration stands; where its files lie, they are looked at beside it."""
        view = self._relations.views.get(table)
        if view is not None:
            require_functions(self._context, view)
        if source is not None and source.unbounded and source.location is not None:
            return self._supplied_stream(table, source)
        if source is not None and _in_catalog(source):
            source = self._mounts.source(table)
        if source is None or source.location is None or source.format not in _LOOKED_INTO:
            return Opened("session", supplied=True)
        return self._source(self._beside, table, source, supplied=True)

    def policy(self, table: str, name: str) -> StatisticsFacts | PruningFacts | IntrospectionError:
        """What comes of `statistics` or of `pruning`."""
        try:
            storage = self._open(table).storage
            look = statistics_facts if name == "statistics" else pruning_facts
            return look(self._context, table, storage)
        except IntrospectionError as error:
            return error

    def stream(self, table: str) -> Stream | None:
        """None for a table that ends. Raises IntrospectionError."""
        return self._open(table).stream

    def promises_stream(self, table: str) -> bool:
        source = self._relations.sources.get(table)
        return source is not None and source.unbounded

    def _supplied_stream(self, table: str, source: SourceContract) -> Opened:
        url = self._lake.locate(source.location or "") if self._lake else source.location or ""
        stream = stream_at(table, url, source.format, self._fields(table))
        return Opened("session", supplied=True, stream=stream)

    def _refuse_waiting(self, view: ViewContract, name: str) -> None:
        """A view is run to be checked, and would take the rows of a pipe away, or wait for them for ever."""
        stream = self._open(name).stream
        if stream is not None and stream.pipe:
            cause = f"{name} is a pipe, whose rows come once: a view of it cannot be tried"
            raise IntrospectionError(cause, table=view.name)

    def _source(
        self, context: SessionContext, table: str, source: SourceContract, *, supplied: bool
    ) -> Opened:
        fields, lake, log = self._fields(table), self._lake, self._log
        return register_source(
            context, table, source, lake, log, supplied=supplied, promised=fields
        )

    def _view(self, view: ViewContract) -> Opened:
        unread: list[IntrospectionError] = []
        for name in self._relations.read_by(view, self._mounts.names()):
            try:
                self._open(name)
            except IntrospectionError as error:
                # A query may mention the name of a table that it does not read.
                if not isinstance(view.definition, Sql):
                    raise
                unread.append(error)
            else:
                self._refuse_waiting(view, name)
        try:
            return register_view(self._context, view)
        except FunctionUnknown:
            raise
        except IntrospectionError:
            if unread:
                raise unread[0] from unread[0].__cause__
            raise


def _in_catalog(source: SourceContract) -> bool:
    return source.format is SourceFormat.CATALOG


def _told(error: IntrospectionError) -> str:
    return f"at {error.location} could not be listed: {error.cause}"
