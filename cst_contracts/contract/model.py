"""The words of a contract, as frozen values that remember where they were written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

import pyarrow as pa

from cst_contracts.location import Location


class SourceFormat(StrEnum):
    PARQUET = "parquet"
    DELTA = "delta"
    CSV = "csv"
    JSON = "json"
    ARROW = "arrow"
    VIEW = "view"
    CATALOG = "catalog"


class NullabilityMode(StrEnum):
    """`STRICT`: flag and values answer for `nullable: false`; `VALUES`: the flag is told, not red."""

    STRICT = "strict"
    VALUES = "values"


class ExtraFields(StrEnum):
    FORBID = "forbid"
    ALLOW = "allow"


class ExtraConstraints(StrEnum):
    """What constraints of a Delta log mean that no rule promises."""

    FORBID = "forbid"
    ALLOW = "allow"


class FieldOrder(StrEnum):
    STRICT = "strict"
    ANY = "any"


class Severity(StrEnum):
    ERROR = "error"
    WARN = "warn"


class FunctionKind(StrEnum):
    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"
    TABLE = "table"


class TypeFamily(StrEnum):
    """A nested type whatever its children, as function signatures promise it."""

    LIST = "list"
    MAP = "map"
    STRUCT = "struct"


TypePattern: TypeAlias = pa.DataType | TypeFamily
Metadata: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FieldContract:
    """A promised field, or one node below it.

    `path` spells the way down: `refs[].span.bstart`, `attrs{}.key`, `future_imports[]`. `type` is
    the whole promised type, children included; `children` are its nodes, one promise each. A node
    that is only written inside its field's type text has its field's place.
    """

    path: str
    name: str
    type: pa.DataType
    place: Location
    nullable: bool = True
    exact: bool = False
    sensitive: bool = False
    allow_empty: bool = False
    metadata: Metadata = ()
    description: str = ""
    children: tuple["FieldContract", ...] = ()

    def walk(self) -> Iterator["FieldContract"]:
        """This node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class PartitionContract:
    name: str
    place: Location
    type: pa.DataType | None = None


@dataclass(frozen=True, slots=True)
class OrderingTerm:
    field: str
    place: Location
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class AsOfVersion:
    version: int
    place: Location


@dataclass(frozen=True, slots=True)
class AsOfTimestamp:
    """`timestamp` carries its time zone."""

    timestamp: datetime
    place: Location


@dataclass(frozen=True, slots=True)
class PolicyContract:
    """`statistics` or `pruning`, where the contract writes it down."""

    name: str
    wanted: bool
    place: Location


@dataclass(frozen=True, slots=True)
class SourceContract:
    format: SourceFormat
    place: Location
    location: str | None = None
    partitioned_by: tuple[PartitionContract, ...] = ()
    ordered_by: tuple[OrderingTerm, ...] = ()
    unbounded: bool = False
    fifo: bool = False
    as_of: AsOfVersion | AsOfTimestamp | None = None
    extra_constraints: ExtraConstraints = ExtraConstraints.ALLOW
    statistics: bool = True
    pruning: bool = True
    policies: tuple[PolicyContract, ...] = ()
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class KeyContract:
    fields: tuple[str, ...]
    place: Location


@dataclass(frozen=True, slots=True)
class ReferenceContract:
    fields: tuple[str, ...]
    table: str
    to: tuple[str, ...]
    place: Location


@dataclass(frozen=True, slots=True)
class RuleContract:
    """`enforced`: the Delta log has a constraint that says the same, so that no writer can break it."""

    name: str
    sql: str
    place: Location
    severity: Severity = Severity.ERROR
    enforced: bool = False


@dataclass(frozen=True, slots=True)
class Expand:
    """One row per entry of a map column: `attr_key`, `attr_value`."""

    column: str


@dataclass(frozen=True, slots=True)
class Extract:
    """One column per pair: the value of `key` in a map column, named after the key."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A struct column made of other columns."""

    struct: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flatten:
    """A struct column's fields as columns."""

    column: str


@dataclass(frozen=True, slots=True)
class Explode:
    """One row per element of a list<struct> column, its struct's fields as columns."""

    column: str


@dataclass(frozen=True, slots=True)
class Sql:
    query: str


ViewDefinition: TypeAlias = Expand | Extract | Pack | Flatten | Explode | Sql


@dataclass(frozen=True, slots=True)
class ViewContract:
    """`of` is the relation that the view reads: by default the contract's own table."""

    name: str
    definition: ViewDefinition
    of: str
    place: Location
    keep: tuple[str, ...] = ()
    fields: tuple[FieldContract, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionContract:
    """None means that nothing is promised about it."""

    name: str
    place: Location
    kind: FunctionKind | None = None
    arguments: tuple[TypePattern, ...] | None = None
    returns: TypePattern | None = None


@dataclass(frozen=True, slots=True)
class SettingContract:
    name: str
    value: str
    place: Location


@dataclass(frozen=True, slots=True)
class CatalogTable:
    name: str
    place: Location


@dataclass(frozen=True, slots=True)
class CatalogContract:
    """An artifact root, whose tables the session mounts. Without `tables` any may be there."""

    location: str
    format: SourceFormat
    place: Location
    tables: tuple[CatalogTable, ...] = ()


@dataclass(frozen=True, slots=True)
class WaiverContract:
    """`check` is a check id of the same contract; `expires` is the last day on which it holds."""

    check: str
    reason: str
    owner: str
    expires: date
    place: Location


@dataclass(frozen=True, slots=True)
class TableContract:
    name: str
    file: str
    place: Location
    fields: tuple[FieldContract, ...]
    fields_place: Location
    version: str | None = None
    description: str = ""
    owner: str = ""
    source: SourceContract | None = None
    nullability: NullabilityMode = NullabilityMode.STRICT
    extra_fields: ExtraFields = ExtraFields.FORBID
    field_order: FieldOrder = FieldOrder.STRICT
    keys: tuple[KeyContract, ...] = ()
    references: tuple[ReferenceContract, ...] = ()
    rules: tuple[RuleContract, ...] = ()
    views: tuple[ViewContract, ...] = ()
    functions: tuple[FunctionContract, ...] = ()
    waivers: tuple[WaiverContract, ...] = ()

    @property
    def allow_empty(self) -> bool:
        return self.source is not None and self.source.allow_empty


@dataclass(frozen=True, slots=True)
class SessionContract:
    name: str
    file: str
    place: Location
    version: str | None = None
    description: str = ""
    owner: str = ""
    preset: str | None = None
    preset_place: Location | None = None
    settings: tuple[SettingContract, ...] = ()
    catalog: CatalogContract | None = None
    functions: tuple[FunctionContract, ...] = ()
    waivers: tuple[WaiverContract, ...] = ()


Contract: TypeAlias = TableContract | SessionContract
