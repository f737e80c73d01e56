"""Finds the tables that lie below a folder, by what the files are called and which fields they have."""

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.formats.csv import CsvFormat
from cst_contracts.engine.formats.formats import stored_format
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.listing import Entry, entries
from cst_contracts.engine.storage.urls import is_local, local_path

_LOG = "_delta_log"
#: Marks, and what is still being written: to every engine that reads folders, no data.
_HIDDEN = (".", "_")
_FORMATS = (SourceFormat.PARQUET, SourceFormat.CSV, SourceFormat.JSON, SourceFormat.ARROW)
#: What differs between the names of files that are parts of one table: numbers, hashes, and what is between.
_COUNTING = re.compile(r"[0-9a-f]{8,}|\d+|[-_.]+")


class FoundTable(Struct, frozen=True):
    """The URL of a folder, which ends in a slash, or of a file."""

    url: str
    format: SourceFormat


def tables_below(url: str, *, as_lake: bool = False) -> tuple[FoundTable, ...]:
    """Every table in a folder, or in a folder below it; the file itself where the URL names one.

    A folder is one table where it has a Delta log or folders `key=value`, or where its files are of one
    format and are called alike or have the same fields. `as_lake`: of the folder itself, each file is a
    table. Raises IntrospectionError where there is nothing, or it cannot be listed.
    """
    with looking_at(None, url):
        if _names_file(url):
            return tuple(_alone(url))
        folder = url if url.endswith("/") else f"{url}/"
        return tuple(_below(folder, (), as_lake=as_lake))


def session_tables(session: SessionContext) -> tuple[str, ...]:
    """The names of the tables and views that a session has, as contracts call them."""
    with looking_at(None):
        catalog = session.catalog()
        found = {
            name if schema == "public" else f"{schema}.{name}"
            for schema in catalog.schema_names()
            if schema != "information_schema"
            for name in catalog.schema(schema).table_names()
        }
        return tuple(sorted(found))


def format_named(name: str) -> SourceFormat | None:
    """Of a file, by the ending of its name; None where it is no data file."""
    for each in _FORMATS:
        if name.endswith(stored_format(each).capabilities.suffixes):
            return each
    return None


def _names_file(url: str) -> bool:
    """Of what is in a store, only the ending of its name is known."""
    if is_local(url):
        return not local_path(url).is_dir()
    return not url.endswith("/") and format_named(url) is not None


def _alone(url: str) -> Iterator[FoundTable]:
    if is_local(url) and not local_path(url).exists():
        raise IntrospectionError("there is no such file or folder", location=url)
    format_ = format_named(url)
    if format_ is None:
        endings = ", ".join(stored_format(each).capabilities.suffix for each in _FORMATS)
        raise IntrospectionError(f"its name ends in none of {endings}", location=url)
    yield FoundTable(url, format_)


def _below(folder: str, above: tuple[str, ...], *, as_lake: bool) -> Iterator[FoundTable]:
    """`above` are the folders on the way to it, links resolved: a link to one of them is not followed."""
    place = str(local_path(folder).resolve()) if is_local(folder) else folder
    if place in above:
        return
    inner = entries(folder)
    if any(each.name == _LOG for each in inner):
        yield FoundTable(folder, SourceFormat.DELTA)
        return
    seen = [each for each in inner if not each.name.startswith(_HIDDEN)]
    folders = [each for each in seen if each.is_folder]
    if any("=" in each.name for each in folders):
        yield from _partitioned(folder, folders)
        return
    files = [each for each in seen if not each.is_folder and format_named(each.name)]
    deeper = [
        table for each in folders for table in _below(each.url, (*above, place), as_lake=False)
    ]
    if files and not deeper and not as_lake and _is_one_table(files):
        yield FoundTable(folder, _format_of(files[0]))
    else:
        yield from (FoundTable(each.url, _format_of(each)) for each in files)
    yield from deeper


def _format_of(file: Entry) -> SourceFormat:
    """Of a file that has been found to be a data file."""
    found = format_named(file.name)
    if found is None:
        raise ValueError(f"{file.name} is no data file")
    return found


def _partitioned(folder: str, folders: Sequence[Entry]) -> Iterator[FoundTable]:
    """In the format of the first data file below the folders of the partitions; none where there is none."""
    for each in folders:
        for inner in entries(each.url):
            if inner.is_folder:
                found = next(_partitioned(folder, [inner]), None)
            else:
                format_ = format_named(inner.name)
                found = None if format_ is None else FoundTable(folder, format_)
            if found is not None:
                yield found
                return


def _is_one_table(files: Sequence[Entry]) -> bool:
    formats = {_format_of(each) for each in files}
    if len(formats) > 1:
        return False
    if len({_COUNTING.sub("", each.name.partition(".")[0]) for each in files}) == 1:
        return True
    fields = [_fields(each) for each in files]
    return fields[0] is not None and all(each == fields[0] for each in fields)


def _fields(file: Entry) -> list[str] | None:
    """The names of its fields; None where only the engine can tell, or nobody."""
    format_ = _format_of(file)
    try:
        with looking_at(None, file.url):
            if format_ is SourceFormat.CSV:
                schema: pa.Schema | None = CsvFormat().untyped(file.url)
            else:
                schema = stored_format(format_).file_schema(file.url)
    except IntrospectionError:
        return None  # whoever opens it tells why it cannot be read
    return None if schema is None else list(schema.names)
