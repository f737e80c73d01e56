"""Sizes of memory: the machine's, this process's, and as people write them."""

import os
import re
import sys

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_SIZE = re.compile(r"(\d+)\s*([KMGT]?)(i?B)?", re.IGNORECASE)


def parse_size(text: str) -> int | None:
    """In bytes; None for what is no size. Units are powers of 1024, however they are spelled."""
    found = _SIZE.fullmatch(text.strip())
    return None if found is None else int(found[1]) * _UNITS[found[2].upper()]


def physical_memory() -> int:
    """In bytes; where the machine does not tell, little."""
    if not hasattr(os, "sysconf"):  # Windows
        return 4 * 1024**3
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def peak_memory() -> int | None:
    """The most that this process has held at once, in bytes; None where the machine does not tell."""
    try:
        import resource  # noqa: PLC0415 — there is none on Windows
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS tells bytes, others kilobytes
