"""What can go wrong that is not a broken promise: ill-formed input, and "could not look"."""

from collections.abc import Sequence

from msgspec import Struct

from cst_contracts.location import Location


class CstContractsError(Exception):
    """Every error that this package raises on purpose."""


class Problem(Struct, frozen=True):
    """One thing wrong with a contract file, and what to write instead."""

    place: Location
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.instead}"


class InvalidContract(CstContractsError):
    """A contract file that cannot be read as a contract: all of its problems at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.place))
        super().__init__("\n".join(map(str, self.problems)))


class InvalidType(CstContractsError, ValueError):
    """Text that names no Arrow type. `offset` counts characters from the start of the text."""

    def __init__(self, what: str, instead: str, offset: int) -> None:
        self.what = what
        self.instead = instead
        self.offset = offset
        super().__init__(f"{what}; {instead}")


class EngineMismatch(CstContractsError):
    """datafusion, deltalake and pyarrow are installed in versions that do not work together."""


class ManifestError(CstContractsError):
    """A manifest that cannot be read: not one of ours, cut short, or of another version."""


class SnapshotError(CstContractsError):
    """A snapshot file that cannot be compared: not ours, cut short, or of another format version."""
