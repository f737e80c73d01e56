"""Checks, as frozen values."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.contract.model import (
    AsOfTimestamp,
    AsOfVersion,
    CatalogContract,
    FieldContract,
    FunctionContract,
    KeyContract,
    NullabilityMode,
    OrderingTerm,
    PartitionContract,
    PolicyContract,
    ReferenceContract,
    RuleContract,
    SettingContract,
    Severity,
    ViewContract,
)
from cst_contracts.location import Location


class Group(StrEnum):
    """What a check looks at; pytest knows it as a marker."""

    SCHEMA = "schema"
    VALUES = "values"
    FUNCTIONS = "functions"
    SNAPSHOT = "snapshot"


#: The id of the one item of a file that is no contract.
INVALID_CHECK = "contract"
#: The id of the check that answers for a Delta table's version being there.
VERSION_CHECK = "delta[as_of]"


class TablePresent(Struct, frozen=True):
    table: str
    place: Location
    id: str = "table"


class RowsPresent(Struct, frozen=True):
    table: str
    place: Location
    allow_empty: bool
    id: str = "rows"


class FieldKept(Struct, frozen=True):
    """`parent` is the path of the node above, None for a field of the table. `siblings` are the promised
    names beside the field, in order; empty where their order is not promised."""

    table: str
    field: FieldContract
    parent: str | None
    nullability: NullabilityMode
    siblings: tuple[str, ...]
    in_partition: bool
    forbid_extra: bool
    id: str

    @property
    def place(self) -> Location:
        return self.field.place


class FieldsComplete(Struct, frozen=True):
    """`names` are all promised top-level fields, `ordered` those whose order is promised."""

    table: str
    place: Location
    names: tuple[str, ...]
    ordered: tuple[str, ...]
    forbid_extra: bool
    id: str = "fields"


class PartitionKept(Struct, frozen=True):
    table: str
    partition: PartitionContract
    promised: tuple[str, ...]
    id: str

    @property
    def place(self) -> Location:
        return self.partition.place


class OrderDeclared(Struct, frozen=True):
    """`presence` are the ids of the checks that tell whether the terms' fields are there, one a term."""

    table: str
    terms: tuple[OrderingTerm, ...]
    presence: tuple[str, ...]
    place: Location
    id: str = "order[declared]"


class VersionRead(Struct, frozen=True):
    table: str
    as_of: AsOfVersion | AsOfTimestamp
    id: str = VERSION_CHECK

    @property
    def place(self) -> Location:
        return self.as_of.place


class DeltaParity(Struct, frozen=True):
    """`partitions` are the promised ones. `forbid_extra`, `ordered`: of the fields."""

    table: str
    place: Location
    fields: tuple[FieldContract, ...]
    partitions: tuple[str, ...]
    nullability: NullabilityMode
    forbid_extra: bool
    ordered: bool
    id: str = "delta[parity]"


class DeltaConstraints(Struct, frozen=True):
    """`not_null` are the fields that are promised to hold no null."""

    table: str
    place: Location
    rules: tuple[RuleContract, ...]
    not_null: tuple[str, ...]
    forbid_extra: bool
    id: str = "delta[constraints]"


class SourceUnbounded(Struct, frozen=True):
    """`fifo`: a named pipe is promised, and not any source without an end."""

    table: str
    place: Location
    fifo: bool
    id: str = "unbounded"


class PolicyEffective(Struct, frozen=True):
    """`format` is the source's."""

    table: str
    policy: PolicyContract
    format: str
    id: str

    @property
    def place(self) -> Location:
        return self.policy.place


class NoNulls(Struct, frozen=True):
    table: str
    field: FieldContract
    allow_empty: bool
    id: str

    @property
    def place(self) -> Location:
        return self.field.place


