"""An unbounded source of lines to portions of whole records, up to a number of rows and of seconds.

The engine's own reader of unbounded sources cannot be stopped while it waits, delivers nothing until a batch
is full, takes a header's names for granted and cuts fractions to integers. So the bytes are read here, and
each portion by the engine's readers of files that end.
"""

import os
import select
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

_PORTION = 8192
_BYTES = 1 << 20


class Limits(Struct, frozen=True):
    """How much of an unbounded source is looked at, at most."""

    rows: int = 100_000
    seconds: float = 10.0


class Portion(Struct, frozen=True):
    """`cut`: why nothing comes after it though the source has not ended."""

    records: tuple[bytes, ...]
    last: bool
    cut: str | None = None


def portions(path: Path, limits: Limits, *, quoted: bool, header: bool) -> Iterator[Portion]:
    """The last one says so, and may be empty. `quoted`: a line's end within quotes ends no record.

    Raises OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        records = _Records(quoted=quoted)
        left = limits.rows + header
        until = time.monotonic() + limits.seconds
        for data in _reads(descriptor, until):
            if data is None:
                cut = f"what came within {limits.seconds:g} seconds"
                yield Portion(records.take(left), last=True, cut=cut)
                return
            records.feed(data)
            if len(records.whole) >= left:
                cut = f"the first {limits.rows:,} rows"
                yield Portion(records.take(left), last=True, cut=cut)
                return
            if len(records.whole) >= _PORTION:
                portion = records.take(left)
                left -= len(portion)
                yield Portion(portion, last=False)
        records.end()
        yield Portion(records.take(left), last=True)
    finally:
        os.close(descriptor)


def _reads(descriptor: int, until: float) -> Iterator[bytes | None]:
    """None when the time is up. A pipe that nobody has written to yet is no pipe at its end."""
    waiting = select.poll() if hasattr(select, "poll") else None
    if waiting is not None:
        waiting.register(descriptor, select.POLLIN | select.POLLHUP)
    while True:
        left = until - time.monotonic()
        if left <= 0 or (waiting is not None and not waiting.poll(left * 1000)):
            yield None
            return
        try:
            data = os.read(descriptor, _BYTES)
        except BlockingIOError:
            continue
        if not data:
            return
        yield data


class _Records:
    """Bytes in, whole records out; lines without text are none."""

    def __init__(self, *, quoted: bool) -> None:
        self.whole: list[bytes] = []
        self._quoted = quoted
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n")
        open_line = b""
        for line in lines:
            joined = open_line + line
            if self._quoted and joined.count(b'"') % 2:
                open_line = joined + b"\n"
                continue
            open_line = b""
            if joined.strip():
                self.whole.append(joined)
        self._rest = open_line + rest

    def end(self) -> None:
        if self._rest.strip():
            self.whole.append(self._rest)
        self._rest = b""

    def take(self, most: int) -> tuple[bytes, ...]:
        taken, self.whole = self.whole[:most], self.whole[most:]
        return tuple(taken)
