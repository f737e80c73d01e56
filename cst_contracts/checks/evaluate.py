"""Check and observation to verdict."""

from cst_contracts.checks.both_orders import with_other_side
from cst_contracts.checks.catalogs import evaluate_catalog
from cst_contracts.checks.delta import evaluate_constraints, evaluate_version
from cst_contracts.checks.fields import evaluate_field
from cst_contracts.checks.functions import evaluate_function
from cst_contracts.checks.model import (
    CatalogReconciled,
    Check,
    DeltaConstraints,
    DeltaParity,
    FieldKept,
    FieldsComplete,
    FunctionAvailable,
    FunctionsSnapshot,
    KeyUnique,
    NoNulls,
    OrderDeclared,
    OrderMeasured,
    OrderPlanned,
    PartitionKept,
    PolicyEffective,
    ReferencesExist,
    RowsPresent,
    RuleHolds,
    SchemaSnapshot,
    SettingEffective,
    SourceUnbounded,
    TablePresent,
    VersionRead,
    ViewUsable,
)
from cst_contracts.checks.nulls import evaluate_nulls
from cst_contracts.checks.ordering import evaluate_declared_order, evaluate_planned_order
from cst_contracts.checks.parity import evaluate_parity
from cst_contracts.checks.partitions import evaluate_partition
from cst_contracts.checks.policies import evaluate_policy
from cst_contracts.checks.rows import (
    evaluate_key,
    evaluate_measured_order,
    evaluate_reference,
    evaluate_rule,
)
from cst_contracts.checks.settings import evaluate_setting
from cst_contracts.checks.tables import evaluate_fields, evaluate_rows, evaluate_table
from cst_contracts.checks.unbounded import evaluate_unbounded, of_the_rows_seen
from cst_contracts.checks.verdict import Observation, Verdict
from cst_contracts.checks.views import evaluate_view


def evaluate(check: Check, observation: Observation) -> Verdict:
    """Pure: equal arguments, equal verdicts. Snapshots are compared by `drift`, not here."""
    verdict = with_other_side(check, _evaluate(check, observation), observation)
    cut = observation.cut
    return verdict if cut is None else of_the_rows_seen(check, verdict, cut)


def _evaluate(check: Check, observation: Observation) -> Verdict:
    match check:
        case TablePresent():
            return evaluate_table(check, observation)
        case RowsPresent():
            return evaluate_rows(check, observation)
        case FieldKept():
            return evaluate_field(check, observation)
        case FieldsComplete():
            return evaluate_fields(check, observation)
        case PartitionKept():
            return evaluate_partition(check, observation)
        case OrderDeclared():
            return evaluate_declared_order(check, observation)
        case VersionRead():
            return evaluate_version(check, observation)
        case DeltaParity():
            return evaluate_parity(check, observation)
        case DeltaConstraints():
            return evaluate_constraints(check, observation)
        case PolicyEffective():
            return evaluate_policy(check, observation)
        case SourceUnbounded():
            return evaluate_unbounded(check, observation)
        case NoNulls():
            return evaluate_nulls(check, observation)
        case OrderMeasured():
            return evaluate_measured_order(check, observation)
        case OrderPlanned():
            return evaluate_planned_order(check, observation)
        case KeyUnique():
            return evaluate_key(check, observation)
        case ReferencesExist():
            return evaluate_reference(check, observation)
        case RuleHolds():
            return evaluate_rule(check, observation)
        case ViewUsable():
            return evaluate_view(check, observation)
        case FunctionAvailable():
            return evaluate_function(check, observation)
        case SettingEffective():
            return evaluate_setting(check, observation)
        case CatalogReconciled():
            return evaluate_catalog(check, observation)
        case SchemaSnapshot() | FunctionsSnapshot():
            raise AssertionError(f"{check.id} is compared with its snapshot, not evaluated")
