"""What one contract file promises, as a frozen value: a table's contract, or a session's."""

from collections.abc import Mapping
from functools import cached_property
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.contract.clauses.aggregates import AggregateContract
from cst_contracts.contract.clauses.as_of import AsOfTimestamp, AsOfVersion
from cst_contracts.contract.clauses.catalog import CatalogContract, CatalogTable
from cst_contracts.contract.clauses.consumers import ConsumerContract
from cst_contracts.contract.clauses.evolution import Evolution, EvolutionContract
from cst_contracts.contract.clauses.field import FieldContract, Metadata, NullabilityMode
from cst_contracts.contract.clauses.fields import ExtraFields, FieldOrder
from cst_contracts.contract.clauses.freshness import FreshnessContract
from cst_contracts.contract.clauses.functions import (
    FunctionContract,
    FunctionKind,
    TypeFamily,
    TypePattern,
)
from cst_contracts.contract.clauses.interop import InteropContract, Library
from cst_contracts.contract.clauses.keys import KeyContract
from cst_contracts.contract.clauses.metadata import MetadataContract
from cst_contracts.contract.clauses.ordering import OrderingTerm
from cst_contracts.contract.clauses.partition import PartitionContract
from cst_contracts.contract.clauses.queries import ParameterContract, QueryContract
from cst_contracts.contract.clauses.references import ReferenceContract
from cst_contracts.contract.clauses.rules import RuleContract
from cst_contracts.contract.clauses.settings import SettingContract
from cst_contracts.contract.clauses.severity import Severity
from cst_contracts.contract.clauses.source import (
    ExtraConstraints,
    MissingInFiles,
    PolicyContract,
    SourceContract,
    SourceFormat,
)
from cst_contracts.contract.clauses.text_options import TextOptions
from cst_contracts.contract.clauses.tolerance import NOTHING_TOLERATED, Tolerance
from cst_contracts.contract.clauses.value_constraints import (
    Limit,
    LimitKind,
    Matching,
    OfLength,
    OneOf,
    ValueConstraint,
    Within,
)
from cst_contracts.contract.clauses.view import (
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    Sql,
    ViewContract,
    ViewDefinition,
)
from cst_contracts.contract.clauses.waivers import WaiverContract
from cst_contracts.location import Location

__all__ = [
    "NOTHING_TOLERATED",
    "AggregateContract",
    "AsOfTimestamp",
    "AsOfVersion",
    "CatalogContract",
    "CatalogTable",
    "ConsumerContract",
    "Contract",
    "Evolution",
    "EvolutionContract",
    "Expand",
    "Explode",
    "ExtraConstraints",
    "ExtraFields",
    "Extract",
    "FieldContract",
    "FieldOrder",
    "Flatten",
    "FunctionContract",
    "FunctionKind",
    "InteropContract",
    "KeyContract",
    "Library",
    "Limit",
    "LimitKind",
    "Matching",
    "Metadata",
    "MissingInFiles",
    "NullabilityMode",
    "OfLength",
    "OneOf",
    "OrderingTerm",
    "Pack",
    "ParameterContract",
    "PartitionContract",
    "PolicyContract",
    "QueryContract",
    "ReferenceContract",
    "RuleContract",
    "SessionContract",
    "SettingContract",
    "Severity",
    "SourceContract",
    "SourceFormat",
    "Sql",
    "TableContract",
    "TextOptions",
    "Tolerance",
    "TypeFamily",
    "TypePattern",
    "ValueConstraint",
    "ViewContract",
    "ViewDefinition",
    "WaiverContract",
    "Within",
]


class TableContract(Struct, frozen=True, dict=True):
    name: str
    file: str
    place: Location
    fields: tuple[FieldContract, ...]
    fields_place: Location
    version: str | None = None
    description: str = ""
    owner: str = ""
    source: SourceContract | None = None
    nullability: NullabilityMode = NullabilityMode.VALUES
    extra_fields: ExtraFields = ExtraFields.FORBID
    field_order: FieldOrder = FieldOrder.STRICT
    metadata: tuple[MetadataContract, ...] = ()
    keys: tuple[KeyContract, ...] = ()
    references: tuple[ReferenceContract, ...] = ()
    rules: tuple[RuleContract, ...] = ()
    aggregates: tuple[AggregateContract, ...] = ()
    freshness: FreshnessContract | None = None
    queries: tuple[QueryContract, ...] = ()
    consumers: tuple[ConsumerContract, ...] = ()
    interop: tuple[InteropContract, ...] = ()
    evolution: EvolutionContract | None = None
    views: tuple[ViewContract, ...] = ()
    functions: tuple[FunctionContract, ...] = ()
    waivers: tuple[WaiverContract, ...] = ()

    @cached_property
    def nodes(self) -> Mapping[str, FieldContract]:
        """All fields and what is below them, by path."""
        return {node.path: node for field in self.fields for node in field.walk()}

    def nullability_of(self, field: FieldContract) -> NullabilityMode:
        """The mode that `nullable: false` of a field, or of a node below one, is checked in."""
        return field.nullability or self.nullability

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
    evolution: EvolutionContract | None = None
    settings: tuple[SettingContract, ...] = ()
    catalog: CatalogContract | None = None
    functions: tuple[FunctionContract, ...] = ()
    waivers: tuple[WaiverContract, ...] = ()


Contract: TypeAlias = TableContract | SessionContract
