"""Progress on a terminal, which is a pseudo terminal here."""

import io
import os
import pty
from collections.abc import Iterator
from typing import TextIO

import pytest

from cst_contracts.cli.progress import TerminalProgress, size_text, terminal_progress


class Terminal:
    """Both ends of a pseudo terminal."""

    def __init__(self) -> None:
        self._master, slave = pty.openpty()
        self.stream: TextIO = os.fdopen(slave, "w")

    def read(self) -> str:
        """What was written so far; a mark is written last, so that reading ends."""
        self.stream.write("|end|")
        self.stream.flush()
        text = b""
        while not text.endswith(b"|end|"):
            text += os.read(self._master, 4096)
        return text.decode().removesuffix("|end|")

    def close(self) -> None:
        self.stream.close()
        os.close(self._master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    opened = Terminal()
    yield opened
    opened.close()


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_long_measurement_shows_what_is_read_of_all(terminal: Terminal) -> None:
    clock = Clock()
    progress = TerminalProgress(terminal.stream, clock)

    progress.started("cst_refs", 4_000_000)
    clock.now += 0.6
    progress.advanced(1_000_000, 12_345)
    first = terminal.read()
    clock.now += 0.2
    progress.advanced(1_000_000, 12_345)
    second = terminal.read()
    progress.advanced(2_000_000, 24_690)
    progress.finished("cst_refs")
    last = terminal.read()

    assert "cst_refs" in first
    assert " 25%" in first
    assert "1 MB of 4 MB, 12,345 rows" in first
    assert "2 MB of 4 MB, 24,690 rows" in second
    assert "100%" in last
    assert "4 MB of 4 MB, 49,380 rows" in last
    assert last.endswith("\n")


def test_where_nobody_knows_the_size_rows_are_counted(terminal: Terminal) -> None:
    clock = Clock()
    progress = TerminalProgress(terminal.stream, clock)

    progress.started("events", None)
    clock.now += 1
    progress.advanced(1_500, 10)
    progress.finished("events")

    told = terminal.read()
    assert "1.5 KB, 10 rows" in told
    assert "%" not in told


def test_what_is_done_at_once_shows_nothing(terminal: Terminal) -> None:
    progress = TerminalProgress(terminal.stream, Clock())

    progress.started("small", 10)
    progress.advanced(10, 1)
    progress.finished("small")

    assert terminal.read() == ""


def test_the_next_relation_begins_at_nothing(terminal: Terminal) -> None:
    clock = Clock()
    progress = TerminalProgress(terminal.stream, clock)
    for relation in ("first", "second"):
        progress.started(relation, 100)
        clock.now += 1
        progress.advanced(50, 5)
        progress.finished(relation)

    told = terminal.read()
    assert "50 B of 100 B, 5 rows" in told.partition("second")[2]
    assert "10 rows" not in told


def test_only_a_terminal_outside_of_ci_is_shown_progress(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert isinstance(terminal_progress(terminal.stream), TerminalProgress)
    assert terminal_progress(io.StringIO()) is None

    monkeypatch.setenv("CI", "true")
    assert terminal_progress(terminal.stream) is None


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1 KB"),
        (1_234_567, "1.23 MB"),
        (999_600, "1 MB"),
        (45_600_000_000, "45.6 GB"),
        (5 * 10**15, "5e+03 TB"),
    ],
)
def test_sizes_have_three_digits_and_a_unit(size: int, text: str) -> None:
    assert size_text(size) == text
