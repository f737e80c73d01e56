"""Arguments of a person to the tables that contracts are to be written for."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from cst_contracts.engine.relations.found import (
    FoundTable,
    format_named,
    session_tables,
    tables_below,
)
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.urls import is_local, local_name
from cst_contracts.errors import CstContractsError
from cst_contracts.proposals.sources import Source, folder_url, stored_sources

if TYPE_CHECKING:
    from datafusion import SessionContext

#: The language's JSON Schema, and the folder of snapshots.
_OURS = ("contract.schema.json", "snapshots/")


class Found(Struct, frozen=True):
    """`lake` is the folder or URI that the locations of the sources are relative to."""

    lake: str
    sources: tuple[Source, ...]


def stored_tables(places: Sequence[str], lake: str | None) -> Found:
    """Those that lie at places, files or folders, or in the whole lake where none is named.

    Without a `lake`, a single folder of tables is the lake; else it is the working directory. Raises
    CstContractsError where a place is not there, or holds no table.
    """
    if not places:
        root = _url(lake or ".")
        found = [(root, table) for table in _below(root, as_lake=True) if not _is_ours(table)]
        if not found:
            raise CstContractsError(f"{_told(root)}: there is no table in it")
        return Found(_absolute(lake or "."), stored_sources(found, root))
    by_root = {_url(place): _below(_url(place)) for place in places}
    if lake is None and len(by_root) == 1 and _is_lake(by_root):
        lake = places[0]
    root = _url(lake or ".")
    found = [(place, table) for place, tables in by_root.items() for table in tables]
    return Found(_absolute(lake or "."), stored_sources(found, root))


def given_tables(session: "SessionContext", names: Sequence[str]) -> Found:
    """The named tables of a session, or all. Raises CstContractsError for one that it does not have."""
    try:
        known = session_tables(session)
    except IntrospectionError as error:
        raise CstContractsError(str(error)) from error
    unknown = [name for name in names if name not in known]
    if unknown:
        told = ", ".join(known) or "none"
        raise CstContractsError(f"the session has no table {unknown[0]}; it has {told}")
    return Found(_absolute("."), tuple(map(Source, names or known)))


def _is_ours(table: FoundTable) -> bool:
    """JSON that this package itself has written into the working directory."""
    here = _url(".")
    return any(table.url.startswith(f"{here}{name}") for name in _OURS)


def _is_lake(by_root: dict[str, tuple[FoundTable, ...]]) -> bool:
    """Whether the one place is a folder in which the tables lie, and no table itself."""
    ((root, tables),) = by_root.items()
    return root.endswith("/") and all(table.url != root for table in tables)


def _below(url: str, *, as_lake: bool = False) -> tuple[FoundTable, ...]:
    try:
        tables = tables_below(url, as_lake=as_lake)
    except IntrospectionError as error:
        raise CstContractsError(f"{_told(url)}: {error.answer.reason}") from error
    if not tables:
        raise CstContractsError(f"{_told(url)}: there is no table in it")
    return tables


def _told(url: str) -> str:
    return local_name(url) if is_local(url) else url


def _url(place: str) -> str:
    if "://" in place:
        is_whole = place.endswith("/") or format_named(place) is not None
        return place if is_whole else f"{place}/"
    path = Path(place)
    url = folder_url(path)
    return url if path.is_dir() else url.rstrip("/")


def _absolute(lake: str) -> str:
    return lake if "://" in lake else str(Path(lake).absolute())
