"""What a long measurement reports while it runs, to whoever shows it."""

from typing import Protocol


class Progress(Protocol):
    """Receives how far the reading of one relation after another has come.

    Calls come one at a time, from whichever thread reads, and return quickly. One relation is
    finished before the next is started.
    """

    def started(self, relation: str, bytes_total: int | None) -> None:
        """`bytes_total` is None where nobody knows the size, as of a stream or a query."""

    def advanced(self, bytes_read: int, rows: int) -> None:
        """Counts what came since the last call, not since the start."""

    def finished(self, relation: str) -> None:
        """Comes after every start, also where the reading failed."""
