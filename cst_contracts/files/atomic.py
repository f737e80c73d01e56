"""Content to a file that is, whatever happens, the old one or the new one, whole."""

import os
import secrets
import shutil
from pathlib import Path


def write_atomic(path: Path, content: str | bytes) -> None:
    """Text is written as UTF-8, line ends as they are. A link's target is replaced, not the link.

    A write that is killed leaves a hidden `.write-….tmp` beside the file, and no harm.
    """
    data = content.encode() if isinstance(content, str) else content
    target = path.resolve()
    temporary = target.with_name(f".write-{secrets.token_hex(8)}.tmp")
    try:
        _write_through(temporary, data)
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    _flush_folder(target.parent)


def _write_through(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
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
