"""A file that Python compiles, its row, and offsets for the places that Python tells."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from cst_contracts.extract.file import extract_bytes

Rows = Sequence[Mapping[str, Any]]
Span = tuple[int, int]

_LINE_START = re.compile(rb"(?<=\n)|(?<=\r)(?!\n)")


class Source(Struct, frozen=True):
    """`row` is that of `libcst_files_v1`; `starts` are the offsets of the lines."""

    path: str
    data: bytes
    row: Mapping[str, Any]
    starts: Sequence[int]

    @classmethod
    def of(cls, path: str, data: bytes) -> "Source":
        row = extract_bytes("oracle", path, data).to_pylist()[0]
        starts = [0, *(found.start() for found in _LINE_START.finditer(data))]
        return cls(path, data, row, starts)

    def rows(self, table: str) -> Rows:
        rows: Rows = self.row[table]
        return rows

    def offset(self, line: int, utf8_column: int) -> int:
        return self.starts[line - 1] + utf8_column

    def line(self, offset: int) -> int:
        return bisect_right(self.starts, offset)


class Difference(Struct, frozen=True, order=True):
    """One answer that only one side gives. `kind` groups what has one cause."""

    kind: str
    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def only_on_one_side(
    kind: str, source: Source, python: Mapping[Any, int], rows: Mapping[Any, int]
) -> list[Difference]:
    """Both map an answer to the line that it is about."""
    missing = [(line, f"only Python has {key}") for key, line in python.items() if key not in rows]
    surplus = [(line, f"only a row has {key}") for key, line in rows.items() if key not in python]
    return [Difference(kind, source.path, line, what) for line, what in (*missing, *surplus)]
