"""What can go wrong that is not a broken promise: ill-formed input, and "could not look"."""

from collections.abc import Sequence
from enum import StrEnum

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


class IntrospectionError(CstContractsError):
    """The engine could not look at a table (or at the session, where `table` is None)."""

    def __init__(
        self, cause: str, *, table: str | None = None, location: str | None = None
    ) -> None:
        self.table = table
        self.location = location
        self.cause = cause
        subject = f"table {table}" if table else "the session"
        where = f" at {location}" if location else ""
        super().__init__(f"could not read {subject}{where}: {cause}")


class TableMissing(IntrospectionError):
    """Looked where the contract says, and there is no table."""


class TableUndefined(TableMissing):
    """No contract defines the relation; one of the files that could not be read, `unread`, may."""

    def __init__(self, cause: str, *, table: str, unread: Sequence[str]) -> None:
        super().__init__(cause, table=table)
        self.unread = tuple(unread)


class VersionLoss(StrEnum):
    """Why a version of a Delta table cannot be had."""

    ABSENT = "absent"
    VACUUMED = "vacuumed"
    TOO_OLD = "too old"


class VersionUnavailable(IntrospectionError):
    """The table is there, and the version of it that the contract names is not."""

    def __init__(self, loss: VersionLoss, cause: str, *, table: str, location: str) -> None:
        super().__init__(cause, table=table, location=location)
        self.loss = loss


class FeatureUnsupported(IntrospectionError):
    """The table needs features of its readers that nothing here can read."""


class DeltaFolder(IntrospectionError):
    """A Delta table where a contract names Parquet files: the files alone hold deleted rows, too."""


class StreamUnreadable(IntrospectionError):
    """An unbounded table is there, and its rows could not be read, or none came; its `rows` tells."""


class OutsideLayout(IntrospectionError):
    """`files` do not lie under the folders `keys`, as others do: the engine takes none of them."""

    def __init__(
        self, files: Sequence[str], keys: Sequence[str], *, table: str, location: str
    ) -> None:
        self.files = tuple(files)
        shown = ", ".join(self.files[:3])
        more = f" and {len(self.files) - 3} more" if len(self.files) > 3 else ""
        lie = "lies" if len(self.files) == 1 else "lie"
        layout = "".join(f"{key}=…/" for key in keys) or "the table's own folder"
        super().__init__(f"{shown}{more} {lie} outside of {layout}", table=table, location=location)


class FieldMissing(IntrospectionError):
    """The table can be read, and has no such field to look at."""


class ReferenceTypes(IntrospectionError):
    """Both sides of a reference can be read, and their values are of types that are not compared."""


class FunctionUnknown(IntrospectionError):
    """A view cannot be planned: it calls `function`, which the session does not have."""

    def __init__(self, cause: str, *, table: str, function: str) -> None:
        super().__init__(cause, table=table)
        self.function = function


class UnplannedRule(IntrospectionError):
    """The engine cannot plan a rule of a contract, or it is no boolean expression."""


class EngineMismatch(CstContractsError):
    """datafusion, deltalake and pyarrow are installed in versions that do not work together."""


class ManifestError(CstContractsError):
    """A manifest that cannot be read: not one of ours, cut short, or of another version."""


class SnapshotError(CstContractsError):
    """A snapshot file that cannot be compared: not ours, cut short, or of another format version."""
