"""One folder in place of another, without a moment in which there is neither."""

import ctypes
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

_AT_FDCWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def replace_folder(new: Path, folder: Path) -> None:
    """Gives `new` the name `folder`, and deletes what had it before.

    Where the system can swap two names (Linux, macOS), readers find one of the two at any time, and
    so they do after a crash. Elsewhere the old folder steps aside for a moment, and comes back where
    the new one cannot take its place.
    """
    if not folder.exists():
        new.rename(folder)
    elif swap(new, folder):
        shutil.rmtree(new)
    else:
        replace_in_two_steps(new, folder)


def replace_in_two_steps(new: Path, folder: Path) -> None:
    before = new.with_name(f"{new.name}.before")
    try:
        folder.rename(before)
        new.rename(folder)
    except BaseException:
        if before.exists() and not folder.exists():
            before.rename(folder)
        raise
    shutil.rmtree(before)


def swap(one: Path, other: Path) -> bool:
    """Exchanges two names in one step; False where the system or the file system does not know how."""
    exchange = _exchange()
    return exchange is not None and exchange(os.fsencode(one), os.fsencode(other)) == 0


def _exchange() -> Callable[[bytes, bytes], int] | None:
    """The system's own call, which Python does not wrap; 0 is success."""
    library = None if sys.platform == "win32" else ctypes.CDLL(None)
    if linux := getattr(library, "renameat2", None):
        return lambda one, other: int(linux(_AT_FDCWD, one, _AT_FDCWD, other, _EXCHANGE))
    if macos := getattr(library, "renamex_np", None):
        return lambda one, other: int(macos(one, other, _EXCHANGE))
    return None
