"""The words of a contract, as frozen values that remember where they were written."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

import pyarrow as pa
from msgspec import Struct

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


class FieldContract(Struct, frozen=True):
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


class PartitionContract(Struct, frozen=True):
    name: str
    place: Location
    type: pa.DataType | None = None


class OrderingTerm(Struct, frozen=True):
    field: str
    place: Location
    descending: bool = False
    nulls_first: bool = False


class AsOfVersion(Struct, frozen=True):
    version: int
    place: Location


class AsOfTimestamp(Struct, frozen=True):
    """`timestamp` carries its time zone."""

    timestamp: datetime
    place: Location


class PolicyContract(Struct, frozen=True):
    """`statistics` or `pruning`, where the contract writes it down."""

    name: str
    wanted: bool
    place: Location


class SourceContract(Struct, frozen=True):
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


class KeyContract(Struct, frozen=True):
    fields: tuple[str, ...]
    place: Location


class ReferenceContract(Struct, frozen=True):
    fields: tuple[str, ...]
    table: str
    to: tuple[str, ...]
    place: Location


class RuleContract(Struct, frozen=True):
    """`enforced`: the Delta log has a constraint that says the same, so that no writer can break it."""

    name: str
    sql: str
    place: Location
    severity: Severity = Severity.ERROR
    enforced: bool = False


class Expand(Struct, frozen=True):
    """One row per entry of a map column: `attr_key`, `attr_value`."""

    column: str


class Extract(Struct, frozen=True):
    """One column per pair: the value of `key` in a map column, named after the key."""

    entries: tuple[tuple[str, str], ...]


class Pack(Struct, frozen=True):
    """A struct column made of other columns."""

    struct: str
    fields: tuple[str, ...]


class Flatten(Struct, frozen=True):
    """A struct column's fields as columns."""

    column: str


class Explode(Struct, frozen=True):
    """One row per element of a list<struct> column, its struct's fields as columns."""

    column: str


class Sql(Struct, frozen=True):
    query: str


ViewDefinition: TypeAlias = Expand | Extract | Pack | Flatten | Explode | Sql


class ViewContract(Struct, frozen=True):
    """`of` is the relation that the view reads: by default the contract's own table."""

    name: str
    definition: ViewDefinition
    of: str
    place: Location
    keep: tuple[str, ...] = ()
    fields: tuple[FieldContract, ...] = ()


class FunctionContract(Struct, frozen=True):
    """None means that nothing is promised about it."""

    name: str
    place: Location
    kind: FunctionKind | None = None
    arguments: tuple[TypePattern, ...] | None = None
    returns: TypePattern | None = None


class SettingContract(Struct, frozen=True):
    name: str
    value: str
    place: Location


class CatalogTable(Struct, frozen=True):
    name: str
    place: Location


class CatalogContract(Struct, frozen=True):
    """An artifact root, whose tables the session mounts. Without `tables` any may be there."""

    location: str
    format: SourceFormat
    place: Location
    tables: tuple[CatalogTable, ...] = ()


class WaiverContract(Struct, frozen=True):
    """`check` is a check id of the same contract; `expires` is the last day on which it holds."""

    check: str
    reason: str
    owner: str
    expires: date
    place: Location


class TableContract(Struct, frozen=True):
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


class SessionContract(Struct, frozen=True):
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
