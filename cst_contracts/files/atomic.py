"""Writes a file so that, whatever happens, it is the old one or the new one, whole."""

import errno
import os
import secrets
import shutil
from pathlib import Path

from cst_contracts.files.regular import require_regular


class LinkedElsewhere(OSError):
    """A link leads out of the folder that it lies in: what it leads to is not for us to replace."""

    def __init__(self, path: Path, target: Path) -> None:
        super().__init__(errno.EXDEV, f"it links out of its folder, to {target}", str(path))


def write_atomic(path: Path, content: str | bytes, *, flushed: bool = True) -> None:
    """Text is written as UTF-8, line ends as they are. What is not `flushed` to the disk may be gone, or be
    there in part, after the machine has stopped at once.

    A link within its folder stays, and the file that it leads to is replaced. Raises OSError: LinkedElsewhere
    for a link out of it, NotRegular where anything but a regular file would be replaced, such as `/dev/null`.
    A write that is killed leaves a hidden `.write-….tmp` beside the file, and no harm.
    """
    data = content.encode() if isinstance(content, str) else content
    target = _target(path)
    temporary = target.with_name(f".write-{secrets.token_hex(8)}.tmp")
    try:
        _write_through(temporary, data, flushed=flushed)
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    if flushed:
        _flush_folder(target.parent)


def _target(path: Path) -> Path:
    """The file to replace, which need not be there yet."""
    folder = Path(os.path.realpath(path.parent))
    target = Path(os.path.realpath(path))
    if path.is_symlink() and folder not in target.parents:
        raise LinkedElsewhere(path, target)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return target
    require_regular(path, mode)
    return target


def _write_through(path: Path, data: bytes, *, flushed: bool) -> None:
    with path.open("xb") as file:
        file.write(data)
        if flushed:
            file.flush()
            os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """The rename itself reaches the disk; Windows has no such call, and opens no folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
