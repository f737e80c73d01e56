"""64-bit hashes of a key's values, gathered from several threads, to those that more than one row has.

No two equal hashes prove that a key is unique. Equal ones prove nothing: the rows must be looked up.
"""

from threading import Lock

import numpy as np
import pyarrow as pa
from msgspec import Struct


class Hashes:
    """Room for `rows` hashes, eight bytes each, taken at once: growing takes twice as much."""

    def __init__(self, rows: int) -> None:
        self._room = np.empty(rows, np.int64)
        self._lock = Lock()
        self._size = 0
        self.incomplete = 0

    def add(self, hashes: pa.Int64Array, without_value: pa.BooleanArray | None) -> None:
        """Rows flagged `without_value` have a null in the key and take no part."""
        found = hashes.to_numpy(zero_copy_only=False)
        if without_value is not None and without_value.true_count:
            found = found[~without_value.to_numpy(zero_copy_only=False)]
        with self._lock:
            start, self._size = self._size, self._size + len(found)
            self.incomplete += len(hashes) - len(found)
            if self._size > len(self._room):
                room = np.empty(max(self._size, 2 * len(self._room)), np.int64)
                room[:start] = self._room[:start]
                self._room = room
            self._room[start : start + len(found)] = found

    @property
    def complete(self) -> int:
        return self._size

    def repeated(self) -> "Equal":
        """Sorts them first."""
        hashes = self._room[: self._size]
        hashes.sort()
        again = hashes[1:] == hashes[:-1]
        equal, more = np.unique(hashes[1:][again], return_counts=True)
        return Equal([int(each) for each in equal], int(more.sum()) + len(equal))


class Equal(Struct, frozen=True):
    """Each hash that several rows have, once, and how many rows these are together."""

    hashes: list[int]
    rows: int
