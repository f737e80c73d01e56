"""Which checks promise something of a field, so that a change of its schema cannot leave them alone."""

from cst_contracts.checks.aggregates import AggregateHolds
from cst_contracts.checks.catalogs import CatalogReconciled
from cst_contracts.checks.check import Check
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
from cst_contracts.checks.streams import OfRowsRead, SourceUnbounded
from cst_contracts.checks.tables import TablePresent
from cst_contracts.checks.views import ViewUsable
from cst_contracts.datatypes import leads_to, top_level
from cst_contracts.proof.mentions import mentioned

#: Kinds of promises that are about no field's schema, whatever the table is like.
NOT_OF_FIELDS: frozenset[type[object]] = frozenset(
    {
        CatalogReconciled,
        FieldsComplete,
        FunctionAvailable,
        FunctionsSnapshot,
        MetadataKept,
        RowsPresent,
        SettingEffective,
        SourceRead,
        SourceUnbounded,
        TablePresent,
        VersionRead,
    }
)


def touches(check: Check, path: str) -> bool:
    """Whether a check promises something of the field at a path, of what is above or of what is below it."""
    top = top_level(path)
    match check:
        case OfRowsRead(check=inner):
            return touches(inner, path)
        case FieldKept(field=field) | NoNulls(field=field):
            return leads_to(field.path, path) or leads_to(path, field.path)
        case KeyUnique(key=key):
            return any(top_level(each) == top for each in key.fields)
        case ReferencesExist(reference=reference):
            return any(top_level(each) == top for each in reference.fields)
        case RuleHolds(rule=rule):
            return bool(mentioned(rule.sql, [top]).names)
        case AggregateHolds(aggregate=aggregate):
            return top in aggregate.per or bool(mentioned(aggregate.sql, [top]).names)
        case OrderDeclared(terms=terms) | OrderMeasured(terms=terms) | OrderPlanned(terms=terms):
            return any(term.field == top for term in terms)
        case RowsFresh(freshness=freshness):
            return freshness.field == top
        case PartitionKept(partition=partition):
            return partition.name == top
        case ViewUsable() | QueryRuns() | SchemaSnapshot() | DeltaParity() | DeltaConstraints():
            return True
        case StatisticsEffective() | PruningEffective() | FilesKept() | TableArrives():
            return True
        case _:
            return type(check) not in NOT_OF_FIELDS
