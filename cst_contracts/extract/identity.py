"""A file's place and content → ids that are the same on every machine and in every run."""

import hashlib

from msgspec import Struct

_FILE_ID_BYTES = 16
_ROW_ID_BYTES = 10  # 80 bits: a billion rows collide with a chance of one in a million


def _digest(parts: tuple[str, ...], size: int) -> str:
    # NUL can stand in no path, kind or number, so that no two lists of parts run together alike.
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=size).hexdigest()


class FileIdentity(Struct, frozen=True):
    """`path` is relative and posix; `sha256` is None where the bytes could not be read."""

    repo: str
    path: str
    file_id: str
    sha256: str | None

    @classmethod
    def of(cls, repo: str, path: str, data: bytes | None) -> "FileIdentity":
        sha256 = None if data is None else hashlib.sha256(data).hexdigest()
        return cls(repo, path, file_id(repo, path), sha256)

    @property
    def common(self) -> tuple[str, str, str | None]:
        """The three fields that every row of a CST table starts with."""
        return self.file_id, self.path, self.sha256

    def row_id(self, kind: str, bstart: int, bend: int) -> str:
        return _digest((self.file_id, kind, str(bstart), str(bend)), _ROW_ID_BYTES)


def file_id(repo: str, path: str) -> str:
    return _digest((repo, path), _FILE_ID_BYTES)
