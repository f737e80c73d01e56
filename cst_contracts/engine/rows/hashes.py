"""64-bit hashes of a key's values, gathered from several threads, to those that more than one row has.

No two equal hashes prove that a key is unique. Equal ones prove nothing: the rows must be looked up.
"""

from collections.abc import Iterator, Sequence
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from msgspec import Struct

_Array: TypeAlias = npt.NDArray[np.int64]
#: Compared at once: small enough that what it takes beside the hashes is nothing to them.
_PIECE = 1 << 20
_LEAST_PART = 1 << 16
_BYTES = 8


class Equal(Struct, frozen=True):
    """Each hash that several rows have, once, and how many rows these are together."""

    hashes: tuple[int, ...] = ()
    rows: int = 0


class Hashes:
    """Holds `room` hashes at most, eight bytes each. More of them go to a temporary file, in sorted runs."""

    def __init__(self, room: int) -> None:
        self._room: _Array = np.empty(room, np.int64)  # no memory before it is written to
        self._lock = Lock()
        self._size = 0
        self._runs = _Runs()
        self.complete = 0
        self.incomplete = 0

    def add(self, hashes: pa.Int64Array, without_value: pa.BooleanArray | None) -> None:
        """Rows flagged `without_value` have a null in the key and take no part."""
        found = hashes.to_numpy(zero_copy_only=False)
        if without_value is not None and without_value.true_count:
            found = found[~without_value.to_numpy(zero_copy_only=False)]
        with self._lock:
            self.complete += len(found)
            self.incomplete += len(hashes) - len(found)
            if self._size + len(found) > len(self._room):
                self._write()
            if len(found) > len(self._room):
                self._runs.write(np.sort(found))
                return
            self._room[self._size : self._size + len(found)] = found
            self._size += len(found)

    def repeated(self, most: int) -> Equal | None:
        """None where they belong to more than `most` rows. Takes the hashes: nothing can be added after."""
        if not self._runs:
            held = self._room[: self._size]
            held.sort()
            return _equal([held], most)
        self._write()
        part = max(len(self._room) // 4, _LEAST_PART)  # several are copied at once
        self._room = np.empty(0, np.int64)
        try:
            return _equal(self._runs.parts(part), most)
        finally:
            self._runs.close()

    def _write(self) -> None:
        if self._size:
            held = self._room[: self._size]
            held.sort()
            self._runs.write(held)
            self._size = 0


class _Runs:
    """Sorted runs of hashes, one after the other in a file that is gone with the process."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._ends: list[int] = []

    def __len__(self) -> int:
        return len(self._ends)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, run: _Array) -> None:
        if self._file is None:
            self._file = TemporaryFile()  # noqa: SIM115 - closed when all that is in it has been compared
        run.tofile(self._file)
        self._ends.append((self._ends or [0])[-1] + len(run))

    def parts(self, size: int) -> Iterator[_Array]:
        """All hashes, sorted, about `size` of them at a time: hashes lie evenly."""
        if self._file is None:
            return
        self._file.flush()
        starts = [0, *self._ends[:-1]]
        count = 1 + self._ends[-1] // size
        bounds = np.linspace(-(2.0**63), 2.0**63, count + 1)[1:-1].astype(np.int64)
        stored = np.memmap(self._file, np.int64, "r")
        cuts = [
            [start, *(start + np.searchsorted(stored[start:end], bounds)), end]
            for start, end in zip(starts, self._ends, strict=True)
        ]
        del stored  # what is mapped counts as memory that is taken
        for number in range(count):
            part = np.concatenate([self._read(cut[number], cut[number + 1]) for cut in cuts])
            part.sort()
            yield part

    def _read(self, start: int, end: int) -> _Array:
        if self._file is None:
            raise AssertionError("nothing was written")
        self._file.seek(start * _BYTES)
        return np.fromfile(self._file, np.int64, int(end - start))


def _equal(parts: Sequence[_Array] | Iterator[_Array], most: int) -> Equal | None:
    """Of parts that are sorted and have no hash in common."""
    hashes: list[int] = []
    rows = 0
    for part in parts:
        for start in range(0, len(part), _PIECE):
            piece = part[start : start + _PIECE + 1]
            again = piece[1:][piece[1:] == piece[:-1]]
            rows += len(again)
            hashes.extend(again.tolist())
            if rows > most:
                return None
    once = tuple(sorted(set(hashes)))
    return None if rows + len(once) > most else Equal(once, rows + len(once))
