"""Opens sessions: those that tell everything a contract asks about, and those that answer about rows."""

from collections.abc import Iterable, Mapping

from datafusion import RuntimeEnvBuilder, SessionConfig, SessionContext

from cst_contracts.contract.wording import shown
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.settings import _RUNTIME
from cst_contracts.engine.session.stores import register_stores
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.sql.selects import set_option

#: Without these a session hides what contracts promise. Field metadata is stripped by default, and
#: a session made with a configuration of its own has no information_schema.
_TOLD = {"datafusion.catalog.information_schema": "true"}
_TELLING = {
    **_TOLD,
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


#: DataFusion 55 reads half a megabyte of each Parquet file for its footer: a store takes its time over that,
#: and of a thousand files it is hundreds of megabytes of memory, which come back late.
_OF_FOOTERS = {"datafusion.execution.parquet.metadata_size_hint": "65536"}


#: What an engine would otherwise take for true of rows that it has not read. DataFusion 55 takes a field
#: whose least and greatest value are one for that value, though writers leave NaN out of both; it answers
#: aggregates, leaves row groups and pages unread, and trusts the sort order of a footer by what files say
#: of themselves, and prunes one side of a join by the values of the other, by way of the same minima.
_BELIEVING_NOTHING = {
    "datafusion.execution.collect_statistics": "false",
    "datafusion.execution.parquet.pruning": "false",
    "datafusion.execution.parquet.enable_page_index": "false",
    "datafusion.execution.parquet.bloom_filter_on_read": "false",
    "datafusion.optimizer.enable_dynamic_filter_pushdown": "false",
    # A join for small numbers that stops at their dictionaries.
    "datafusion.execution.perfect_hash_join_small_build_threshold": "0",
    "datafusion.execution.perfect_hash_join_min_key_density": "1e18",
}


def open_believing_nothing(
    settings: Mapping[str, str] | None = None,
    memory: int | None = None,
    stores: Iterable[str] = (),
) -> SessionContext:
    """A session of ours that answers about rows, by no statistics and by no order that files claim.

    `settings` decide how rows are read, never what is believed. Raises IntrospectionError.
    """
    return open_session({**(settings or {}), **_BELIEVING_NOTHING}, memory, stores)


def believing_nothing(context: SessionContext) -> SessionContext:
    """The same relations and functions, asked with nothing believed; the session itself is left as it is.
    Raises IntrospectionError."""
    with looking_at(None):
        copy = context.enable_url_table()  # the one way to a copy that has settings of its own
        for name, value in {**_BELIEVING_NOTHING, **_TOLD}.items():
            copy.sql(set_option(name, value))
        return copy


def open_session(
    settings: Mapping[str, str], memory: int | None = None, stores: Iterable[str] = ()
) -> SessionContext:
    """`memory` in bytes is what its queries may take before they spill to disk; None: all that there is.
    `stores` are URLs in object stores that it can read; it reads this machine's disks without being told.

    Raises IntrospectionError where the engine refuses a setting.
    """
    with looking_at(None):
        config = SessionConfig()
        wanted = {**_TELLING, **_KEEPING, **_OF_FOOTERS, **settings}
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
        register_stores(context, tuple(stores))
        return context


def require_session(given: object, giver: str) -> SessionContext:
    """`giver` as in "the hook returned". Raises IntrospectionError where it gave something else."""
    if isinstance(given, SessionContext):
        return given
    if given is SessionContext:
        told = "the class SessionContext itself"
    else:
        told = f"a {type(given).__name__}, {shown(repr(given))}"
    raise IntrospectionError(f"{giver} {told}; let it return a SessionContext of datafusion")
