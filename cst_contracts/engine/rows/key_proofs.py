"""Answers a key from the hashes that are kept of each data file.

To sort the hashes of all rows takes longer than to read them. Therefore it is kept, too, of which files it is
known that no two rows of them share a key; then only the hashes of other files are looked for among theirs.
What has been found distinct stays so when a file is gone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from cst_contracts.engine.rows.key_tally import KeptHashes, KeyPart, KeyTally

_Array = npt.NDArray[np.int64]
#: Of a hash, so many bits say where in a table of flags it stands: what is not flagged there is not among
#: those that are looked for.
_BITS = 24
_REST = 64 - _BITS


class KeyFiles(Struct, frozen=True):
    """`counts` are of each file, by URL; `hashes` reads those of one, None where they are not to be had.
    `distinct` are stamps of files no two rows of which have equal hashes."""

    stamps: Mapping[str, bytes]
    counts: Mapping[str, KeptHashes]
    hashes: Callable[[str], bytes | None]
    distinct: frozenset[bytes]


class KeyProof(Struct, frozen=True):
    """`distinct`: no two rows of the files have equal hashes, as far as that was found out."""

    tally: KeyTally
    distinct: bool


def key_proof(part: KeyPart, files: KeyFiles) -> KeyProof | None:
    """None where hashes of some file are not to be had."""
    others = [url for url, stamp in files.stamps.items() if stamp not in files.distinct]
    if _are_few(others, part, files):
        fresh = _sorted(others, files)
        if fresh is None:
            return None
        known = [url for url in files.stamps if url not in set(others)]
        apart = _are_apart(fresh, known, files)
        if apart is None:
            return None
        if apart:
            return KeyProof(_counted(part, files), distinct=True)
    return _of_all(part, files)


def distinct_of(data: bytes | None) -> frozenset[bytes]:
    """What `distinct_bytes` gave."""
    return (
        frozenset() if data is None else frozenset(msgspec.msgpack.decode(data, type=list[bytes]))
    )


def distinct_bytes(stamps: Iterable[bytes]) -> bytes:
    return msgspec.msgpack.encode(sorted(stamps))


def _are_few(others: Sequence[str], part: KeyPart, files: KeyFiles) -> bool:
    """Whether it takes less to look for their hashes among the others than to sort all."""
    number = sum(files.counts[url].complete for url in others)
    whole = sum(each.complete for each in files.counts.values())
    return 4 * number <= whole and number <= part.room


def _counted(part: KeyPart, files: KeyFiles) -> KeyTally:
    """With no hash in it: none is met twice."""
    (tally,) = part.tallies(1)
    for each in files.counts.values():
        tally.hashes.complete += each.complete
        tally.hashes.incomplete += each.incomplete
    return tally


def _of_all(part: KeyPart, files: KeyFiles) -> KeyProof | None:
    (tally,) = part.tallies(1)
    for url in files.stamps:
        data = files.hashes(url)
        if data is None:
            return None
        tally.take(data, url)
    equal = tally.equal()
    return KeyProof(tally, distinct=equal is not None and not equal.hashes)


def _sorted(urls: Sequence[str], files: KeyFiles) -> _Array | None:
    found = [np.empty(0, np.int64)]
    for url in urls:
        hashes = _hashes(url, files)
        if hashes is None:
            return None
        found.append(hashes)
    return np.sort(np.concatenate(found))


def _hashes(url: str, files: KeyFiles) -> _Array | None:
    data = files.hashes(url)
    return None if data is None else KeptHashes.of(data).hashes(data)


def _are_apart(fresh: _Array, known: Sequence[str], files: KeyFiles) -> bool | None:
    """Whether no two of the hashes are equal, and none is one of known files."""
    if len(fresh) == 0:
        return True
    if (fresh[1:] == fresh[:-1]).any():
        return False
    flags = np.zeros(1 << _BITS, bool)
    flags[fresh >> _REST] = True  # negative ones are counted from the end

    def is_apart(url: str) -> bool | None:
        hashes = _hashes(url, files)
        return None if hashes is None else not _meet(fresh, flags, hashes)

    # To read a file, to sum it up and to look through its hashes leaves the interpreter to others.
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        return next((each for each in pool.map(is_apart, known) if not each), True)


def _meet(fresh: _Array, flags: npt.NDArray[np.bool_], hashes: _Array) -> bool:
    near = hashes[flags[hashes >> _REST]]
    at = np.minimum(np.searchsorted(fresh, near), len(fresh) - 1)
    return bool((fresh[at] == near).any())
