"""Finds the data files of a folder for formats of which a table is nothing but its files."""

from msgspec import Struct

from cst_contracts.engine.formats.format import Opening
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.hive import refuse_mixed
from cst_contracts.engine.storage.listing import StoredFile, data_files, engine_url
from cst_contracts.engine.storage.stored import Beside, Capabilities
from cst_contracts.engine.storage.unread import beside
from cst_contracts.engine.storage.urls import is_local, local_path
from cst_contracts.facts import Trouble


class Listed(Struct, frozen=True):
    """`location` is where the files lie as the engine must be told it."""

    files: tuple[StoredFile, ...]
    location: str
    beside: Beside

    @property
    def partition_keys(self) -> tuple[str, ...]:
        """The names of the folders, which are the same above every file."""
        return tuple(key for key, _ in self.files[0].partitions) if self.files else ()

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(file.url for file in self.files)


def list_table(opening: Opening, capabilities: Capabilities, noun: str) -> Listed:
    """Raises IntrospectionError for a pipe, for no file, and for files under other partition keys."""
    table, url, suffixes = opening.table, opening.url, capabilities.suffixes
    _refuse_pipe(table, url)
    files = data_files(url, suffixes)
    if not files:
        reason = f"no {noun} file there"
        raise IntrospectionError(reason, relation=table, location=url, trouble=Trouble.MISSING)
    refuse_mixed(table, url, files, opening.source.partitioned_by)
    others = beside(url, files, capabilities, opening.source.ignore)
    # Where a table's files end in several ways, its format refuses them.
    suffix = max(
        (each for each in suffixes if files[0].relative.endswith(each)), key=len, default=""
    )
    return Listed(files, engine_url(url, files, suffix, alone=others.alone), others)


def _refuse_pipe(table: str, url: str) -> None:
    """Opened as a file that ends, it would be waited for without end."""
    if is_local(url) and local_path(url).is_fifo():
        reason = "it is a named pipe; write `unbounded: true` beside its location"
        raise IntrospectionError(reason, relation=table, location=url)
