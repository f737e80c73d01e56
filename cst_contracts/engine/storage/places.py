"""Where a URL leads: this machine's disk or an object store, behind one interface for listing and reading."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pyarrow.fs import FileInfo, FileSelector, FileSystem, FileType, LocalFileSystem

from cst_contracts.contract.urls import is_stored
from cst_contracts.engine.session.stores import files_of
from cst_contracts.engine.storage.urls import is_local, local_name

T = TypeVar("T")

_LOCAL = LocalFileSystem()
#: Results that wait to be taken: those of thousands of files would fill the memory.
_WAITING = 256
#: A store answers each of these as fast as it would answer one.
_AT_ONCE = 24


def place_of(url: str) -> tuple[FileSystem, str]:
    """The file system, and the path in it. Raises IntrospectionError where a store cannot be reached."""
    # Without a file system, pyarrow would look for one that fits the path, each time.
    return files_of(url) if is_stored(url) else (_LOCAL, local_name(url))


def info_of(url: str) -> FileInfo:
    """Raises OSError where the store does not answer."""
    filesystem, path = place_of(url)
    return filesystem.get_file_info(path)


def stored_below(url: str) -> Sequence[tuple[str, FileInfo]]:
    """All files and folders below a location in a store, by their paths from there; the file itself, under
    its name, where it is one; nothing where nothing is there. Raises OSError."""
    filesystem, path = place_of(url)
    info = filesystem.get_file_info(path)
    if info.type is FileType.File:
        return [(info.base_name, info)]
    found = filesystem.get_file_info(FileSelector(path, allow_not_found=True, recursive=True))
    start = len(path) + 1
    return [(info.path[start:], info) for info in found]


def each_of(urls: Sequence[str], look: Callable[[str], T]) -> Iterator[T]:
    """What a look at each file gives, in their sequence. Raises what the look raises."""
    if all(map(is_local, urls)):
        # Several threads would only wait for each other: what takes time is to parse what was read.
        yield from map(look, urls)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for start in range(0, len(urls), _WAITING):
            yield from pool.map(look, urls[start : start + _WAITING])
