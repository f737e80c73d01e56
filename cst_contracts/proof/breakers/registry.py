"""The breaker of each kind of check."""

from collections.abc import Mapping

from cst_contracts.checks.aggregates import AggregateHolds
from cst_contracts.checks.catalogs import CatalogReconciled
from cst_contracts.checks.delta.constraints import DeltaConstraints
from cst_contracts.checks.delta.parity import DeltaParity
from cst_contracts.checks.delta.version import VersionRead
from cst_contracts.checks.field_set import FieldsComplete
from cst_contracts.checks.fields import FieldKept
from cst_contracts.checks.files import FilesKept
from cst_contracts.checks.freshness import RowsFresh
from cst_contracts.checks.functions import FunctionAvailable
from cst_contracts.checks.interop import TableArrives
from cst_contracts.checks.keys import KeyUnique
from cst_contracts.checks.metadata import MetadataKept
from cst_contracts.checks.nulls import NoNulls
from cst_contracts.checks.ordering import OrderDeclared, OrderMeasured, OrderPlanned
from cst_contracts.checks.partitions import PartitionKept
from cst_contracts.checks.policies import PruningEffective, StatisticsEffective
from cst_contracts.checks.queries import QueryRuns
from cst_contracts.checks.references import ReferencesExist
from cst_contracts.checks.rows import RowsPresent
from cst_contracts.checks.rules import RuleHolds
from cst_contracts.checks.settings import SettingEffective
from cst_contracts.checks.snapshots import FunctionsSnapshot, SchemaSnapshot
from cst_contracts.checks.source import SourceRead
from cst_contracts.checks.streams import SourceUnbounded
from cst_contracts.checks.tables import TablePresent
from cst_contracts.checks.value_constraints import ValuesKept
from cst_contracts.checks.views import ViewUsable
from cst_contracts.proof.breakers.breaker import Breaker
from cst_contracts.proof.breakers.data import (
    break_aggregate,
    break_freshness,
    break_key,
    break_nulls,
    break_order,
    break_reference,
    break_rows,
    break_rule,
    break_values,
)
from cst_contracts.proof.breakers.files import break_files
from cst_contracts.proof.breakers.interop import break_interop
from cst_contracts.proof.breakers.queries import break_query
from cst_contracts.proof.breakers.schema import (
    break_field,
    break_fields,
    break_metadata,
    break_partition,
    break_source,
    break_table,
)
from cst_contracts.proof.breakers.session import (
    break_catalog,
    break_function,
    break_functions_snapshot,
    break_schema_snapshot,
    break_setting,
    break_view,
)
from cst_contracts.proof.breakers.storage import (
    break_constraints,
    break_declared_order,
    break_parity,
    break_planned_order,
    break_pruning,
    break_statistics,
    break_unbounded,
    break_version,
)

#: One for every kind of check that `checks.plan` makes; tests/proof finds the one that is missing.
BREAKERS: Mapping[type[object], Breaker] = {
    TablePresent: break_table,
    SourceRead: break_source,
    RowsPresent: break_rows,
    FieldsComplete: break_fields,
    FieldKept: break_field,
    MetadataKept: break_metadata,
    PartitionKept: break_partition,
    OrderDeclared: break_declared_order,
    OrderMeasured: break_order,
    OrderPlanned: break_planned_order,
    FilesKept: break_files,
    StatisticsEffective: break_statistics,
    PruningEffective: break_pruning,
    SourceUnbounded: break_unbounded,
    VersionRead: break_version,
    DeltaParity: break_parity,
    DeltaConstraints: break_constraints,
    NoNulls: break_nulls,
    KeyUnique: break_key,
    ReferencesExist: break_reference,
    RuleHolds: break_rule,
    ValuesKept: break_values,
    AggregateHolds: break_aggregate,
    RowsFresh: break_freshness,
    ViewUsable: break_view,
    QueryRuns: break_query,
    TableArrives: break_interop,
    SettingEffective: break_setting,
    CatalogReconciled: break_catalog,
    FunctionAvailable: break_function,
    SchemaSnapshot: break_schema_snapshot,
    FunctionsSnapshot: break_functions_snapshot,
}
