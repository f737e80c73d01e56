"""Every question that a check may ask of the world, as a value whose type names its answer's type.

A check lists the questions that it may ask (`Check.needs`), an observer answers them, and nobody else knows
how. A question is about one relation (a table or a view, by its name in SQL), or about the session.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.clauses.files import FilePromise
from cst_contracts.contract.model import (
    NOTHING_TOLERATED,
    AggregateContract,
    CatalogContract,
    FunctionContract,
    Library,
    Limit,
    QueryContract,
    ReferenceContract,
    RuleContract,
    TableContract,
    Tolerance,
    ViewContract,
)
from cst_contracts.datatypes import child_path
from cst_contracts.facts import (
    AggregateCount,
    CatalogFacts,
    CouldNotLook,
    DeclaredFacts,
    DeclaredPartition,
    EnforcementFacts,
    Exchange,
    FieldDiagnostic,
    FieldRead,
    FilesFacts,
    FootersFacts,
    FunctionProbe,
    KeyCount,
    NewestValue,
    NullCount,
    OrderingFacts,
    PruningFacts,
    QueryFacts,
    QueryPlan,
    QueryRun,
    ReferenceCount,
    RowCount,
    RowOrder,
    RuleCount,
    SessionFacts,
    SettingEffect,
    SnapshotComparison,
    SortTerm,
    SourceFacts,
    StatisticsFacts,
    StoredOrdering,
    StreamFacts,
    TableFacts,
    UnboundedFacts,
    ValueCount,
    ValueSpread,
    ViewRun,
)

A_co = TypeVar("A_co", covariant=True)


class Need(Struct, Generic[A_co], frozen=True):
    """A question; `A_co` is what it is answered with."""


class RelationNeed(Need[A_co], frozen=True):
    """A question about one relation."""

    relation: str


class SchemaNeed(RelationNeed[TableFacts], frozen=True):
    """What are its schema, its storage and its partitions?"""


class FilesNeed(RelationNeed[FilesFacts], frozen=True):
    """Where do the schemas of its data files differ from one another, and from what the table is read as?"""


class FootersNeed(RelationNeed[FootersFacts], frozen=True):
    """What do the footers of its data files say of all that its contract promises of them?"""

    promises: tuple[FilePromise, ...]


class DeclaredNeed(RelationNeed[DeclaredFacts], frozen=True):
    """What does the project's own registration declare, and the engine believe? Nothing where it is ours."""


class SourceNeed(RelationNeed[SourceFacts | None], frozen=True):
    """Does the session read what the contract's `source` names? None where it names no place."""


class RowCountNeed(RelationNeed[RowCount], frozen=True):
    """How many rows does the session count?"""


class RowsReadNeed(RelationNeed[RowCount | None], frozen=True):
    """How many rows were met by whoever has counted nulls in them? None where nobody had to."""


class OrderPlanNeed(RelationNeed[OrderingFacts | None], frozen=True):
    """Which order do plans and footers claim, and does a query that sorts so still sort? None where there
    is no file to ask."""

    terms: tuple[SortTerm, ...]


class OrderClaimsNeed(RelationNeed[tuple[StoredOrdering, ...]], frozen=True):
    """Which order does the footer of each data file claim? Nothing where there are no footers."""


class PartitionTypeNeed(RelationNeed[DeclaredPartition], frozen=True):
    """As what does the engine take up a partition field whose type is declared?"""

    name: str
    type: pa.DataType


class ViewQueryNeed(RelationNeed[QueryFacts | None], frozen=True):
    """What does a view ask for? None for what is no view."""


class DiagnosticsNeed(RelationNeed[tuple[FieldDiagnostic, ...]], frozen=True):
    """What does the engine itself say of each node of the schema?"""


class UnboundedNeed(RelationNeed[UnboundedFacts], frozen=True):
    """Does the plan read a source without an end?"""


class StreamNeed(RelationNeed[StreamFacts], frozen=True):
    """What comes of reading an unbounded table for a while?"""


class EnforcementNeed(RelationNeed[EnforcementFacts | None], frozen=True):
    """What does a Delta log hold its writers to, and what would the rules be? None without a log."""

    rules: tuple[RuleContract, ...]


class StatisticsNeed(RelationNeed[StatisticsFacts], frozen=True):
    """What do statistics answer, so that no row is read?"""


class PruningNeed(RelationNeed[PruningFacts], frozen=True):
    """Are row groups and files left unread where their values allow it?"""


class ViewRunNeed(RelationNeed[ViewRun], frozen=True):
    """What does a view hold when it is run over all rows, beside what it is made of?"""

    view: ViewContract


class ViewReadsNeed(RelationNeed[tuple[FieldRead, ...]], frozen=True):
    """Which fields does the plan of a view scan?"""


class QueryPlanNeed(RelationNeed[QueryPlan], frozen=True):
    """How is a reader's query planned? `relation` is the table whose contract has it."""

    query: QueryContract


class SessionNeed(Need[SessionFacts], frozen=True):
    """Which settings and functions does the session have?"""


class EffectsNeed(Need[Mapping[str, SettingEffect]], frozen=True):
    """What can be seen of the session's settings, by name?"""


class FunctionNeed(Need[FunctionProbe | None], frozen=True):
    """What comes of calling a function? None where nothing tells how."""

    function: FunctionContract


