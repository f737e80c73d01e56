"""What a check asks is what it says that it may ask, over this project's own contracts."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pytest
from msgspec import Struct

from cst_contracts.checks.check import Check
from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import Undecided
from cst_contracts.contract.model import (
    Contract,
    FieldContract,
    SessionContract,
    Severity,
    TableContract,
)
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.presets import PRESETS
from cst_contracts.facts import (
    AggregateCount,
    Basis,
    CatalogFacts,
    Condition,
    CouldNotLook,
    DeclaredFacts,
    DeclaredPartition,
    EnforcementFacts,
    Exchange,
    FieldRead,
    FileFooter,
    FilesFacts,
    FooterGroup,
    FootersFacts,
    FunctionFacts,
    FunctionProbe,
    KeyCount,
    Misplaced,
    NullCount,
    OrderingFacts,
    PartitionFacts,
    PruningFacts,
    QueryPlan,
    QueryRun,
    ReferenceCount,
    RowCount,
    RowOrder,
    RuleCount,
    SessionFacts,
    SnapshotComparison,
    SnapshotMatch,
    SourceFacts,
    StatisticsFacts,
    StreamFacts,
    TableFacts,
    Trouble,
    UnboundedFacts,
    ValueCount,
    ViewRun,
)
from cst_contracts.needs import (
    AggregateNeed,
    AnyNeed,
    CatalogNeed,
    ContractsNeed,
    DeclaredNeed,
    DiagnosticsNeed,
    EffectsNeed,
    EnforcementNeed,
    ExchangeNeed,
    FilesNeed,
    FootersNeed,
    FunctionNeed,
    KeyNeed,
    Need,
    NullsNeed,
    OrderNeed,
    OrderPlanNeed,
    PartitionTypeNeed,
    PruningNeed,
    QueryPlanNeed,
    QueryRunNeed,
    ReferenceNeed,
    RowCountNeed,
    RowsReadNeed,
    RuleNeed,
    SchemaNeed,
    SessionNeed,
    SnapshotNeed,
    SnapshotsKeptNeed,
    SourceNeed,
    StatisticsNeed,
    StreamNeed,
    UnboundedNeed,
    ValuesNeed,
    ViewQueryNeed,
    ViewReadsNeed,
    ViewRunNeed,
)

A = TypeVar("A")
FOLDER = Path(__file__).parents[2] / "contracts"
STREAM = """\
table: t
source: {format: csv, location: t, unbounded: true, ordered_by: [a], statistics: true, pruning: true}
fields: [{name: a, type: int64, nullable: false}]
keys: [[a]]
references: [{fields: [a], table: u, to: [b]}]
rules: [{name: positive, sql: a > 0, severity: warn}]
queries:
  - name: q
    sql: SELECT a FROM t
    reads: [a]
    fields: [{name: a, type: int64, nullable: false}]
views:
  - name: v
    pack: {s: [a]}
    reads: [a]
    fields: [{name: s, type: struct, fields: [{name: a, type: int64}]}]
