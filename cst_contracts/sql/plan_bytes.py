"""Reads which files a physical plan scans off its protobuf form: plans as text tell five files a group."""

from collections import Counter
from collections.abc import Iterator

#: Kinds of `PhysicalPlanNode` that scan files: Parquet, CSV, Avro, JSON and Arrow.
_SCANS = frozenset((1, 2, 10, 31, 38))
#: Fields of `FileScanExecConf`, of a group of files, and of a file, in datafusion.proto of DataFusion 55.
_BASE, _GROUPS, _STORE = 1, 1, 8
_FILES = 1
_PATH, _SIZE, _RANGE = 1, 2, 5
_START, _END = 1, 2


def scanned_files(plan: bytes) -> tuple[str, ...] | None:
    """The URLs of the files that a plan scans and does nothing else with, sorted, with paths unquoted.

    A file that is read several times stands there several times. None where the plan is another one.
    """
    for kind, node in _fields(plan):
        if kind in _SCANS and isinstance(node, bytes):
            return tuple(sorted(_files(_bytes(node, _BASE))))
    return None


def _files(scan: bytes) -> Iterator[str]:
    """The engine splits a large file into ranges, which are one reading of it together."""
    store = _bytes(scan, _STORE).decode().removesuffix("/")
    whole: dict[str, int] = {}
    read: Counter[str] = Counter()
    for group in _messages(scan, _GROUPS):
        for file in _messages(group, _FILES):
            path, size = _bytes(file, _PATH).decode(), _number(file, _SIZE)
            ranges = list(_messages(file, _RANGE))
            whole[path] = size
            read[path] += (
                sum(_number(each, _END) - _number(each, _START) for each in ranges) or size
            )
    for path, size in whole.items():
        times = max(1, round(read[path] / size)) if size else 1
        yield from [f"{store}/{path}"] * times


def _messages(message: bytes, field: int) -> Iterator[bytes]:
    return (value for name, value in _fields(message) if name == field and isinstance(value, bytes))


def _bytes(message: bytes, field: int) -> bytes:
    return next(_messages(message, field), b"")


def _number(message: bytes, field: int) -> int:
    found = (value for name, value in _fields(message) if name == field)
    return next((value for value in found if isinstance(value, int)), 0)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers of fields and their values, as https://protobuf.dev/programming-guides/encoding tells."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        match key & 7:
            case 0:
                value, at = _varint(message, at)
                yield key >> 3, value
            case 2:
                length, at = _varint(message, at)
                yield key >> 3, message[at : at + length]
                at += length
            case 1:
                at += 8
            case 5:
                at += 4
            case wire:
                raise ValueError(f"no wire type {wire} stands in protobuf messages")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
