"""Settings to a live SessionContext that tells everything a contract asks about."""

from collections.abc import Mapping

from datafusion import RuntimeEnvBuilder, SessionConfig, SessionContext

from cst_contracts.contract.wording import shown
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.settings import _RUNTIME
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.sql.selects import set_option

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


def require_session(given: object, giver: str) -> SessionContext:
    """`giver` as in "the hook returned". Raises IntrospectionError where it gave something else."""
    if isinstance(given, SessionContext):
        return given
    if given is SessionContext:
        told = "the class SessionContext itself"
    else:
        told = f"a {type(given).__name__}, {shown(repr(given))}"
    raise IntrospectionError(f"{giver} {told}; let it return a SessionContext of datafusion")
