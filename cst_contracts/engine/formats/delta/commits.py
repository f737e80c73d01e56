"""Looks at the files of a Delta log themselves, for what deltalake 1.6 passes over or tells of no version."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from pyarrow.fs import FileSelector

from cst_contracts.engine.session.trouble import Refused
from cst_contracts.engine.storage.places import place_of
from cst_contracts.engine.storage.urls import is_local, local_name

_DIGITS = 20


class LogFiles(Struct, frozen=True):
    """`commits` are the bytes of each version's commit; `checkpoint` is the latest version that a checkpoint
    holds, -1 where none does."""

    commits: Mapping[int, int]
    checkpoint: int

    def empty_commit(self, version: int) -> int | None:
        """The first commit of 0 bytes that `version` is made from. deltalake reads it as a version that
        changes nothing, though every commit says something: a write was cut short, or a disk was full."""
        return next(
            (
                number
                for number, size in sorted(self.commits.items())
                if size == 0 and self.checkpoint < number <= version
            ),
            None,
        )

    def gap(self) -> int | None:
        """The first version whose commit is missing, though there are later ones."""
        last = max(self.commits, default=-1)
        wanted = range(self.checkpoint + 1, last)
        return next((number for number in wanted if number not in self.commits), None)


def refuse_pipes(url: str) -> None:
    """Of a log on this machine. deltalake would wait for what a named pipe never says. Raises OSError."""
    folder = Path(local_name(url), "_delta_log")
    if is_local(url) and folder.is_dir():
        for entry in sorted(os.scandir(folder), key=lambda each: each.name):
            if not entry.is_file() and not entry.is_dir():
                raise Refused(
                    f"_delta_log/{entry.name} is no regular file, and reading it might not end"
                )


def log_files(url: str) -> LogFiles:
    """Raises OSError."""
    found = list(_named(url))
    commits = {number: size for number, rest, size in found if rest == "json"}
    checkpoints = (
        number
        for number, rest, _ in found
        if (rest.startswith("checkpoint.") and rest.endswith((".parquet", ".json")))
        or rest == "checkpoint.parquet"
    )
    return LogFiles(commits, max(checkpoints, default=-1))


def _named(url: str) -> Iterator[tuple[int, str, int]]:
    """The version, the rest of the name and the size of each file of the log."""
    filesystem, path = place_of(url)
    for info in filesystem.get_file_info(FileSelector(f"{path.rstrip('/')}/_delta_log")):
        number, _, rest = info.base_name.partition(".")
        if len(number) == _DIGITS and number.isdigit():
            yield int(number), rest, info.size or 0
