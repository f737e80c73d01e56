"""Lists the data files under a location as the engine would, and those that it would pass over."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, quote_from_bytes, unquote

from msgspec import Struct
from pyarrow.fs import FileInfo, FileSelector, FileType

from cst_contracts.engine.session.trouble import Refused
from cst_contracts.engine.storage.places import info_of, place_of, stored_below
from cst_contracts.engine.storage.urls import is_local, local_name, local_path
from cst_contracts.facts import Trouble

#: What makes a path a pattern to the engine.
_PATTERN = frozenset("*?[]{}!")


class Entry(Struct, frozen=True):
    """A file or folder in a folder. A folder's URL ends in a slash."""

    name: str
    url: str
    is_folder: bool


class StoredFile(Struct, frozen=True):
    """`partitions` are the `key=value` folders between the table's location and the file."""

    url: str
    relative: str
    partitions: tuple[tuple[str, str], ...]


def entries(url: str) -> tuple[Entry, ...]:
    """What lies in a folder, sorted by name. Raises OSError, also where there is no folder."""
    if is_local(url):
        found = [(path.name, path.is_dir()) for path in local_path(url).iterdir()]
    else:
        filesystem, path = place_of(url)
        listed = filesystem.get_file_info(FileSelector(path))
        found = [(info.base_name, info.type is FileType.Directory) for info in listed]
    return tuple(
        Entry(name, f"{url.rstrip('/')}/{quote(name)}{'/' if is_folder else ''}", is_folder)
        for name, is_folder in sorted(found)
    )


def sizes(location: str, urls: Iterable[str]) -> dict[str, int]:
    """In bytes, of the files among these that are there; most of them lie below the location. Raises
    OSError."""
    wanted = dict.fromkeys(urls)
    below: dict[str, int] = {}
    if not is_local(location):
        root = location.rstrip("/")
        found = stored_below(location)
        below = {f"{root}/{quote(name)}": info.size for name, info in found if info.is_file}
    others = {url: info_of(url) for url in wanted if url not in below}
    there = {url: info.size for url, info in others.items() if info.is_file}
    return {**{url: size for url, size in below.items() if url in wanted}, **there}


def stored_bytes(urls: Iterable[str]) -> int:
    """Of files. Raises OSError."""
    return sum(_size(url) for url in urls)


def _size(url: str) -> int:
    if is_local(url):
        return local_path(url).stat().st_size
    return int(info_of(url).size)


def data_files(url: str, suffix: str | tuple[str, ...]) -> tuple[StoredFile, ...]:
    """The files that the engine reads under a URL, or the one file that it names, sorted by path.

    Empty where nothing is there. Raises OSError where the store cannot be listed, and for a file of no
    bytes, which the engine would skip in silence.
    """
    if is_local(url):
        return tuple(_local_files(local_path(url), suffix))
    return tuple(_stored_files(url, suffix))


def _stored_files(url: str, suffix: str | tuple[str, ...]) -> Iterator[StoredFile]:
    root, (_, path) = url.rstrip("/"), place_of(url)
    for relative, info in sorted(stored_below(url), key=lambda each: each[0]):
        if info.path == path:
            _refuse_no_bytes(relative, info)
            yield StoredFile(url, relative, ())
        elif info.type is FileType.File and _is_data(relative, suffix):
            _refuse_no_bytes(relative, info)
            yield StoredFile(f"{root}/{quote(relative)}", relative, folder_values(relative))


def _is_data(relative: str, suffix: str | tuple[str, ...]) -> bool:
    return relative.endswith(suffix) and _is_read(relative.split("/"))


def _refuse_no_bytes(relative: str, info: FileInfo) -> None:
    if info.size == 0:
        raise Refused(_empty(relative), Trouble.EMPTY_FILE)


def _empty(file: str | Path) -> str:
    return f"{file} is empty, as a write that was cut short leaves it"


def _local_files(path: Path, suffix: str | tuple[str, ...]) -> Iterator[StoredFile]:
    if path.is_file():
        _refuse_empty(path)
        yield StoredFile(path.as_uri(), path.name, ())
        return
    url = path.as_uri().rstrip("/")
    # A path of its own for each of ten thousand files takes longer than to walk over them.
    found = (parts for parts in _walk(path) if parts[-1].endswith(suffix) and _is_read(parts))
    for parts in sorted(found):
        relative = "/".join(parts)
        _refuse_empty(path / relative)
        quoted = quote_from_bytes(os.fsencode(relative))
        yield StoredFile(f"{url}/{quoted}", relative, folder_values(relative))


def _refuse_empty(file: Path) -> None:
    """To the engine it would be a file without rows, and a table of it alone one without fields. A pipe would
    be waited for without end."""
    found = file.stat()
    if not stat.S_ISREG(found.st_mode):
        raise Refused(f"{file} is no regular file, and reading it might not end")
    if found.st_size == 0:
        raise Refused(_empty(file), Trouble.EMPTY_FILE)


def _walk(path: Path) -> Iterator[tuple[str, ...]]:
    """The files under a path, relative to it; none where it does not exist. Links are followed, as by the
    engine."""
    if not path.exists():
        return
    for folder, folders, files in os.walk(path, onerror=_refuse, followlinks=True):
        folders[:] = filter(_is_partition, folders)
        here = Path(folder)
        if here.is_symlink():
            _refuse_loop(here, path)
        below = here.relative_to(path).parts
        yield from ((*below, name) for name in files)


def _refuse_loop(link: Path, root: Path) -> None:
    """By whatever number of links: two folders that link to each other are each in the other."""
    real, above = link.resolve(), link.parent
    while True:
        if real in (above.resolve(), *above.resolve().parents):
            raise Refused(f"{link} links to a folder that it lies in")
        if above in (root, above.parent):
            return
        above = above.parent


def _is_partition(folder: str) -> bool:
    """The engine enters no other folder."""
    return "=" in folder


def _is_read(parts: Sequence[str]) -> bool:
    """DataFusion 55 takes a file's own name for a partition's folder when there is an equals sign in it:
    CREATE EXTERNAL TABLE then passes the file over."""
    *folders, name = parts
    return all(map(_is_partition, folders)) and "=" not in name


def _refuse(error: OSError) -> None:
    raise error


def folder_values(relative: str) -> tuple[tuple[str, str], ...]:
    """By its `key=value` folders, the values of a file's partition fields."""
    folders = relative.split("/")[:-1]
    return tuple(
        (key, unquote(value)) for key, sep, value in (f.partition("=") for f in folders) if sep
    )


def engine_url(url: str, files: Sequence[StoredFile], suffix: str, *, alone: bool) -> str:
    """The location as the engine must be told it, so that it reads these files and no others.

    The engine takes a URL without a slash at its end for one file's. `alone`: nothing else lies there.
    Otherwise DataFusion 55 reads a file whose own name has an equals sign where a schema is given, in
    whatever folder, and not where it infers one; with a pattern of file names it never does. It takes
    patterns in local paths only, therefore a store's URL stays as it is.
    """
    names_file = len(files) == 1 and unquote(files[0].url) == unquote(url)
    if names_file:
        return url
    folder = url if url.endswith("/") else f"{url}/"
    if alone or not is_local(url) or not _PATTERN.isdisjoint(local_name(url)):
        return folder
    return f"{local_name(folder)}*{suffix}"
