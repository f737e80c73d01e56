"""Is a table a source without an end, and what do the rows that were read tell of the others?"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.aggregates import AggregateHolds
from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.keys import KeyUnique
from cst_contracts.checks.known import Known
from cst_contracts.checks.references import ReferencesExist
from cst_contracts.checks.rows import RowsPresent
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Undecided,
    Vacuous,
    Verdict,
    Waived,
)
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import Contract, Severity, SourceContract, TableContract
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    RowCount,
    StreamFacts,
    TableFacts,
    UnboundedFacts,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    Answers,
    AnyNeed,
    DiagnosticsNeed,
    RowCountNeed,
    RowsReadNeed,
    SchemaNeed,
    StreamNeed,
    UnboundedNeed,
)

#: What one reading of the rows answers, so that nobody is asked for it.
_BY_READING = frozenset({SchemaNeed, RowCountNeed, RowsReadNeed, DiagnosticsNeed})


class SourceUnbounded(Struct, frozen=True):
    """The engine reads the table as a source without an end.

    `fifo`: a named pipe is promised, and not any source without an end.
    """

    table: str
    place: Location
    fifo: bool
    id: str = "unbounded"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), UnboundedNeed(self.table)

    def judge(self, answers: Answers) -> Verdict:
        table = answers[SchemaNeed(self.table)]
        if isinstance(table, CouldNotLook):
            return unreadable(self.place, self.table, table)
        match answers[UnboundedNeed(self.table)]:
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case UnboundedFacts() as facts:
                return _judge(self, facts)


class OfRowsRead(Struct, frozen=True):
    """A check of an unbounded table, judged by one reading of it: of the rows that came, and of no others."""

    check: Check
    table: str
    reads_rows: ClassVar[bool] = True

    @property
    def id(self) -> str:
        return self.check.id

    @property
    def place(self) -> Location:
        return self.check.place

    @property
    def subject(self) -> str:
        return self.table

    @property
    def group(self) -> Group:
        return self.check.group

    @property
    def severity(self) -> Severity:
        return self.check.severity

    def needs(self) -> tuple[AnyNeed, ...]:
        """The reading answers for the schema and the number of rows; all else is asked as ever."""
        others = (need for need in self.check.needs() if type(need) not in _BY_READING)
        return SchemaNeed(self.table), StreamNeed(self.table), *others

    def judge(self, answers: Answers) -> Verdict:
        facts = answers[SchemaNeed(self.table)]
        if isinstance(facts, CouldNotLook):
            return self.check.judge(answers)
        match answers[StreamNeed(self.table)]:
            case CouldNotLook() as trouble:
                return self.check.judge(Known({SchemaNeed(self.table): trouble}, answers))
            case StreamFacts(cut=cut) as read:
                verdict = self.check.judge(Known(_by_reading(self.table, facts, read), answers))
                return verdict if cut is None else _of_the_rows_read(self, verdict, cut)


def unbounded_checks(contract: Contract) -> Iterator[Check]:
    match contract:
        case TableContract(source=SourceContract(unbounded=True) as source):
            yield SourceUnbounded(contract.name, source.place, source.fifo)
        case _:
            return


def of_rows_read(contract: Contract, checks: Iterable[Check]) -> Iterator[Check]:
    """The checks of a contract, those that read rows as `OfRowsRead` where its table has no end."""
    match contract:
        case TableContract(source=SourceContract(unbounded=True)):
            for check in checks:
                yield OfRowsRead(check, contract.name) if check.reads_rows else check
        case _:
            yield from checks


def _judge(check: SourceUnbounded, facts: UnboundedFacts) -> Verdict:
    findings: list[Finding] = []
    if not facts.infinite:
        hint = "register it with CREATE UNBOUNDED EXTERNAL TABLE, or leave `unbounded` out"
        promised, observed = "a source without an end", "the plan reads a source that ends"
        findings.append(finding(check, FindingCode.NOT_UNBOUNDED, promised, observed, hint))
    if facts.pipe is True:
        return Broken(tuple(findings), Basis.PLAN) if findings else Kept(Basis.PLAN)
    observed = "a file, which ends" if facts.pipe is False else "nobody can tell what lies there"
    hint = "" if check.fifo else "write `fifo: true` where only a pipe will do"
    note = finding(check, FindingCode.NOT_A_PIPE, "a named pipe", observed, hint)
    if check.fifo:
        findings.append(note)
    return Broken(tuple(findings), Basis.PLAN) if findings else Kept(Basis.PLAN, notes=(note,))


def _by_reading(table: str, facts: TableFacts, read: StreamFacts) -> Mapping[AnyNeed, Any]:
    """What the engine says of each node is of the declared schema, and this is the one of the rows."""
    return {
        SchemaNeed(table): replace(facts, schema=read.schema, text=True),
        RowCountNeed(table): RowCount(read.rows, Basis.SCAN),
        RowsReadNeed(table): None,
        DiagnosticsNeed(table): CouldNotLook("its rows are read once", table),
    }


def _of_the_rows_read(check: OfRowsRead, verdict: Verdict, cut: str) -> Verdict:
    """What was kept by the rows that came is kept by those only, and says so; none at all prove nothing."""
    match check.check, verdict:
        case inner, _ if inner.group is Group.SNAPSHOT:
            return verdict  # a snapshot is of what was seen, and says nothing of other rows
        case RowsPresent(), Vacuous():
            return Undecided(_cut(check, FindingCode.STREAM_SILENT, f"none came: {cut}"))
        case ((KeyUnique() | ReferencesExist()), Kept()):
            observed = f"only {cut}; what comes later may repeat, or point at what is not there"
            return _noted(verdict, _cut(check, FindingCode.STREAM_CUT, observed))
        case AggregateHolds(), (Kept() | Broken()):
            observed = f"only {cut}; an aggregate is of all rows together"
            return Undecided(_cut(check, FindingCode.STREAM_CUT, observed))
        case _, Kept():
            return _noted(verdict, _cut(check, FindingCode.STREAM_CUT, f"only {cut}"))
        case _, Vacuous(finding=found):
            return Undecided(found, Cause(check.table, "rows"))
        case _, Broken() | Undecided() | Waived():
            return verdict


def _noted(kept: Kept, note: Finding) -> Kept:
    return replace(kept, notes=(*kept.notes, note))


def _cut(check: OfRowsRead, code: FindingCode, observed: str) -> Finding:
    return finding(check, code, "all rows", observed)
