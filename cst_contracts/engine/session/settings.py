"""Reads a session's settings, and sets one for a while."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from datafusion import SessionContext

from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.sql.selects import set_option

#: The engine's configuration does not know them; they can only be set through SQL.
_RUNTIME = "datafusion.runtime."


#: What a session finds in Parquet files is a matter of these settings, but for those that leave rows out.
_INFERRING = ("datafusion.execution.parquet.", "datafusion.execution.listing_table_")


_LEAVING_OUT = frozenset(
    f"datafusion.execution.parquet.{name}"
    for name in ("bloom_filter_on_read", "enable_page_index", "pruning", "pushdown_filters")
)


_READING = (
    "datafusion.execution.",
    "datafusion.optimizer.expand_views_at_output",
    "datafusion.sql_parser.",
)


_SETTINGS = "SELECT name, value FROM information_schema.df_settings"


@contextmanager
def _set(context: SessionContext, name: str, value: str) -> Iterator[None]:
    before = settings_of(context)[name] or ""
    context.sql(set_option(name, value))
    try:
        yield
    finally:
        context.sql(set_option(name, before))


def one_partition(context: SessionContext) -> AbstractContextManager[None]:
    """Queries that are made within run on one partition. On several, DataFusion 55 may wait for ever for
    what it has spilled (apache/datafusion#24883)."""
    return _set(context, "datafusion.execution.target_partitions", "1")


def texts_as_strings(context: SessionContext) -> AbstractContextManager[None]:
    """Of what is declared as text within, the engine makes strings, as a schema does, not string views."""
    return _set(context, "datafusion.sql_parser.map_string_types_to_utf8view", "false")


def few_threads(context: SessionContext) -> AbstractContextManager[None]:
    """Files are looked into a few at a time. A thread that has read stays, and with it what its allocator
    keeps for it: of dozens, more than a gigabyte after a long scan."""
    return _set(context, "datafusion.execution.meta_fetch_concurrency", "4")


@contextmanager
def explaining_statistics(context: SessionContext) -> Iterator[None]:
    """EXPLAIN tells within what the engine knows of rows and bytes. Leaves a session as it was, also one
    that hides its settings."""
    name = "datafusion.explain.show_statistics"
    try:
        before = settings_of(context).get(name) or "false"
    except IntrospectionError:
        before = "false"
    context.sql(set_option(name, "true"))
    try:
        yield
    finally:
        context.sql(set_option(name, before))


def settings_of(context: SessionContext) -> dict[str, str | None]:
    """Effective values by name. Raises IntrospectionError where information_schema is off."""
    try:
        rows = context.sql(_SETTINGS).to_arrow_table()
    except ValueError as error:
        if "information_schema" not in str(error):
            raise
        cause = "information_schema is off; make the session with .with_information_schema(True)"
        raise IntrospectionError(cause) from error
    return dict(zip(rows.column(0).to_pylist(), rows.column(1).to_pylist(), strict=True))


def reading_settings(context: SessionContext) -> dict[str, str]:
    """Those that decide what SQL means and as what stored values are read; none of a session that hides its
    settings."""
    try:
        settings = settings_of(context)
    except IntrospectionError:
        return {}
    return {name: value for name, value in settings.items() if value and name.startswith(_READING)}


def inferred_alike(one: SessionContext, other: SessionContext) -> bool:
    """Whether both find the same schema in the same Parquet files. Of a session that hides its settings,
    nobody knows."""
    try:
        return _inferring(one) == _inferring(other)
    except IntrospectionError:
        return False


def _inferring(context: SessionContext) -> dict[str, str | None]:
    return {
        name: value
        for name, value in settings_of(context).items()
        if name.startswith(_INFERRING) and name not in _LEAVING_OUT
    }
