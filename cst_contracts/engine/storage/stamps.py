"""Tells whether a data file is the one that was there before, without its data pages being read.

A rewrite changes the file's size, its time or its footer, where the sizes and statistics of all pages stand.
What changes none of these, bytes of data pages that are exchanged under the same footer, is not told.
"""

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from cst_contracts.engine.session.trouble import Refused
from cst_contracts.engine.storage.places import each_of, info_of, place_of
from cst_contracts.engine.storage.urls import file_name

#: At the end of a Parquet file: the footer's length in four bytes, and four of a mark.
_TAIL = 8
#: Most footers are shorter, and one request of a store brings them.
_AT_ONCE = 64 * 1024
_DIGEST = 16


def stamps(urls: Sequence[str]) -> dict[str, bytes]:
    """By URL, of Parquet files. Those of a Delta table have the size that its log tells: others are refused
    when it is opened. Raises OSError."""
    return dict(zip(urls, each_of(urls, stamp), strict=True))


def stamp(url: str) -> bytes:
    """Raises OSError."""
    info = info_of(url)
    if not info.is_file:
        raise FileNotFoundError(url)
    written = msgspec.msgpack.encode((url, info.size, info.mtime_ns))
    return blake2b(written + _footer(url, info.size), digest_size=_DIGEST).digest()


def _footer(url: str, size: int) -> bytes:
    """As it is stored, with its length and the mark."""
    filesystem, path = place_of(url)
    with filesystem.open_input_file(path) as file:
        start = max(0, size - _AT_ONCE)
        end: bytes = file.read_at(size - start, start)
        length = int.from_bytes(end[-_TAIL : -_TAIL // 2], "little") + _TAIL
        if not _TAIL < length <= size:
            raise Refused(f"{file_name(url)} does not end as a Parquet file does")
        if length > len(end):
            end = file.read_at(length, size - length)
    return end[-length:]
