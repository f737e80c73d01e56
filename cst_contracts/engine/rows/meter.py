"""Tells whoever shows it how far the reading of a relation has come."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from cst_contracts.progress import Progress


class Meter:
    """Of one relation at a time; calls to `progress` come one after the other, whichever thread reads."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._lock = Lock()
        self._reading = False
        self._bytes_a_row = 0.0
        self._rows = self._bytes = 0

    @contextmanager
    def reading(
        self, relation: str, bytes_total: int | None = None, rows_total: int | None = None
    ) -> Iterator[None]:
        """From started to finished, also where the reading fails. What is read on the way for another
        relation's sake belongs to the first."""
        if self._progress is None or self._reading:
            yield
            return
        self._reading = True
        self._rows = self._bytes = 0
        self._bytes_a_row = (bytes_total or 0) / rows_total if rows_total else 0.0
        try:
            with self._lock:
                self._progress.started(relation, bytes_total)
            yield
        finally:
            self._reading = False
            with self._lock:
                self._progress.finished(relation)

    def advanced(self, rows: int) -> None:
        """Nobody knows how many bytes a batch took: they are shared out over the rows."""
        if self._progress is None or not self._reading:
            return
        with self._lock:
            self._rows += rows
            so_far = int(self._rows * self._bytes_a_row)
            self._progress.advanced(so_far - self._bytes, rows)
            self._bytes = so_far


#: Tells nobody.
UNWATCHED = Meter()
