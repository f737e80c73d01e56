"""Finds what lies in a table's folder and is read by nobody: data files, and partitions without one."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pyarrow.fs import FileType

from cst_contracts.engine.storage.listing import StoredFile
from cst_contracts.engine.storage.places import place_of, stored_below
from cst_contracts.engine.storage.stored import Beside, Capabilities
from cst_contracts.engine.storage.urls import is_local, local_path

#: The ends of names that data files have, of whatever format, also where more follows (`x.csv.gz`).
_DATA = frozenset(
    ("parquet", "parq", "pq", "csv", "tsv", "jsonl", "ndjson", "arrow", "feather", "orc", "avro")
)


def beside(
    url: str, read: Sequence[StoredFile], capabilities: Capabilities, ignore: Sequence[str]
) -> Beside:
    """What is named in `ignore`, and what lies below a name that starts with `_` or `.`, is meant to be
    left unread. Raises OSError where the store cannot be listed."""
    names = {file.relative for file in read}
    ignored = tuple(name for name in sorted(names) if _is_ignored(name, ignore))
    files, folders = _below(url)
    others = [name for name in files if name not in names]
    unread = [
        name
        for name in others
        if not _is_hidden(name) and not _is_ignored(name, ignore)
        if _is_data(url, name, capabilities)
    ]
    bare = _bare(folders, [*names, *unread])
    unread += [name for name in bare if not _is_hidden(name) and not _is_ignored(name, ignore)]
    return Beside(not others, tuple(sorted(unread)), ignored)


def _below(url: str) -> tuple[list[str], list[str]]:
    """The files and the folders below a location, relative to it; none below a file."""
    if is_local(url):
        return _below_path(local_path(url))
    found, (_, path) = stored_below(url), place_of(url)
    files = [name for name, info in found if info.type is FileType.File and info.path != path]
    return files, [name for name, info in found if info.type is FileType.Directory]


def _below_path(path: Path) -> tuple[list[str], list[str]]:
    """Nothing where it is no folder. Links are not followed."""
    files: list[str] = []
    folders: list[str] = []
    start = len(str(path)) + 1
    for folder, inner, names in os.walk(path):
        above = f"{folder[start:]}/" if len(folder) > start else ""
        files += (f"{above}{name}" for name in names)
        folders += (f"{above}{name}" for name in inner)
    return files, folders


def _bare(folders: Sequence[str], files: Sequence[str]) -> Iterator[str]:
    """The topmost folders of partitions below which none of the files lies."""
    held = {name[:end] for name in files for end in _slashes(name)}
    for folder in folders:
        above, _, name = folder.rpartition("/")
        if "=" in name and folder not in held and (not above or above in held):
            yield f"{folder}/"


def _slashes(name: str) -> Iterator[int]:
    return (found.start() for found in re.finditer("/", name))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(("_", ".")) for part in name.split("/"))


def _is_data(url: str, name: str, capabilities: Capabilities) -> bool:
    """By its name; or by how it begins, where files of the format all begin alike."""
    parts = name.rpartition("/")[2].lower().split(".")
    if not _DATA.union([capabilities.suffix.strip(".")]).isdisjoint(parts[1:]):
        return True
    if capabilities.magic:
        return _begins_with(url, name, capabilities.magic)
    return len(parts) == 1


def _begins_with(url: str, name: str, magic: bytes) -> bool:
    if is_local(url):
        path = local_path(url) / name
        if not path.is_file():
            return False  # a pipe would be waited for, and a link may lead nowhere
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    filesystem, root = place_of(url)
    with filesystem.open_input_stream(f"{root}/{name}") as stored:
        return bool(stored.read(len(magic)) == magic)


def _is_ignored(name: str, patterns: Sequence[str]) -> bool:
    return any(re.fullmatch(_expression(pattern), name.rstrip("/")) for pattern in patterns)


def _expression(pattern: str) -> str:
    """As in a `.gitignore`: a pattern without a slash is one of names in any folder, `**` stands for any
    folders, and a folder's name stands for all that lies in it."""
    anywhere = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    parts = pattern.strip("/").split("/")
    told = "/".join(".*" if part == "**" else _part(part) for part in parts)
    return f"{anywhere}{told.replace('.*/', '(?:.*/)?')}(?:/.*)?"


def _part(part: str) -> str:
    """One folder's or file's name."""
    told = re.escape(part)
    return told.replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
