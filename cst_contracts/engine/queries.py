"""A relation of the session to what it asks for, where it is a view."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from datafusion import SessionContext

from cst_contracts.engine.failure import cause_of
from cst_contracts.engine.plans import called_functions, unknown_function, view_lines
from cst_contracts.engine.sql import table_name
from cst_contracts.errors import FunctionUnknown
from cst_contracts.facts import QueryFacts


def query_facts(context: SessionContext, table: str, functions: Iterable[str]) -> QueryFacts | None:
    """`functions` are the names that a call may have; None where the relation is no view."""
    plan = context.table(table_name(table)).logical_plan().display_indent()
    lines = view_lines(plan)
    return None if lines is None else QueryFacts(lines, called_functions(lines, functions))


@contextmanager
def naming_functions(view: str) -> Iterator[None]:
    """A planner that misses a function raises FunctionUnknown."""
    try:
        yield
    except ValueError as error:
        cause = cause_of(error)
        function = unknown_function(cause)
        if function is None:
            raise
        raise FunctionUnknown(cause, table=view, function=function) from error
