"""What was looked at for a check, and what can come of it, as frozen values."""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct, field

from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import (
    TableContract,
)
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import (
    Basis,
    CatalogFacts,
    EnforcementFacts,
    FunctionProbe,
    KeyCount,
    PruningFacts,
    ReferenceCount,
    RowOrder,
    RuleCount,
    Sample,
    SessionFacts,
    SettingEffect,
    StatisticsFacts,
    TableFacts,
    ValueFacts,
    ViewRun,
)
from cst_contracts.location import Location


class Observation(Struct, frozen=True):
    """All that was looked at for one check; None where the check needs no such look.

    `contracts` are those of the tables in a catalog. `cut` says where the reading of an unbounded table
    stopped before the table did.
    """

    table: TableFacts | IntrospectionError | None = None
    values: ValueFacts | IntrospectionError | None = None
    session: SessionFacts | IntrospectionError | None = None
    measured: KeyCount | ReferenceCount | RuleCount | RowOrder | IntrospectionError | None = None
    enforcement: EnforcementFacts | IntrospectionError | None = None
    view: ViewRun | IntrospectionError | None = None
    probes: Mapping[str, FunctionProbe] = field(default_factory=dict)
    views: tuple[TableFacts | IntrospectionError, ...] = ()
    effects: Mapping[str, SettingEffect] | IntrospectionError = field(default_factory=dict)
    catalog: CatalogFacts | IntrospectionError | None = None
    contracts: tuple[TableContract, ...] = ()
    cut: str | None = None
    policy: StatisticsFacts | PruningFacts | IntrospectionError | None = None

    @property
    def rows(self) -> int | None:
        """The table's, as the session counts them."""
        return self.table.rows if isinstance(self.table, TableFacts) else None


class Finding(Struct, frozen=True):
    """One disagreement: the promised and the observed side, and the way out where there is one."""

    code: FindingCode
    place: Location
    subject: str
    promised: str
    observed: str
    hint: str = ""


class Kept(Struct, frozen=True):
    """`notes` are told and not red, such as a flag under `nullability: values`."""

    basis: Basis
    rows: int | None = None
    notes: tuple[Finding, ...] = ()


class Broken(Struct, frozen=True):
    """`samples` are violating rows that somebody asked to see."""

    findings: tuple[Finding, ...]
    basis: Basis
    rows: int | None = None
    violations: int | None = None
    samples: tuple[Sample, ...] = ()


class Cause(Struct, frozen=True):
    """The check that is red for what another could not look at. `table` may be another contract's."""

    table: str
    check: str


class Undecided(Struct, frozen=True):
    """Could not look. Without a cause nothing else is red for it."""

    finding: Finding
    cause: Cause | None = None


class Vacuous(Struct, frozen=True):
    """Nothing was there to look at; `allowed` where that is fine. `rows`: None where no rows count."""

    finding: Finding
    allowed: bool
    basis: Basis
    rows: int | None = 0


class Waived(Struct, frozen=True):
    broken: Broken
    reason: str


Verdict: TypeAlias = Kept | Broken | Undecided | Vacuous | Waived
