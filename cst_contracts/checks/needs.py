"""Check to what must be known of a relation's rows to answer it."""

from typing import TypeAlias

from msgspec import Struct

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
from cst_contracts.contract.model import ReferenceContract, RuleContract
from cst_contracts.facts import SortTerm


class NullsNeed(Struct, frozen=True):
    """How many values the path has, and how many are null."""

    path: str

    def __str__(self) -> str:
        return f"nulls[{self.path}]"


class KeyNeed(Struct, frozen=True):
    """How many rows share the values of these paths with another."""

    paths: tuple[str, ...]

    def __str__(self) -> str:
        return f"unique[{','.join(self.paths)}]"


class ReferenceNeed(Struct, frozen=True):
    reference: ReferenceContract

    def __str__(self) -> str:
        fields, to = ",".join(self.reference.fields), ",".join(self.reference.to)
        return f"reference[{fields}→{self.reference.table}.{to}]"


class RuleNeed(Struct, frozen=True):
    rule: RuleContract

    def __str__(self) -> str:
        return f"rule[{self.rule.name}]"


class OrderNeed(Struct, frozen=True):
    """How many rows of a file stand in front of one that should come before them."""

    terms: tuple[SortTerm, ...]

    def __str__(self) -> str:
        return f"order[measured] by {', '.join(map(str, self.terms))}"


Need: TypeAlias = NullsNeed | KeyNeed | ReferenceNeed | RuleNeed | OrderNeed


def needs_of(check: Check) -> tuple[tuple[str, Need], ...]:
    """With the relation whose rows must be looked at; none for a check that looks at no row."""
    match check:
        case NoNulls(table=table, field=field):
            return ((table, NullsNeed(field.path)),)
        case ViewUsable(nulls=nulls):
            return tuple(need for each in nulls for need in needs_of(each))
        case KeyUnique(table=table, key=key):
            return ((table, KeyNeed(key.fields)),)
        case ReferencesExist(table=table, reference=reference):
            return ((table, ReferenceNeed(reference)),)
        case RuleHolds(table=table, rule=rule):
            return ((table, RuleNeed(rule)),)
        case OrderMeasured(table=table, terms=terms):
            sorts = tuple(SortTerm(each.field, each.descending, each.nulls_first) for each in terms)
            return ((table, OrderNeed(sorts)),)
        case TablePresent() | RowsPresent() | FieldKept() | FieldsComplete() | PartitionKept():
            return ()
        case OrderDeclared() | OrderPlanned() | FunctionAvailable() | SettingEffective():
            return ()
        case VersionRead() | DeltaParity() | DeltaConstraints() | CatalogReconciled():
            return ()
        case SchemaSnapshot() | FunctionsSnapshot() | SourceUnbounded() | PolicyEffective():
            return ()
