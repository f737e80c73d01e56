"""Looks at a session's settings and functions."""

from datafusion import SessionContext

from cst_contracts.engine.looks.functions import function_inventory
from cst_contracts.engine.looks.shadowing import shadowed_functions
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.settings import settings_of
from cst_contracts.facts import SessionFacts


def session_facts(context: SessionContext) -> SessionFacts:
    """Raises IntrospectionError, with the way out where information_schema is off."""
    with looking_at(None):
        settings = settings_of(context)  # first: it says where information_schema is off
        fresh = open_session({})
        functions, built_in = function_inventory(context), function_inventory(fresh)
        shadowed = shadowed_functions(context, functions, fresh, built_in)
        added = {each.name for each in functions} - {each.name for each in built_in}
        return SessionFacts(
            settings,
            functions,
            settings_of(fresh),
            shadowed=shadowed,
            added=tuple(sorted(added.union(shadowed))),
        )
