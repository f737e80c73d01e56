"""A place in a file that a person can jump to."""

from msgspec import Struct


class Location(Struct, frozen=True, order=True):
    """`line` and `column` count from 1, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