class CatalogNeed(Need[CatalogFacts], frozen=True):
    """What lies in a mounted folder of artifacts?"""

    catalog: CatalogContract


class ContractsNeed(Need[tuple[TableContract, ...]], frozen=True):
    """Which contracts of tables does the project have, selected or not?"""


class NowNeed(Need[datetime], frozen=True):
    """What time is it, with its zone? The door says."""


class SnapshotsKeptNeed(Need[bool], frozen=True):
    """Does the project keep snapshots, or does this run begin to?"""


class SnapshotNeed(Need[SnapshotComparison], frozen=True):
    """Is what was observed, as a snapshot's text, what was accepted for this contract file? Where the run
    updates snapshots, the answer is that it has been accepted now."""

    contract: str
    observed: str


class RowNeed(RelationNeed[A_co], frozen=True):
    """A question about what the rows hold. All that a run asks of one relation is answered together.

    How many violate the promise is always counted; which ones, only where they are more than are tolerated.
    """

    @property
    def tolerated(self) -> Tolerance:
        return NOTHING_TOLERATED


class NullsNeed(RowNeed[NullCount], frozen=True):
    """How many values does the path have, and how many are null?"""

    path: str
    tolerance: Tolerance = NOTHING_TOLERATED

    @property
    def tolerated(self) -> Tolerance:
        return self.tolerance

    def __str__(self) -> str:
        return f"nulls[{self.path}]"


class KeyNeed(RowNeed[KeyCount], frozen=True):
    """How many rows share the values of these paths with another?"""

    paths: tuple[str, ...]
    tolerance: Tolerance = NOTHING_TOLERATED

    @property
    def tolerated(self) -> Tolerance:
        return self.tolerance

    def __str__(self) -> str:
        return f"unique[{','.join(self.paths)}]"


class ReferenceNeed(RowNeed[ReferenceCount], frozen=True):
    """How many rows refer to what is not there?"""

    reference: ReferenceContract

    @property
    def tolerated(self) -> Tolerance:
        return self.reference.tolerance

    def __str__(self) -> str:
        fields, to = ",".join(self.reference.fields), ",".join(self.reference.to)
        return f"reference[{fields}→{self.reference.table}.{to}]"


class RuleNeed(RowNeed[RuleCount], frozen=True):
    """For how many rows is the rule false?"""

    rule: RuleContract

    @property
    def tolerated(self) -> Tolerance:
        return self.rule.tolerance

    def __str__(self) -> str:
        return f"rule[{self.rule.name}]"


class AggregateNeed(RowNeed[AggregateCount], frozen=True):
    """For how many groups of rows is the aggregate not true?"""

    aggregate: AggregateContract

    def __str__(self) -> str:
        return f"aggregate[{self.aggregate.name}]"


class ValuesNeed(RowNeed[ValueCount], frozen=True):
    """How many values of the path are not as promised, and which ones are met most often? `told`: they may
    be shown."""

    path: str
    limit: Limit
    told: bool = True
    tolerance: Tolerance = NOTHING_TOLERATED

    @property
    def tolerated(self) -> Tolerance:
        return self.tolerance

    def __str__(self) -> str:
        return f"{self.limit.kind}[{self.path}]"


class SpreadNeed(RowNeed[ValueSpread], frozen=True):
    """Which different values does the path have, unless they are more than `most`, and which are the least
    and the greatest? Only a proposal asks: the answer holds values that may be sensitive."""

    path: str
    most: int = 12

    def __str__(self) -> str:
        return f"values of {self.path}"


class NewestNeed(RowNeed[NewestValue], frozen=True):
    """What is the latest time in a field?"""

    field: str

    @property
    def path(self) -> str:
        return child_path("", self.field)

    def __str__(self) -> str:
        return f"freshness[{self.field}]"


class OrderNeed(RowNeed[RowOrder], frozen=True):
    """How many rows of a file stand in front of one that should come before them?"""

    terms: tuple[SortTerm, ...]

    def __str__(self) -> str:
        return f"order[measured] by {', '.join(map(str, self.terms))}"


class QueryRunNeed(RelationNeed[QueryRun], frozen=True):
    """What comes of running a reader's query, for no more than its first rows?

    `asked` is what to look at in them. `handed` are the fields of the table whose values may be handed in as
    parameters.
    """

    query: QueryContract
    asked: tuple[NullsNeed | ValuesNeed, ...] = ()
    handed: tuple[str, ...] = ()


class ExchangeNeed(RelationNeed[Exchange], frozen=True):
    """What comes of its first rows in a library that readers take them into?"""

    library: Library


A = TypeVar("A")


class Answers(Protocol):
    """What a check is judged by. A question is answered when it is asked, and once a run."""

    def __getitem__(self, need: Need[A], /) -> A | CouldNotLook: ...

    def if_asked(self, need: Need[A], /) -> A | CouldNotLook | None:
        """The answer where a selected check needs it; None where nobody does, and nobody looks."""


AnyNeed: TypeAlias = Need[Any]
AnyRowNeed: TypeAlias = (
    NullsNeed
    | KeyNeed
    | ReferenceNeed
    | RuleNeed
    | AggregateNeed
    | OrderNeed
    | NewestNeed
    | ValuesNeed
    | SpreadNeed
)
