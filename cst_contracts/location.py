"""A place in a file that a person can jump to."""

from msgspec import Struct


class Location(Struct, frozen=True, order=True):
    """`line` and `column` count from 1, as editors do."""

    file: str
    line: int
    column: int

    @classmethod
    def of(cls, text: str) -> "Location":
        """Of a text as `str` makes it."""
        file, line, column = text.rsplit(":", 2)
        return cls(file, int(line), int(column))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
