"""Locations of a contract, relative to the lake root, to URLs and to the data files under them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from pyarrow.fs import FileSelector, FileSystem, FileType

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class Lake:
    """`root` is a folder or a URI without a trailing slash."""

    root: str

    def locate(self, location: str) -> str:
        """The URL of a contract's location; a folder's ends in a slash."""
        if urlsplit(location).scheme and "://" in location:
            return location
        if "://" in self.root:
            return f"{self.root.rstrip('/')}/{quote(location)}"
        path = Path(self.root, location).resolve()
        url = path.as_uri()
        return f"{url}/" if path.is_dir() and not url.endswith("/") else url


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`partitions` are the `key=value` folders between the table's location and the file."""

    url: str
    relative: str
    partitions: tuple[tuple[str, str], ...]


def is_local(url: str) -> bool:
    return url.startswith("file://")


def local_path(url: str) -> Path:
    """Of a `file://` URL."""
    return Path(unquote(urlsplit(url).path))


def data_files(url: str, suffix: str) -> tuple[StoredFile, ...]:
    """The files that the engine reads under a URL, or the one file that it names, sorted by path.

    Empty where nothing is there. Raises OSError where the store cannot be listed, and for a file of no
    bytes, which the engine would skip in silence.
    """
    if is_local(url):
        return tuple(_local_files(local_path(url), suffix))
    filesystem, path = FileSystem.from_uri(url)
    if filesystem.get_file_info(path).type is FileType.File:
        return (StoredFile(url, Path(path).name, ()),)
    selector = FileSelector(path, allow_not_found=True, recursive=True)
    found = sorted(
        info.path for info in filesystem.get_file_info(selector) if info.path.endswith(suffix)
    )
    relatives = [name[len(path.rstrip("/")) + 1 :] for name in found]
    return tuple(
        StoredFile(f"{url.rstrip('/')}/{quote(relative)}", relative, _partitions(relative))
        for relative in relatives
    )


def _local_files(path: Path, suffix: str) -> Iterator[StoredFile]:
    if path.is_file():
        yield StoredFile(path.as_uri(), path.name, ())
        return
    names = sorted(
        Path(folder, name)
        for folder, _, files in _walk(path)
        for name in files
        if name.endswith(suffix)
    )
    for name in names:
        if name.stat().st_size == 0:
            raise OSError(f"{name} is empty, as a write that was cut short leaves it")
        relative = name.relative_to(path).as_posix()
        yield StoredFile(name.as_uri(), relative, _partitions(relative))


def _walk(path: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Follows links, as the engine does. Nothing at all under a path that does not exist."""

    def refuse(error: OSError) -> None:
        raise error

    return os.walk(path, onerror=refuse, followlinks=True) if path.exists() else iter(())


def _partitions(relative: str) -> tuple[tuple[str, str], ...]:
    folders = relative.split("/")[:-1]
    return tuple(
        (key, unquote(value)) for key, sep, value in (f.partition("=") for f in folders) if sep
    )
