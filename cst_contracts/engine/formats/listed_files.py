"""Finds the data files of a folder for formats of which a table is nothing but its files."""

from msgspec import Struct

from cst_contracts.engine.formats.format import Opening
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.hive import refuse_mixed
from cst_contracts.engine.storage.listing import StoredFile, data_files, engine_url, skipped_files
from cst_contracts.engine.storage.urls import is_local, local_path
from cst_contracts.facts import Trouble


class Listed(Struct, frozen=True):
    """`location` is the URL as the engine must be told it; `skipped` are files that it does not read."""

    files: tuple[StoredFile, ...]
    location: str
    skipped: tuple[str, ...]

    @property
    def partition_keys(self) -> tuple[str, ...]:
        """The names of the folders, which are the same above every file."""
        return tuple(key for key, _ in self.files[0].partitions) if self.files else ()

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(file.url for file in self.files)


def list_table(opening: Opening, suffix: str | tuple[str, ...], noun: str) -> Listed:
    """Raises IntrospectionError for a pipe, for no file, and for files under other partition keys."""
    table, url = opening.table, opening.url
    _refuse_pipe(table, url)
    files = data_files(url, suffix)
    if not files:
        reason = f"no {noun} file there"
        raise IntrospectionError(reason, relation=table, location=url, trouble=Trouble.MISSING)
    refuse_mixed(table, url, files, opening.source.partitioned_by)
    return Listed(files, engine_url(url, files), skipped_files(url, suffix))


def _refuse_pipe(table: str, url: str) -> None:
    """Opened as a file that ends, it would be waited for without end."""
    if is_local(url) and local_path(url).is_fifo():
        reason = "it is a named pipe; write `unbounded: true` beside its location"
        raise IntrospectionError(reason, relation=table, location=url)