functions: [{name: f, arguments: [int64], returns: int64}]
"""
TEXTS = {
    "stream.yaml": STREAM.encode(),
    **{file.name: file.read_bytes() for file in sorted(FOLDER.glob("*.yaml"))},
}
ROWS = 3


class World(Struct, frozen=True):
    """What there is to see. `violations`: of every promise about rows; `sorts`: no order is declared."""

    violations: int = 0
    sorts: bool = False
    trouble: CouldNotLook | None = None


WORLDS = {
    "as promised": World(),
    "broken": World(violations=1, sorts=True),
    "not to be looked at": World(trouble=CouldNotLook("no")),
    "in a hurry": World(trouble=CouldNotLook("no", trouble=Trouble.STREAM)),
}


class Observed:
    """Answers from a world, with the questions that were asked."""

    def __init__(self, contract: Contract, world: World) -> None:
        self._contract, self._world = contract, world
        self.asked: set[AnyNeed] = set()
        self.asked_aside: set[AnyNeed] = set()

    def __getitem__(self, need: Need[A], /) -> A | CouldNotLook:
        self.asked.add(need)
        answer: A | CouldNotLook = self._answer(need)
        return answer

    def if_asked(self, need: Need[A], /) -> A | CouldNotLook | None:
        self.asked_aside.add(need)
        answer: A | CouldNotLook = self._answer(need)
        return answer

    def _answer(self, need: AnyNeed) -> Any:
        return self._world.trouble or self._of_rows(need) or self._of_schema(need)

    def _of_rows(self, need: AnyNeed) -> Any:
        violations = self._world.violations
        match need:
            case RowCountNeed() | RowsReadNeed():
                return RowCount(ROWS, Basis.SCAN)
            case NullsNeed():
                return NullCount(ROWS, violations, rows=ROWS)
            case KeyNeed():
                return KeyCount(ROWS, violations, 0)
            case ReferenceNeed():
                return ReferenceCount(ROWS, violations)
            case DeclaredNeed():
                return DeclaredFacts()
            case RuleNeed():
                return RuleCount(ROWS, violations)
            case AggregateNeed():
                return AggregateCount(ROWS, 1, violations, 0)
            case ValuesNeed():
                return ValueCount(ROWS, violations, rows=ROWS)
            case OrderNeed():
                return RowOrder(ROWS, violations, (Misplaced("f", 1, "b", "a"),))
            case StreamNeed(relation=name):
                return StreamFacts(ROWS, schema_of(self._contract, name), "the first rows")
            case ViewRunNeed():
                return ViewRun(RowCount(ROWS, Basis.SCAN))
            case ViewReadsNeed():
                return (FieldRead("t", "a"),)
            case QueryPlanNeed():
                return QueryPlan((), ())
            case QueryRunNeed(query=query, asked=asked):
                schema = pa.schema(list(map(field_of, query.fields)))
                return QueryRun(schema, ROWS, tuple(map(self._of_rows, asked)))
            case _:
                return None

    def _of_schema(self, need: AnyNeed) -> Any:
        match need:
            case SchemaNeed(relation=name):
                return facts_of(self._contract, name)
            case FilesNeed():
                return FilesFacts(1)
            case FootersNeed():
                return FootersFacts((FileFooter("f", (FooterGroup(ROWS, ()),)),))
            case SourceNeed():
                return SourceFacts(supplied=False)
            case OrderPlanNeed(terms=terms):
                sorts = self._world.sorts
                return OrderingFacts(() if sorts else terms, supplied=False, sorts=sorts)
            case PartitionTypeNeed(type=type_):
                return DeclaredPartition(type_)
            case ViewQueryNeed():
                return None
            case DiagnosticsNeed():
                return ()
            case UnboundedNeed():
                return UnboundedFacts(infinite=True, pipe=True)
            case EnforcementNeed(rules=rules):
                return enforced(
                    {rule.name: Condition(rule.sql, frozenset({rule.sql})) for rule in rules}
                )
            case StatisticsNeed():
                return StatisticsFacts(counted=True, asked=(), scanned=())
            case PruningNeed():
                return PruningFacts(row_groups=True, statistics=True, left_out=True)
            case ExchangeNeed(relation=name, library=library):
                schema = schema_of(self._contract, name)
                return Exchange(schema, 1, schema, 1, f"a {library}")
            case _:
                return self._of_session(need)

    def _of_session(self, need: AnyNeed) -> Any:
        match need:
            case SessionNeed():
                return session_of(self._contract)
            case EffectsNeed():
                return {}
            case FunctionNeed(function=function):
                return FunctionProbe(f"{function.name}(…)", (pa.int64(),))
            case CatalogNeed(catalog=catalog):
                return CatalogFacts(self._contract.file, catalog.location, catalog.format, ())
            case ContractsNeed():
                return ()
            case SnapshotsKeptNeed():
                return True
            case SnapshotNeed(contract=file):
                return SnapshotComparison(SnapshotMatch.SAME, file)
            case _:
                raise AssertionError(f"nobody knows an answer to {need}")


def enforced(rules: Mapping[str, Condition]) -> EnforcementFacts:
    return EnforcementFacts((), rules, defaultdict(lambda: Condition("TRUE")))


def session_of(contract: Contract) -> SessionFacts:
    listed = tuple(
        FunctionFacts(each.name, each.kind or "scalar", deterministic=True)
        for each in contract.functions
    )
    own = contract.settings if isinstance(contract, SessionContract) else ()
    settings = PRESETS["cst"].values | {each.name: each.value for each in own}
    return SessionFacts(settings, listed)


def facts_of(contract: Contract, relation: str) -> TableFacts:
    assert isinstance(contract, TableContract)
    source = contract.source
    partitioned_by = () if source is None else source.partitioned_by
    partitions = tuple(PartitionFacts(each.name, pa.string(), 1) for each in partitioned_by)
    schema = schema_of(contract, relation)
    names = frozenset(each.name for each in partitions)
    return TableFacts(
        relation, "parquet", schema, None, schema, partitions, hive_partitions=names, files=1
    )


def schema_of(contract: Contract, relation: str) -> pa.Schema:
    assert isinstance(contract, TableContract)
    view = next((each for each in contract.views if each.name == relation), None)
    if view is not None and not view.fields:
        return pa.schema([(name, pa.int64()) for name in view.keep])
    return pa.schema(list(map(field_of, contract.fields if view is None else view.fields)))


def field_of(field: FieldContract) -> pa.Field:
    return pa.field(field.name, field.type, nullable=field.nullable, metadata=dict(field.metadata))


def contract_of(file: str) -> Contract:
    return parse_contract(TEXTS[file], f"contracts/{file}")


def asked_by(check: Check, contract: Contract) -> tuple[set[AnyNeed], set[AnyNeed]]:
    """In all worlds together; those that are asked only if somebody else needs them, apart."""
    asked: set[AnyNeed] = set()
    aside: set[AnyNeed] = set()
    for world in WORLDS.values():
        answers = Observed(contract, world)
        check.judge(answers)
        asked |= {need for need in answers.asked if not isinstance(need, SnapshotNeed)}
        aside |= answers.asked_aside
    return asked, aside


@pytest.mark.parametrize("file", TEXTS)
def test_a_check_asks_what_it_needs_and_nothing_else(file: str) -> None:
    contract = contract_of(file)
    checks = plan(contract)
    listed = {need for check in checks for need in check.needs()}
    for check in checks:
        asked, aside = asked_by(check, contract)
        assert asked == set(check.needs()), check.id
        assert len(check.needs()) == len(set(check.needs())), check.id
        assert aside <= listed, check.id


@pytest.mark.parametrize("file", TEXTS)
def test_where_nobody_can_look_no_check_is_kept_nor_broken(file: str) -> None:
    contract = contract_of(file)
    for check in plan(contract):
        verdict = check.judge(Observed(contract, WORLDS["not to be looked at"]))
        assert isinstance(verdict, Undecided), check.id


@pytest.mark.parametrize("severity", Severity)
def test_a_check_is_as_severe_as_its_rule(severity: Severity) -> None:
    text = STREAM.replace("severity: warn", f"severity: {severity}")
    for source in (text, text.replace("unbounded: true, ", "")):
        checks = {each.id: each for each in plan(parse_contract(source.encode(), "t.yaml"))}
        assert checks.pop("rule[positive]").severity is severity
        assert {check.severity for check in checks.values()} == {Severity.ERROR}
