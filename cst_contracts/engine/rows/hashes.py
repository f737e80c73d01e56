"""Gathers 64-bit hashes of a key's values, and finds those that more than one row has.

No two equal hashes prove that a key is unique. Equal ones prove nothing: the rows must be looked up.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, TypeAlias
from weakref import finalize

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from msgspec import Struct

_Array: TypeAlias = npt.NDArray[np.int64]
#: Compared at once: small enough that what it takes beside the hashes is nothing to them.
_PIECE = 1 << 20
#: Held together, and spilled as one sorted run.
_CHUNK = 1 << 20
_LEAST_PART = 1 << 16
_BYTES = 8


class Equal(Struct, frozen=True):
    """Each hash that several rows have, once, and how many rows these are together."""

    hashes: tuple[int, ...] = ()
    rows: int = 0


class Room:
    """How many hashes of one key all threads together may hold in memory, eight bytes each."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._lock = Lock()
        self._left = size

    def take(self, number: int) -> bool:
        with self._lock:
            if number > self._left:
                return False
            self._left -= number
            return True

    def give_back(self, number: int) -> None:
        with self._lock:
            self._left += number


class Hashes:
    """Those that do not fit the room go to a temporary file, in sorted runs."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held: list[_Array] = []
        self._chunk: _Array = _new_chunk()
        self._filled = 0
        self._files: list[_Runs] = []
        self.complete = 0
        self.incomplete = 0

    def add(self, hashes: pa.Int64Array, without_value: pa.BooleanArray | None) -> None:
        """Rows flagged `without_value` have a null in the key and take no part."""
        found = hashes.to_numpy(zero_copy_only=False)
        if without_value is not None and without_value.true_count:
            found = found[~without_value.to_numpy(zero_copy_only=False)]
        self.complete += len(found)
        self.incomplete += len(hashes) - len(found)
        if not self._room.take(len(found)):
            self._spill()
            if not self._room.take(len(found)):
                self._runs().write(np.sort(found))
                return
        self._hold(found)

    def merge(self, other: "Hashes") -> None:
        """Takes the hashes of the other, which is of the same room."""
        for each in (self, other):
            each._close_chunk()
        self._held.extend(other._held)
        self._files.extend(other._files)
        self.complete += other.complete
        self.incomplete += other.incomplete

    def repeated(self, most: int) -> Equal | None:
        """None where they belong to more than `most` rows. Takes the hashes: nothing can be added after."""
        if not self._files:
            return _equal([self._taken()], most)
        self._spill()
        part = max(self._room.size // 4, _LEAST_PART)  # several are copied at once
        try:
            return _equal(_parts(self._stored(), part), most)
        finally:
            for runs in self._files:
                runs.close()

    def to_bytes(self) -> bytes:
        """All hashes, eight bytes each."""
        self._close_chunk()
        stored = (run.read(0, len(run)) for run in self._stored())
        return b"".join(hashes.tobytes() for hashes in (*self._held, *stored))

    def add_bytes(self, data: bytes) -> None:
        """What `to_bytes` gave."""
        hashes = np.frombuffer(data, np.int64)
        for start in range(0, len(hashes), _PIECE):
            self.add(pa.array(hashes[start : start + _PIECE]), None)

    def _hold(self, found: _Array) -> None:
        while len(found):
            if self._filled == len(self._chunk):
                self._close_chunk()
            fitting = found[: len(self._chunk) - self._filled]
            self._chunk[self._filled : self._filled + len(fitting)] = fitting
            self._filled += len(fitting)
            found = found[len(fitting) :]

    def _close_chunk(self) -> None:
        if self._filled:
            self._held.append(self._chunk[: self._filled])
            self._chunk, self._filled = _new_chunk(), 0

    def _taken(self) -> _Array:
        """All that is held, sorted. Each chunk is let go when it is copied, so that none is held twice."""
        self._close_chunk()
        whole = np.empty(sum(map(len, self._held)), np.int64)
        end = len(whole)
        while self._held:
            chunk = self._held.pop()
            whole[end - len(chunk) : end] = chunk
            end -= len(chunk)
        whole.sort()
        return whole

    def _spill(self) -> None:
        self._close_chunk()
        for chunk in self._held:
            chunk.sort()
            self._runs().write(chunk)
            self._room.give_back(len(chunk))
        self._held = []

    def _runs(self) -> "_Runs":
        """The file that this thread writes to."""
        if not self._files:
            self._files.append(_Runs())
        return self._files[0]

    def _stored(self) -> "list[_Run]":
        return [run for runs in self._files for run in runs.stored()]


def _new_chunk() -> _Array:
    return np.empty(_CHUNK, np.int64)  # no memory before it is written to


class _Run:
    """Sorted hashes in a file."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file, self._start, self._end = file, start, end

    def __len__(self) -> int:
        return self._end - self._start

    def read(self, start: int, end: int) -> _Array:
        self._file.seek((self._start + start) * _BYTES)
        return np.fromfile(self._file, np.int64, end - start)

    def cuts(self, bounds: _Array) -> list[int]:
        """Where each part of the run begins, and where the last ends."""
        stored = np.memmap(
            self._file, np.int64, "r"
        )  # let go at once: what is mapped counts as taken
        found = np.searchsorted(stored[self._start : self._end], bounds)
        return [0, *map(int, found), len(self)]


class _Runs:
    """Sorted runs of hashes, one after the other in a file that is gone with the process."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed with its runs, whatever becomes of the scan
        self.close = finalize(self, self._file.close)
        self._ends = [0]

    def write(self, run: _Array) -> None:
        run.tofile(self._file)
        self._ends.append(self._ends[-1] + len(run))

    def stored(self) -> Iterator[_Run]:
        self._file.flush()
        for start, end in pairwise(self._ends):
            if end > start:
                yield _Run(self._file, start, end)


def _parts(runs: Sequence[_Run], size: int) -> Iterator[_Array]:
    """All hashes, sorted, about `size` of them at a time: hashes lie evenly."""
    count = 1 + sum(map(len, runs)) // size
    bounds = np.linspace(-(2.0**63), 2.0**63, count + 1)[1:-1].astype(np.int64)
    cuts = [run.cuts(bounds) for run in runs]
    for number in range(count):
        pieces = zip(runs, cuts, strict=True)
        found = [run.read(cut[number], cut[number + 1]) for run, cut in pieces]
        part = np.concatenate([np.empty(0, np.int64), *found])
        part.sort()
        yield part


def _equal(parts: Iterable[_Array], most: int) -> Equal | None:
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
