"""Two sessions to the engine's own functions whose names stand for others in the first.

The inventory tells most: kinds, overloads, determinism, and the engine's own descriptions, which nothing
registered from Python has. The engine's table functions have no descriptions; a call's plan tells them.
A compiled extension that registers a function with the engine's own signature and description cannot
be told from it.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from datafusion import SessionContext

from cst_contracts.contract.model import FunctionKind
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import FunctionFacts
from cst_contracts.sql.plan_text import generates
from cst_contracts.sql.selects import call_table_function

Key: TypeAlias = tuple[str, str]

_DESCRIPTIONS = """
SELECT DISTINCT routine_name AS name, function_type AS kind, description, syntax_example AS syntax
FROM information_schema.routines"""


def shadowed_functions(
    context: SessionContext,
    functions: Iterable[FunctionFacts],
    fresh: SessionContext,
    built_in: Iterable[FunctionFacts],
) -> tuple[str, ...]:
    """Sorted names. `fresh` is a session of the same engine to which nobody has added anything."""
    own, engines = _identities(context, functions), _identities(fresh, built_in)
    names = {name for name, _ in engines}
    return tuple(
        sorted(
            {
                name
                for (name, kind), identity in own.items()
                if name in names
                and (identity != engines.get((name, kind)) or _other_rows(context, name, kind))
            }
        )
    )


def _identities(
    context: SessionContext, functions: Iterable[FunctionFacts]
) -> dict[Key, tuple[FunctionFacts, frozenset[object]]]:
    """Of those that the engine lists: nobody can put another in the place of what its planner alone knows."""
    descriptions: defaultdict[Key, set[object]] = defaultdict(set)
    for row in context.sql(_DESCRIPTIONS).to_arrow_table().to_pylist():
        descriptions[row["name"], row["kind"].lower()].add((row["description"], row["syntax"]))
    return {
        (each.name, each.kind): (each, frozenset(descriptions[each.name, each.kind]))
        for each in functions
        if (each.name, each.kind) in descriptions
    }


def _other_rows(context: SessionContext, name: str, kind: str) -> bool:
    """A table function of the engine's name and another's making."""
    if kind != FunctionKind.TABLE:
        return False
    try:
        with looking_at(None):
            plan = context.sql(call_table_function(name)).execution_plan().display_indent()
    except IntrospectionError:
        return True  # the engine's own take two numbers
    return not generates(plan, name)
