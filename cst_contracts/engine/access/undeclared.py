"""Relations as questions about their rows read them: with nothing declared, and no statistic believed.

DataFusion 55 folds `IS NOT NULL` to true where a schema says NOT NULL, drops DISTINCT where a registration
declares a key, and takes a field for a constant where its statistics say so. Therefore views of ours are made
again in a session of our own, of files that declare nothing; a session of the project's is asked by way of a
copy, and what is NOT NULL in it is handed over as an expression of which the engine knows nothing.
"""

from collections.abc import Callable
from functools import cached_property

from datafusion import DataFrame, SessionContext

from cst_contracts.engine.relations.registration import view_rows
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import believing_nothing, open_believing_nothing
from cst_contracts.engine.session.once import Once
from cst_contracts.engine.session.schema import live_schema, make_schema
from cst_contracts.engine.session.settings import reading_settings
from cst_contracts.sql.names import table_name
from cst_contracts.sql.selects import select_undeclared


class Undeclared:
    """`stored` gives a table's rows by its files, where these alone are its rows. All methods raise
    IntrospectionError."""

    def __init__(self, registry: Registry, stored: Callable[[str], DataFrame | None]) -> None:
        self._registry = registry
        self._stored = stored
        self._contexts: Once[str, SessionContext] = Once()

    @cached_property
    def live(self) -> SessionContext:
        """The run's session, with its relations and functions as they are declared there."""
        return believing_nothing(self._registry.context)

    @cached_property
    def scratch(self) -> SessionContext:
        return believing_nothing(self._registry.scratch)

    def session(self, relation: str) -> SessionContext:
        """In which queries under the relation's name read its rows. What the project has registered keeps
        what it declares, since its functions are known there only: `rows_undeclared` hides that."""
        opened = self._registry.open(relation).as_given
        if opened.supplied:
            return self.live if opened.storage is None else self.scratch
        return self.live if self._registry.supplied else self._contexts.get(relation, self._made)

    @cached_property
    def _context(self) -> SessionContext:
        settings = reading_settings(self._registry.context)
        return open_believing_nothing(settings, self._registry.memory, self._registry.stores)

    def _made(self, relation: str) -> SessionContext:
        with looking_at(relation):
            frame = self._frame(relation)
            make_schema(self._context, relation)
            self._context.register_view(table_name(relation), frame)
            return self._context

    def _frame(self, relation: str) -> DataFrame:
        view = self._registry.relations.views.get(relation)
        if view is not None:
            self._registry.make_read_by(view, lambda name: self._contexts.get(name, self._made))
            return view_rows(self._context, view)
        return self._stored(relation) or self._live_rows(relation)

    def _live_rows(self, relation: str) -> DataFrame:
        return rows_undeclared(self._registry.context, relation)


def rows_undeclared(context: SessionContext, relation: str) -> DataFrame:
    """All rows under the relation's name, with no field NOT NULL: what is taken out of an array may be null
    to the planner, whatever was put in. Raises what the engine raises."""
    schema = live_schema(context, relation)
    if all(field.nullable for field in schema):
        return context.table(table_name(relation))
    return context.sql(select_undeclared(schema, relation))
