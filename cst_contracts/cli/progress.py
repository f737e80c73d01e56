"""Shows on a terminal how far a long measurement has come."""

import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TextIO

import click

from cst_contracts.progress import Progress

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_QUIET_SECONDS = 0.5  # what is done sooner needs no bar
_REFRESH_SECONDS = 0.1  # batches come by the thousand
_UNITS = ("B", "KB", "MB", "GB", "TB")


def terminal_progress(stream: TextIO) -> Progress | None:
    """None where nobody watches: `stream` is no terminal, or a CI system has set `CI`."""
    if not stream.isatty() or os.environ.get("CI"):
        return None
    return TerminalProgress(stream)


class TerminalProgress:
    """One line for each relation that takes long: bytes read of all, rows, and the time left."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._bar: ProgressBar[None] | None = None
        self._relation = ""
        self._total: int | None = None
        self._next_drawing = 0.0
        self._bytes = 0
        self._drawn_bytes = 0
        self._rows = 0

    def started(self, relation: str, bytes_total: int | None) -> None:
        self._relation, self._total = relation, bytes_total
        self._next_drawing = self._clock() + _QUIET_SECONDS
        self._bytes = self._drawn_bytes = self._rows = 0

    def advanced(self, bytes_read: int, rows: int) -> None:
        self._bytes += bytes_read
        self._rows += rows
        now = self._clock()
        if now < self._next_drawing:
            return
        self._next_drawing = now + _REFRESH_SECONDS
        if self._bar is None:
            self._bar = self._new_bar()
        self._draw(self._bar)

    def finished(self, relation: str) -> None:  # noqa: ARG002 — the protocol's signature
        if self._bar is None:
            return
        self._draw(self._bar)
        self._bar.finish()
        self._bar.render_progress()
        self._bar.render_finish()
        self._bar = None

    def _draw(self, bar: "ProgressBar[None]") -> None:
        bar.update(self._bytes - self._drawn_bytes)
        self._drawn_bytes = self._bytes

    def _new_bar(self) -> "ProgressBar[None]":
        return click.progressbar(
            _without_length() if self._total is None else None,
            length=self._total,
            label=self._relation,
            item_show_func=lambda _item: self._read(),
            file=self._stream,
        )

    def _read(self) -> str:
        total = "" if self._total is None else f" of {size_text(self._total)}"
        return f"{size_text(self._bytes)}{total}, {self._rows:,} rows"


def _without_length() -> Iterator[None]:
    """click takes the length of what it is given to iterate over, and a generator has none."""
    yield None


def size_text(size: int) -> str:
    """Three digits and a unit, in powers of 1000, as `1.2 GB`."""
    number = float(size)
    for unit in _UNITS[:-1]:
        if number < 999.5:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} {_UNITS[-1]}"
