"""An artifact root to the tables that lie in it, one a file or folder, and to what is no table."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from cst_contracts.contract.kinds import TABLE_NAME
from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.formats import stored_format
from cst_contracts.engine.storage.listing import Entry, data_files, entries

_LOG = "_delta_log"
#: Marks, and what is still being written: to every engine that reads folders, no data.
_HIDDEN = (".", "_")


class Root(Struct, frozen=True):
    """`tables` are the entries by the names of the tables that they are; `strays` are no tables, and why."""

    url: str
    tables: Mapping[str, Entry]
    strays: tuple[tuple[Entry, str], ...]


def list_root(url: str, format_: SourceFormat) -> Root:
    """Lists anew each time. Raises OSError where there is no folder, or it cannot be listed.

    The root is flat: a folder of folders is no table, and no schema.
    """
    named: dict[str, Entry] = {}
    strays: list[tuple[Entry, str]] = []
    for entry in entries(url):
        if entry.name.startswith(_HIDDEN) and entry.name != _LOG:
            continue
        name, why = _table_name(entry, format_), _no_table(entry, format_)
        if why is None and name in named:
            why = f"{told_entry(named[name])} is a table {name}, too; remove one of them"
        if why is None:
            named[name] = entry
        else:
            strays.append((entry, why))
    return Root(url, named, tuple(strays))


def _table_name(entry: Entry, format_: SourceFormat) -> str:
    return entry.name if entry.is_folder else entry.name.removesuffix(_suffix(format_) or "")


def _suffix(format_: SourceFormat) -> str | None:
    """None where a table of the format is a folder."""
    capabilities = stored_format(format_).capabilities
    return None if capabilities.has_log else capabilities.suffix


def told_entry(entry: Entry) -> str:
    return f"{entry.name}/" if entry.is_folder else entry.name


def _no_table(entry: Entry, format_: SourceFormat) -> str | None:
    return next(_reasons(entry, format_), None)


def _reasons(entry: Entry, format_: SourceFormat) -> Iterator[str]:
    suffix = _suffix(format_)
    name = _table_name(entry, format_)
    if entry.name == _LOG:
        yield "the root itself is a Delta table; give that table a `source`"
    elif entry.is_folder and "=" in entry.name:
        yield "a partition folder: the root itself is a table; give that table a `source`"
    elif suffix is None and not entry.is_folder:
        yield "a file, and a Delta table is a folder"
    elif suffix is not None and not entry.is_folder and not entry.name.endswith(suffix):
        yield f"its name does not end in {suffix}"
    elif "." in name or not re.fullmatch(TABLE_NAME.pattern or "", name):
        yield f"{name} cannot be a table's name"
    elif entry.is_folder:
        yield from _of_folder(entry, suffix)


def _of_folder(folder: Entry, suffix: str | None) -> Iterator[str]:
    has_log = any(inner.name == _LOG for inner in entries(folder.url))
    if suffix is None and not has_log:
        yield "a folder without a Delta log"
    if suffix is not None and has_log:
        yield "a Delta table; mount it by way of a catalog with `format: delta`"
    elif suffix is not None and not _has_data(folder, suffix):
        yield f"no {suffix} file in it; folders within folders are no tables"


def _has_data(folder: Entry, suffix: str) -> bool:
    try:
        return bool(data_files(folder.url, suffix))
    except OSError:
        return True  # a file that cannot be read is data all the same: opening it tells
