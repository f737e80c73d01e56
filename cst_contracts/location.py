"""A place in a file that a person can jump to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """`line` and `column` count from 1, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
