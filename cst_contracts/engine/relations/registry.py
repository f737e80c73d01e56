"""Every relation of a run by its name, opened in the session when somebody first asks for it."""

from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.contract.diagnostics import ALL_DIAGNOSTICS, diagnosed, diagnostics_of
from cst_contracts.contract.model import SourceContract, SourceFormat, Sql, ViewContract
from cst_contracts.contract.relations import Relations
from cst_contracts.contract.wording import nearest, shown
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.formats import format_of
from cst_contracts.engine.formats.streams import stream_at
from cst_contracts.engine.relations.diagnostics import (
    register_all_diagnostics,
    register_diagnostics,
)
from cst_contracts.engine.relations.mounts import Mounts
from cst_contracts.engine.relations.registration import (
    register_source,
    register_view,
    require_functions,
)
from cst_contracts.engine.relations.sources import compared, listed
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.once import Once
from cst_contracts.engine.session.schema import has_table, live_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.pins import Pins
from cst_contracts.engine.storage.urls import Lake, locate
from cst_contracts.facts import Trouble


class Registry:
    """`context` is the project's session where `supplied`, else one of ours. Files are also registered,
    relaxed, in the `scratch` session: what a declaration in the first would hide shows there. `memory` is
    what queries of ours may take, in bytes; None: all that there is. `stores` are
    the buckets that sessions of ours can read.
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
        stores: frozenset[str] = frozenset(),
    ) -> None:
        self.context = context
        self.relations = relations
        self.lake = lake
        self.memory = memory
        self.supplied = supplied
        self.stores = stores
        self.scratch = open_session({}, memory, stores)
        self.pins = Pins() if pins is None else pins
        self.mounts = Mounts(relations, lake)
        self._opened: Once[str, Opened] = Once()
        self._opening: set[str] = set()

    def open(self, name: str) -> Opened:
        """Raises IntrospectionError, the same each time."""
        known = self._opened.known(name)
        if known is not None:
            return known
        if name in self._opening:  # by whatever way, a view would read itself without an end
            raise IntrospectionError("it is defined by way of itself", relation=name)
        self._opening.add(name)
        try:
            with self._opened.looking(name), looking_at(name):
                return self._opened.keep(name, self._register(name))
        finally:
            self._opening.discard(name)

    def open_all(self) -> tuple[list[str], list[IntrospectionError]]:
        """The relations of the contracts that the session has now, and why it lacks the others."""
        names: list[str] = []
        errors: list[IntrospectionError] = []
        for name in self.relations.names:
            try:
                self.open(name)
                names.append(name)
            except IntrospectionError as error:
                errors.append(error)
        return names, errors

    def whole_session(self) -> tuple[SessionContext, list[IntrospectionError]]:
        """With all relations of the contracts, and the diagnostics of their schemas, as far as can be had."""
        _, errors = self.open_all()
        try:
            self.open(ALL_DIAGNOSTICS)
        except IntrospectionError as error:
            errors.append(error)
        return self.context, errors

    def promises_stream(self, name: str) -> bool:
        source = self.relations.sources.get(name)
        return source is not None and source.unbounded

    def promised_fields(self, name: str) -> pa.Schema:
        """Empty where no contract promises any."""
        return self.relations.promised.get(name, pa.schema([]))

    def _register(self, name: str) -> Opened:
        self._refuse_conflicts(name)
        own = self.relations.sources.get(name)
        if self.supplied and has_table(self.context, name):
            return self._supplied_table(name, own)
        view = self.relations.views.get(name)
        if view is not None:
            return self._view(view)
        source = self.mounts.source(name) if own is None or _in_catalog(own) else own
        if source is None or source.format is SourceFormat.VIEW:
            if self._registers_diagnostics(name):
                return Opened("view", supplied=False)
            raise self._undefined(name, own)
        return register_source(self.opening(self.context, name, source))

    def _registers_diagnostics(self, name: str) -> bool:
        """Whether the name is that of the diagnostics: of all relations that can be opened, or of one."""
        of = diagnosed(name)
        if name == ALL_DIAGNOSTICS:
            tables, _ = self.open_all()
            for table in tables:
                self.open(diagnostics_of(table))
            register_all_diagnostics(self.context, tables)
        elif of is not None and of in self.relations:
            self.open(of)
            register_diagnostics(self.context, self.scratch, of)
        else:
            return False
        return True

    def _undefined(self, table: str, source: SourceContract | None) -> IntrospectionError:
        if self.relations.unread:
            files = ", ".join(self.relations.unread)
            cause = f"no contract defines it, as far as they could be read: {files} could not"
            return IntrospectionError(
                cause, relation=table, names=self.relations.unread, trouble=Trouble.UNDEFINED
            )
        if source is None or _in_catalog(source):
            cause = "the session has no such table, and no contract gives it a `source`"
            if source is not None:
                cause = "the session has no such table, nor has a catalog that a session mounts"
            told = f"{cause}{self._meant(table)}{_unlisted(iter(self.mounts.errors()))}"
            return IntrospectionError(told, relation=table, trouble=Trouble.MISSING)
        return IntrospectionError(
            "no contract defines a view of this name", relation=table, trouble=Trouble.MISSING
        )

    def _meant(self, table: str) -> str:
        """A relation that is called nearly so, where no contract is of this one."""
        known = () if table in self.relations else (*self.relations.names, *self.mounts.names())
        meant = nearest(table, known)
        return f"; did you mean {shown(meant)}?" if meant else ""

    def _refuse_conflicts(self, table: str) -> None:
        if table in self.relations.conflicts:
            files = ", ".join(self.relations.conflicts[table])
            cause = f"several contracts define it: {files}; leave it to one of them"
            raise IntrospectionError(cause, relation=table)

    def _supplied_table(self, table: str, source: SourceContract | None) -> Opened:
        """The project's own registration stands; where its files lie, they are looked at beside it."""
        view = self.relations.views.get(table)
        if view is not None:
            require_functions(self.context, view)
        if source is not None and source.unbounded and source.location is not None:
            return self._supplied_stream(table, source)
        if source is not None and _in_catalog(source):
            source = self.mounts.source(table)
        if source is None or source.location is None or format_of(source.format) is None:
            return Opened("session", supplied=True)
        declared = live_schema(self.context, table)
        opening = self.opening(self.scratch, table, source, supplied=True, united=declared)
        if not _has_footers(source.format):
            return Opened("session", supplied=True, source=listed(self.context, opening))
        return compared(self.context, opening, register_source(opening))

    def _supplied_stream(self, table: str, source: SourceContract) -> Opened:
        url = locate(source.location or "", self.lake, table)
        stream = stream_at(table, url, source.format, self.promised_fields(table))
        return Opened("session", supplied=True, stream=stream)

    def _refuse_waiting(self, view: ViewContract, name: str) -> None:
        """A view is run to be checked, and would take the rows of a pipe away, or wait for them for ever."""
        stream = self.open(name).stream
        if stream is not None and stream.pipe:
            cause = f"{name} is a pipe, whose rows come once: a view of it cannot be tried"
            raise IntrospectionError(cause, relation=view.name)

    def opening(
        self,
        context: SessionContext,
        table: str,
        source: SourceContract,
        *,
        supplied: bool = False,
        united: pa.Schema | None = None,
    ) -> Opening:
        """A stored table of this run, to be registered in any session; files of several types as `united`,
        or else as promised where the contract's `evolution` allows it. Raises IntrospectionError where
        nobody can tell where it lies."""
        with looking_at(table, source.location):
            url = locate(source.location or "", self.lake, table)
        promised = self.promised_fields(table)
        return Opening(
            context,
            table,
            url,
            source,
            promised,
            self.pins,
            supplied,
            stores=self.stores,
            united=promised if united is None else united,
            evolution=None if supplied else self.relations.evolution(table),
        )

    def open_mentioned(self, query: str) -> list[IntrospectionError]:
        """Opens every relation that the text of a query mentions, though it may not read it; why some of them
        could not be opened."""
        errors: list[IntrospectionError] = []
        for name in self.relations.mentioned(query, self.mounts.names()):
            try:
                self.open(name)
            except IntrospectionError as error:
                errors.append(error)
        return errors

    def make_read_by(
        self, view: ViewContract, make: Callable[[str], object]
    ) -> Mapping[str, IntrospectionError | None]:
        """Makes every relation that a view reads; by name, why it could not be made.

        Only the text of an `sql` view may mention a table that it does not read: what could not be made for
        another view is raised.
        """
        made: dict[str, IntrospectionError | None] = {}
        for name in self.relations.read_by(view, self.mounts.names()):
            try:
                make(name)
                made[name] = None
            except IntrospectionError as error:
                if not isinstance(view.definition, Sql):
                    raise
                made[name] = error
        return made

    def _view(self, view: ViewContract) -> Opened:
        made = self.make_read_by(view, self.open)
        unread = [error for error in made.values() if error is not None]
        for name, error in made.items():
            if error is None:
                self._refuse_waiting(view, name)
        try:
            return register_view(self.context, view)
        except IntrospectionError as error:
            if unread and error.trouble is not Trouble.FUNCTION:
                raise unread[0] from unread[0].__cause__
            raise


def _has_footers(format_: SourceFormat) -> bool:
    """Whether its storage tells something of its own, whoever has registered the table."""
    found = format_of(format_)
    return found is not None and found.capabilities.has_footers


def _in_catalog(source: SourceContract) -> bool:
    return source.format is SourceFormat.CATALOG


def _unlisted(errors: Iterator[IntrospectionError]) -> str:
    return "".join(f"; the catalog at {e.location} could not be listed: {e.reason}" for e in errors)
