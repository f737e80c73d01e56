"""Reads no more of views and of the tables that they take apart than somebody asks for.

It can where a view is made of columns as they are stored.
"""

from collections.abc import Collection, Sequence

from datafusion import DataFrame
from msgspec.structs import replace

from cst_contracts.contract.model import Explode, Sql, ViewContract
from cst_contracts.datatypes import child_path, find_node
from cst_contracts.datatypes.projection import lightest
from cst_contracts.engine.access.undeclared import rows_undeclared
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.relations.registration import view_rows
from cst_contracts.engine.session.boundary import looking_at


def is_made_of_columns(access: RowAccess, view: ViewContract) -> bool:
    """Whether a view, down to its table, is ours and made of columns as they are, so that none need be
    computed that nobody asks for. Raises IntrospectionError."""
    registry = access.registry
    below = registry.relations.views.get(view.of)
    ours = not registry.open(view.name).supplied and not registry.open(view.of).supplied
    made = not isinstance(view.definition, Sql)
    return ours and made and (below is None or is_made_of_columns(access, below))


def rows_of_view(access: RowAccess, view: ViewContract, wanted: Collection[str]) -> DataFrame:
    """With the `wanted` columns, and maybe more. Raises IntrospectionError."""
    source = access.source(view.of)
    if isinstance(view.definition, Explode) and source is not None:
        node = find_node(source.schema, child_path("", view.definition.column))
        if node is not None:
            kept = tuple(name for name in view.keep if name in wanted)
            made = [name for name in wanted if name not in view.keep]
            inside = [child_path(f"{node.path}[]", name) for name in made] or [lightest(node)]
            narrowed = access.narrowed(source, [*(child_path("", name) for name in kept), *inside])
            if narrowed is not source:
                return view_rows(narrowed.context, replace(view, of=narrowed.table, keep=kept))
    return _live_rows(access, view.name)


def lists_of_table(access: RowAccess, table: str, columns: Sequence[str]) -> DataFrame:
    """As long as they are stored, whatever they hold. Raises IntrospectionError."""
    source = access.source(table)
    if source is None or source.supplied:
        return _live_rows(access, table)
    nodes = [find_node(source.schema, child_path("", name)) for name in columns]
    found = [lightest(node) for node in nodes if node is not None]
    if len(found) < len(columns):
        return _live_rows(access, table)
    return access.narrowed(source, found).frame()


def _live_rows(access: RowAccess, relation: str) -> DataFrame:
    context = access.session_with(relation)
    with looking_at(relation):
        return rows_undeclared(context, relation)
