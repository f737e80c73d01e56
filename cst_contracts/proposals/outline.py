"""A contract as it is to be written: its lines as values, each with the evidence that it rests on."""

from msgspec import Struct

from cst_contracts.contract.model import Metadata, NullabilityMode
from cst_contracts.facts import SortTerm


class LimitLine(Struct, frozen=True):
    """What a field's values may be: keys, and their values as YAML, all of which say one promise."""

    check: str
    pairs: tuple[tuple[str, str], ...]
    evidence: str


class FieldLine(Struct, frozen=True):
    """A field, or a child of the bare `struct` in a type. `evidence` is why it says more than the flags do,
    or less; empty where it says what they say."""

    name: str
    type: str
    nullable: bool = True
    nullability: NullabilityMode | None = None
    allow_empty: bool = False
    metadata: Metadata = ()
    description: str = ""
    fields: tuple["FieldLine", ...] = ()
    evidence: str = ""
    limits: tuple[LimitLine, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether its name, its type and its flag say all of it, so that it may stand in a type's text."""
        said = (
            self.nullability,
            self.allow_empty,
            self.metadata,
            self.description,
            self.evidence,
            self.limits,
        )
        return not any(said) and all(child.is_plain for child in self.fields)


class SourceLine(Struct, frozen=True):
    """The `source` clause. Each of the evidences is of the key of that name."""

    format: str
    location: str | None = None
    delimiter: str | None = None
    partitioned_by: tuple[str, ...] = ()
    ordered_by: tuple[SortTerm, ...] = ()
    order_evidence: str = ""
    allow_empty: bool = False
    missing_allowed: bool = False
    missing_evidence: str = ""
    ignore: tuple[str, ...] = ()


class KeyLine(Struct, frozen=True):
    fields: tuple[str, ...]
    evidence: str


class ReferenceLine(Struct, frozen=True):
    fields: tuple[str, ...]
    table: str
    to: tuple[str, ...]
    evidence: str


class Outline(Struct, frozen=True):
    """`notes` are told to whoever asked for the contract, and stand in it as comments on top."""

    table: str
    source: SourceLine | None
    fields: tuple[FieldLine, ...]
    nullability: NullabilityMode | None = None
    keys: tuple[KeyLine, ...] = ()
    references: tuple[ReferenceLine, ...] = ()
    functions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
