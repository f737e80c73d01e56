"""Settings to a live SessionContext that tells everything a contract asks about."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import pyarrow as pa
from datafusion import RuntimeEnvBuilder, SessionConfig, SessionContext

from cst_contracts.contract.wording import shown
from cst_contracts.engine.failure import looking_at
from cst_contracts.engine.sql import name_parts, set_option, table_name
from cst_contracts.errors import IntrospectionError

#: Without these a session hides what contracts promise. Field metadata is stripped by default, and
#: a session made with a configuration of its own has no information_schema.
_TELLING = {
    "datafusion.catalog.information_schema": "true",
    "datafusion.execution.parquet.skip_metadata": "false",
    # The cache never expires: files written during the run would stay invisible.
    "datafusion.runtime.list_files_cache_limit": "0",
}

#: What the engine knows of a file it keeps as long as the file's size and time stay, up to a limit that ten
#: thousand files exceed: then it reads every footer again for each plan.
_KEEPING = {
    "datafusion.runtime.file_statistics_cache_limit": "256M",
    "datafusion.runtime.metadata_cache_limit": "256M",
}

#: The engine's configuration does not know them; they can only be set through SQL.
_RUNTIME = "datafusion.runtime."

#: What a session finds in Parquet files is a matter of these settings, but for those that leave rows out.
_INFERRING = ("datafusion.execution.parquet.", "datafusion.execution.listing_table_")
_LEAVING_OUT = frozenset(
    f"datafusion.execution.parquet.{name}"
    for name in ("enable_page_index", "pruning", "pushdown_filters")
)

_SETTINGS = "SELECT name, value FROM information_schema.df_settings"


def open_session(settings: Mapping[str, str], memory: int | None = None) -> SessionContext:
    """`memory` in bytes is what its queries may take before they spill to disk; None: all that there is.

    Raises IntrospectionError where the engine refuses a setting.
    """
    with looking_at(None):
        config = SessionConfig()
        wanted = {**_TELLING, **_KEEPING, **settings}
        for name, value in wanted.items():
            if not name.startswith(_RUNTIME):
                config = config.set(name, value)
        environment = RuntimeEnvBuilder().with_disk_manager_os()
        if memory is not None:
            environment = environment.with_fair_spill_pool(memory)
        context = SessionContext(config, environment)
        for name, value in wanted.items():
            if name.startswith(_RUNTIME):
                context.sql(set_option(name, value))
        return context


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


def few_threads(context: SessionContext) -> AbstractContextManager[None]:
    """Files are looked into a few at a time. A thread that has read stays, and with it what its allocator
    keeps for it: of dozens, more than a gigabyte after a long scan."""
    return _set(context, "datafusion.execution.meta_fetch_concurrency", "4")


def require_session(given: object, giver: str) -> SessionContext:
    """`giver` as in "the hook returned". Raises IntrospectionError where it gave something else."""
    if isinstance(given, SessionContext):
        return given
    if given is SessionContext:
        told = "the class SessionContext itself"
    else:
        told = f"a {type(given).__name__}, {shown(repr(given))}"
    raise IntrospectionError(f"{giver} {told}; let it return a SessionContext of datafusion")


def live_schema(context: SessionContext, table: str) -> pa.Schema:
    """The session's own word on a table: nested nullability and metadata included."""
    return pa.schema(context.table(table_name(table)).schema())


def has_table(context: SessionContext, table: str) -> bool:
    try:
        context.table(table_name(table))
    except KeyError:
        return False
    except RuntimeError as error:
        if "failed to resolve" in str(error):  # a catalog or schema that does not exist
            return False
        raise
    return True


def make_schema(context: SessionContext, table: str) -> None:
    """The catalog and schema that a qualified table name needs."""
    match name_parts(table):
        case (schema, _):
            context.sql(f"CREATE SCHEMA IF NOT EXISTS {table_name(schema)}")
        case (catalog, schema, _):
            context.sql(f"CREATE DATABASE IF NOT EXISTS {table_name(catalog)}")
            context.sql(f"CREATE SCHEMA IF NOT EXISTS {table_name(f'{catalog}.{schema}')}")
        case _:
            pass


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