class OrderMeasured(Struct, frozen=True):
    """`sensitive`: the values of some field of the order must not be shown."""

    table: str
    terms: tuple[OrderingTerm, ...]
    presence: tuple[str, ...]
    place: Location
    allow_empty: bool
    sensitive: bool
    id: str = "order[measured]"


class OrderPlanned(Struct, frozen=True):
    table: str
    terms: tuple[OrderingTerm, ...]
    presence: tuple[str, ...]
    place: Location
    id: str = "order[plan]"


class KeyUnique(Struct, frozen=True):
    table: str
    key: KeyContract
    presence: tuple[str, ...]
    allow_empty: bool
    id: str

    @property
    def place(self) -> Location:
        return self.key.place


class ReferencesExist(Struct, frozen=True):
    table: str
    reference: ReferenceContract
    presence: tuple[str, ...]
    allow_empty: bool
    id: str

    @property
    def place(self) -> Location:
        return self.reference.place


class RuleHolds(Struct, frozen=True):
    table: str
    rule: RuleContract
    allow_empty: bool
    id: str

    @property
    def place(self) -> Location:
        return self.rule.place


class ViewUsable(Struct, frozen=True):
    """`fields`, `complete` and `nulls` are what the view promises of its own fields: they have no ids to
    type, the view's one check answers for them. `siblings` are the contract's other views."""

    table: str
    view: ViewContract
    fields: tuple[FieldKept, ...]
    complete: FieldsComplete | None
    nulls: tuple[NoNulls, ...]
    siblings: tuple[str, ...]
    id: str

    @property
    def place(self) -> Location:
        return self.view.place


class FunctionAvailable(Struct, frozen=True):
    function: FunctionContract
    id: str

    @property
    def place(self) -> Location:
        return self.function.place


class SettingEffective(Struct, frozen=True):
    setting: SettingContract
    id: str

    @property
    def place(self) -> Location:
        return self.setting.place


class CatalogReconciled(Struct, frozen=True):
    catalog: CatalogContract
    id: str = "catalog"

    @property
    def place(self) -> Location:
        return self.catalog.place


class SchemaSnapshot(Struct, frozen=True):
    """`views` are the names of the contract's own."""

    table: str
    place: Location
    views: tuple[str, ...] = ()
    id: str = "snapshot[schema]"


class FunctionsSnapshot(Struct, frozen=True):
    place: Location
    id: str = "snapshot[functions]"


Check: TypeAlias = (
    TablePresent
    | RowsPresent
    | FieldKept
    | FieldsComplete
    | PartitionKept
    | OrderDeclared
    | VersionRead
    | DeltaParity
    | DeltaConstraints
    | SourceUnbounded
    | PolicyEffective
    | NoNulls
    | OrderMeasured
    | OrderPlanned
    | KeyUnique
    | ReferencesExist
    | RuleHolds
    | ViewUsable
    | FunctionAvailable
    | SettingEffective
    | CatalogReconciled
    | SchemaSnapshot
    | FunctionsSnapshot
)


def group_of(check: Check) -> Group:
    match check:
        case TablePresent() | FieldKept() | FieldsComplete() | PartitionKept() | OrderDeclared():
            return Group.SCHEMA
        case ViewUsable() | SettingEffective() | CatalogReconciled() | SourceUnbounded():
            return Group.SCHEMA
        case PolicyEffective():
            return Group.SCHEMA
        case OrderPlanned() | VersionRead() | DeltaParity() | DeltaConstraints():
            return Group.SCHEMA
        case RowsPresent() | NoNulls() | OrderMeasured():
            return Group.VALUES
        case KeyUnique() | ReferencesExist() | RuleHolds():
            return Group.VALUES
        case FunctionAvailable():
            return Group.FUNCTIONS
        case SchemaSnapshot() | FunctionsSnapshot():
            return Group.SNAPSHOT


def severity_of(check: Check) -> Severity:
    match check:
        case RuleHolds(rule=RuleContract(severity=severity)):
            return severity
        case _:
            return Severity.ERROR
