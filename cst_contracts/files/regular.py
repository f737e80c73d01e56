"""Reads regular files, and says in words what else lies at a path.

A named pipe that nobody writes to never ends to be read, nor does `/dev/zero`; both may lie in a folder of
contracts, under a contract's name. So everything that this package reads or replaces is looked at first.
"""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)
#: A pipe without a writer opens at once, and is then found to be one. Windows has neither flag nor pipe.
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class NotRegular(OSError):
    """Something else than a regular file lies where one is read or written."""

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__(errno.EINVAL, f"it is {kind}, and no regular file", str(path))


def read_regular(path: Path) -> bytes:
    """The content of a regular file, or of the one that a link leads to.

    Raises OSError, and NotRegular for anything else, without waiting for it.
    """
    require_regular(path, path.stat().st_mode)
    descriptor = os.open(path, os.O_RDONLY | _AT_ONCE)
    with os.fdopen(descriptor, "rb") as file:
        require_regular(path, os.fstat(descriptor).st_mode)  # it may have been exchanged meanwhile
        return file.read()


def require_regular(path: Path, mode: int) -> None:
    """Raises NotRegular where `mode`, as `stat` has it, is not a regular file's."""
    if stat.S_ISREG(mode):
        return
    kind = next((words for is_one, words in _KINDS if is_one(mode)), "of no known kind")
    raise NotRegular(path, kind)
