"""Compares a view that the project registered itself with the contract's definition, row by row."""

from cst_contracts.contract.model import ViewContract
from cst_contracts.engine.relations.registration import view_rows
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.relations.row_hashes import row_hashes
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import RowDifference
from cst_contracts.sql.names import identifier, table_name


def view_difference(registry: Registry, view: ViewContract) -> RowDifference | None:
    """Both are run in the project's session, over what the view is promised to be made of. None where the
    project has not registered the view. Raises IntrospectionError."""
    if not registry.open(view.name).supplied:
        return None
    registry.make_read_by(view, registry.open)
    with looking_at(view.name):
        promised = view_rows(registry.context, view)
        names = promised.schema().names
        given = registry.context.table(table_name(view.name))
        absent = [name for name in names if name not in given.schema().names]
        if absent:
            reason = f"it has no column {', '.join(absent)}, which its definition makes"
            raise IntrospectionError(reason, relation=view.name)
        # A view may have its columns in another sequence than its definition.
        rows = row_hashes(given.select(*map(identifier, names)))
        return rows.difference(row_hashes(promised.select(*map(identifier, names))))
