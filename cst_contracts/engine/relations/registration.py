"""Sources and views of contracts to relations of a session."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.contract.model import (
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    Sql,
    ViewContract,
)
from cst_contracts.datatypes import is_list, print_type
from cst_contracts.engine.formats.empty import may_be_empty, open_empty
from cst_contracts.engine.formats.format import Opened, Opening
from cst_contracts.engine.formats.formats import stored_format
from cst_contracts.engine.formats.streams import register_stream
from cst_contracts.engine.session.boundary import cause_of, looking_at
from cst_contracts.engine.session.bounds import refuse_deep
from cst_contracts.engine.session.read_only import NO_QUERY, READ_ONLY, refuse_statement
from cst_contracts.engine.session.schema import live_schema, make_schema
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import Trouble
from cst_contracts.sql.plan_text import unknown_function
from cst_contracts.sql.selects import select_all
from cst_contracts.sql.views import StructMembers, create_view, view_query


def register_source(opening: Opening) -> Opened:
    """Registers a stored table. Raises IntrospectionError, of trouble MISSING where nothing is there."""
    context, table, source = opening.context, opening.table, opening.source
    make_schema(context, table)
    if source.unbounded:
        stream = register_stream(context, table, opening.url, source, opening.promised)
        return Opened(source.format.value, opening.supplied, stream=stream)
    with looking_at(table, opening.url):
        format_ = stored_format(source.format)
        try:
            with looking_at(table, opening.url):
                return format_.open(opening)
        except IntrospectionError as error:
            if error.trouble is Trouble.MISSING and may_be_empty(opening, format_):
                return open_empty(opening, format_)
            if error.reason.startswith("two fields are called"):
                raise _told_by_folders(opening, error) from error
            raise


def _told_by_folders(opening: Opening, error: IntrospectionError) -> IntrospectionError:
    """A partition field that the files hold, too, is two fields to the engine."""
    reason = f"{error.reason}: what the names of its folders say (`key=value`) has no place in its files, too"
    return IntrospectionError(reason, relation=opening.table, location=opening.url)


def register_view(context: SessionContext, view: ViewContract) -> Opened:
    """Registers a view and runs it for a row: a view that plans may still not run.

    Raises IntrospectionError; FunctionUnknown where the session lacks a function that the view calls.
    """
    with looking_at(view.name), naming_functions(view.name):
        make_schema(context, view.name)
        _refuse_deep(view)
        context.sql(create_view(view, _struct(context, view)))
        table_of(context.sql(f"{select_all(view.name)} LIMIT 1"))
    return Opened("view", supplied=False)


def view_rows(context: SessionContext, view: ViewContract) -> DataFrame:
    """Without registering it. Raises IntrospectionError."""
    with looking_at(view.name):
        return context.sql(view_query(view, _struct(context, view)))


def require_functions(context: SessionContext, view: ViewContract) -> None:
    """Of a view that the project has registered itself: it holds on to the functions that it was planned
    with, and runs on when they are gone. Raises IntrospectionError, of trouble FUNCTION for a function that
    is unknown; and where what the contract says is no query at all."""
    _refuse_deep(view)
    _refuse_statement(view)
    try:
        with looking_at(view.name), naming_functions(view.name):
            context.sql_with_options(view_query(view, _struct(context, view)), READ_ONLY)
    except IntrospectionError as error:
        if error.trouble is Trouble.FUNCTION or NO_QUERY.search(error.reason):
            raise
        return  # what else the contract's words do not fit is for the project's own view to show


def _refuse_statement(view: ViewContract) -> None:
    if isinstance(view.definition, Sql):
        refuse_statement(view.definition.query, view.name)


def _refuse_deep(view: ViewContract) -> None:
    match view.definition:
        case Sql(query=query):
            refuse_deep(query, view.name)
        case Expand() | Extract() | Pack() | Flatten() | Explode():
            pass


def _struct(context: SessionContext, view: ViewContract) -> StructMembers:
    match view.definition:
        case Flatten(column=column):
            field = _field(context, view, column)
            return _shape(view, field, field)
        case Explode(column=column):
            field = _field(context, view, column)
            return _shape(view, field, field.type.field(0) if is_list(field.type) else None)
        case Expand() | Extract() | Pack() | Sql():
            return StructMembers()


def _field(context: SessionContext, view: ViewContract, column: str) -> pa.Field:
    schema = live_schema(context, view.of)
    if column not in schema.names:
        raise IntrospectionError(f"{view.of} has no field {column}", relation=view.name)
    return schema.field(column)


def _shape(view: ViewContract, column: pa.Field, taken: pa.Field | None) -> StructMembers:
    if taken is None or not pa.types.is_struct(taken.type):
        cause = f"{view.of}.{column.name} holds no struct to take apart: {print_type(column.type)}"
        raise IntrospectionError(cause, relation=view.name)
    names = [child.name for child in taken.type]
    metadata = {child.name: _text_metadata(child) for child in taken.type}
    return StructMembers(names, nullable=taken.nullable, metadata=metadata)


def _text_metadata(field: pa.Field) -> list[tuple[str, str]]:
    """What SQL can say: pairs of text."""
    pairs = sorted((field.metadata or {}).items())
    return [
        (key.decode(), value.decode()) for key, value in pairs if _is_text(key) and _is_text(value)
    ]


def _is_text(stored: bytes) -> bool:
    return "\ufffd" not in stored.decode(errors="replace")


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
        raise IntrospectionError(
            cause, relation=view, names=(function,), trouble=Trouble.FUNCTION
        ) from error
