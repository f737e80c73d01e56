"""Sizes as works and lakes have them in their names."""

import re

_SIZE = re.compile(r"(\d+)([km]?)")
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}


def rows_named(size: str) -> int:
    read = _SIZE.fullmatch(size)
    if read is None:
        raise SystemExit(f"{size!r} is no size; write 1000, 100k or 10m")
    return int(read[1]) * _UNITS[read[2]]
