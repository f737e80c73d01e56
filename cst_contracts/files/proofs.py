"""The folder in which proofs are kept: a file for each data file, named by a digest of its URL.

Such a file is a table of contents and the tallies, each with a checksum. Whatever is not as it was written,
or was written by other versions, is no proof and no error: then its data file is measured again.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

import msgspec
from msgspec import Struct

from cst_contracts.errors import CstContractsError
from cst_contracts.files.atomic import write_atomic

_MARK = b"cst-proofs 1\n"
_NUMBER = 4
_DIGEST = 16
_IGNORE = (
    "# Written by cst-contracts: proofs of this machine's data files, which may be deleted.\n*\n"
)


class _Entry(Struct, frozen=True, array_like=True):
    """Where a tally stands, counted from the end of the contents, and its checksum."""

    start: int
    size: int
    check: int


class _Contents(Struct, frozen=True, array_like=True):
    versions: str
    stamp: bytes
    entries: dict[bytes, _Entry]


_CONTENTS = msgspec.msgpack.Decoder(_Contents)


class ProofFolder(Struct, frozen=True):
    """`versions` are those of whatever had a part in measuring."""

    folder: Path
    versions: str

    @property
    def shown(self) -> str:
        return str(self.folder)

    def kept(self, url: str, stamp: bytes, digests: Collection[bytes]) -> Mapping[bytes, bytes]:
        return self._read(url, stamp, frozenset(digests))

    def keep(self, url: str, stamp: bytes, tallies: Mapping[bytes, bytes]) -> None:
        """What another run writes at the same time may be lost, and is measured again."""
        whole = {**self._read(url, stamp, None), **tallies}
        contents, start = {}, 0
        for digest, data in whole.items():
            contents[digest] = _Entry(start, len(data), crc32(data))
            start += len(data)
        head = msgspec.msgpack.encode(_Contents(self.versions, stamp, contents))
        numbers = len(head).to_bytes(_NUMBER, "little") + crc32(head).to_bytes(_NUMBER, "little")
        # Not flushed: what a machine loses that stops at once has no right checksum.
        write_atomic(
            self._file(url), b"".join((_MARK, numbers, head, *whole.values())), flushed=False
        )

    def forget(self, url: str) -> None:
        with suppress(OSError):
            self._file(url).unlink()

    def _file(self, url: str) -> Path:
        return self.folder / f"{blake2b(url.encode(), digest_size=_DIGEST).hexdigest()}.proofs"

    def _read(
        self, url: str, stamp: bytes, digests: frozenset[bytes] | None
    ) -> Mapping[bytes, bytes]:
        """All tallies, where no digests are named."""
        try:
            with self._file(url).open("rb") as file:
                contents = _contents(file)
                if contents is None or (contents.versions, contents.stamp) != (
                    self.versions,
                    stamp,
                ):
                    return {}
                return _tallies(file, contents, digests)
        except OSError:
            return {}


def open_proofs(folder: Path, versions: Mapping[str, str]) -> ProofFolder:
    """Makes the folder where it is not there, with a file that keeps git from taking it up. Raises
    CstContractsError where it cannot be had."""
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            write_atomic(folder / ".gitignore", _IGNORE)
    except OSError as error:
        raise CstContractsError(
            f"{folder}: no folder of proofs can be had there: {error.strerror}"
        ) from error
    return ProofFolder(folder, ", ".join(f"{name} {number}" for name, number in versions.items()))


def _contents(file: BinaryIO) -> _Contents | None:
    if file.read(len(_MARK)) != _MARK:
        return None
    size, check = (int.from_bytes(file.read(_NUMBER), "little") for _ in range(2))
    head = file.read(size)
    if crc32(head) != check:
        return None
    try:
        return _CONTENTS.decode(head)
    except msgspec.DecodeError:
        return None


def _tallies(
    file: BinaryIO, contents: _Contents, digests: frozenset[bytes] | None
) -> dict[bytes, bytes]:
    first = file.tell()
    found: dict[bytes, bytes] = {}
    for digest, entry in contents.entries.items():
        if digests is None or digest in digests:
            file.seek(first + entry.start)
            data = file.read(entry.size)
            if crc32(data) == entry.check:
                found[digest] = data
    return found
