"""What a rule says of one kind of change: what it means for readers, and for what was written before."""

from enum import StrEnum

from msgspec import Struct


class Compatibility(StrEnum):
    """BREAKING: a reader written before the change may fail, or read something else in silence.

    COMPATIBLE: it reads on as before. COSMETIC: nothing that it reads has changed.
    """

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    COSMETIC = "cosmetic"


class ChangeClass(StrEnum):
    """What a change leaves compatible, in the words of schema registries.

    FULL: both. FORWARD: readers of before read what is written now. BACKWARD: what was written before is
    read by readers of now. BREAKING: neither.
    """

    FULL = "full"
    FORWARD = "forward"
    BACKWARD = "backward"
    BREAKING = "breaking"


class ChangeKind(StrEnum):
    """What a change is about; all but the last may stand under `evolution`."""

    FIELDS = "fields"
    TYPES = "types"
    NULLABILITY = "nullability"
    METADATA = "metadata"
    PARTITIONING = "partitioning"
    ORDERING = "ordering"
    VIEWS = "views"
    FUNCTIONS = "functions"
    SETTINGS = "settings"
    PROMISES = "promises"


class Rule(Struct, frozen=True):
    """`readers` and `writers`: what the change means for readers of before, and for what was written before.

    `example` is a line as a change is told.
    """

    id: str
    kind: ChangeKind
    readers: Compatibility
    writers: Compatibility
    meaning: str
    why: str
    example: str

    @property
    def breaks_readers(self) -> bool:
        return self.readers is Compatibility.BREAKING

    @property
    def breaks_writers(self) -> bool:
        return self.writers is Compatibility.BREAKING

    @property
    def change_class(self) -> ChangeClass:
        match self.breaks_readers, self.breaks_writers:
            case False, False:
                return ChangeClass.FULL
            case False, True:
                return ChangeClass.FORWARD
            case True, False:
                return ChangeClass.BACKWARD
            case _:
                return ChangeClass.BREAKING
