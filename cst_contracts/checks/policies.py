"""Do statistics answer queries, and are files and row groups left unread, as a table's source says?"""

from collections.abc import Iterator
from typing import ClassVar, TypeAlias

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import Contract, PolicyContract, Severity, TableContract
from cst_contracts.facts import Basis, CouldNotLook, PruningFacts, StatisticsFacts
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, PruningNeed, SchemaNeed, StatisticsNeed

_WHOLE_SESSION = (
    "the engine decides this for a whole session: "
    "datafusion.execution.collect_statistics where it is made"
)
_DELTA = (
    "the provider of Delta tables takes no predicates and no statistics over; leave the key out"
)


class StatisticsEffective(Struct, frozen=True):
    """Statistics answer what they can tell, or nothing. `format` is the source's."""

    table: str
    policy: PolicyContract
    format: str
    id: str = "statistics"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def place(self) -> Location:
        return self.policy.place

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), StatisticsNeed(self.table)

    def judge(self, answers: Answers) -> Verdict:
        table = answers[SchemaNeed(self.table)]
        if isinstance(table, CouldNotLook):
            return unreadable(self.place, self.table, table)
        match answers[StatisticsNeed(self.table)]:
            case CouldNotLook() as trouble:
                return _unlooked(self, trouble)
            case StatisticsFacts() as facts if self.policy.wanted:
                return _answered(self, facts)
            case StatisticsFacts() as facts:
                return _unanswered(self, facts)


class PruningEffective(Struct, frozen=True):
    """What a query excludes is left unread, or nothing is. `format` is the source's."""

    table: str
    policy: PolicyContract
    format: str
    allow_empty: bool = False
    id: str = "pruning"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def place(self) -> Location:
        return self.policy.place

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), PruningNeed(self.table)

    def judge(self, answers: Answers) -> Verdict:
        table = answers[SchemaNeed(self.table)]
        if isinstance(table, CouldNotLook):
            return unreadable(self.place, self.table, table)
        match answers[PruningNeed(self.table)]:
            case CouldNotLook() as trouble:
                return _unlooked(self, trouble)
            case PruningFacts(empty=True):
                return _empty(self)
            case PruningFacts() as facts if self.policy.wanted:
                return _pruned(self, facts)
            case PruningFacts() as facts:
                return _unpruned(self, facts)


PolicyCheck: TypeAlias = StatisticsEffective | PruningEffective


def policy_checks(contract: Contract) -> Iterator[Check]:
    if not isinstance(contract, TableContract) or contract.source is None:
        return
    name, format_ = contract.name, contract.source.format.value
    for policy in contract.source.policies:
        if policy.name == "statistics":
            yield StatisticsEffective(name, policy, format_)
        else:
            yield PruningEffective(name, policy, format_, contract.allow_empty)


def _unlooked(check: PolicyCheck, trouble: CouldNotLook) -> Undecided:
    promised = f"{check.policy.name} that can be looked at"
    return Undecided(finding(check, FindingCode.TABLE_UNREADABLE, promised, trouble.reason))


def _answered(check: StatisticsEffective, facts: StatisticsFacts) -> Verdict:
    scans = [*(() if facts.counted else ("count(*)",)), *facts.scanned]
    if not scans:
        return Kept(Basis.PLAN)
    hint = _DELTA if check.format == "delta" else "write the files with statistics; text has none"
    observed = f"rows are read for {', '.join(scans)}"
    code = FindingCode.STATISTICS_INEFFECTIVE
    red = finding(check, code, "answers from statistics", observed, hint)
    return Broken((red,), Basis.PLAN)


def _unanswered(check: StatisticsEffective, facts: StatisticsFacts) -> Verdict:
    answered = [name for name in facts.asked if name not in facts.scanned]
    if not facts.counted and not answered:
        return Kept(Basis.PLAN)
    what = "count(*)" if facts.counted else f"what is asked of {', '.join(answered)}"
    code, observed = FindingCode.STATISTICS_INEFFECTIVE, f"metadata answer {what}"
    red = finding(check, code, "no statistics", observed, _WHOLE_SESSION)
    return Broken((red,), Basis.PLAN)


def _empty(check: PruningEffective) -> Undecided | Vacuous:
    """Nothing is stored of which some could be left unread."""
    found = finding(check, FindingCode.EMPTY_TABLE, "files with rows", "no row in any file")
    if check.allow_empty:
        return Vacuous(found, allowed=True, basis=Basis.STATISTICS)
    return Undecided(found, Cause(check.table, "rows"))


def _pruned(check: PruningEffective, facts: PruningFacts) -> Verdict:
    findings = tuple(_unused(check, facts))
    if findings:
        return Broken(findings, Basis.PLAN)
    if facts.left_out is not None:
        return Kept(Basis.PLAN)
    overlap = finding(
        check,
        FindingCode.NOTHING_TO_PRUNE,
        "row groups that a range leaves out",
        "no file has row groups that their ranges could tell apart",
    )
    if facts.files_left_out:
        return Kept(Basis.PLAN, notes=(overlap,))
    return Vacuous(overlap, allowed=True, basis=Basis.PLAN, rows=None)


def _unused(check: PruningEffective, facts: PruningFacts) -> Iterator[Finding]:
    code = FindingCode.PRUNING_INEFFECTIVE
    if not facts.row_groups:
        hint = "leave the key out, or write `format: parquet`"
        yield finding(check, code, "row groups to leave out", "the format has none", hint)
        return
    if not facts.statistics:
        observed = "no field of whole numbers or text has the ranges of its row groups stored"
        hint = "write the files with statistics"
        yield finding(check, code, "row groups that a range leaves out", observed, hint)
    hint = _DELTA if check.format == "delta" else ""
    if facts.left_out is False:
        promised = f"row groups left out for {facts.predicate}"
        yield finding(check, code, promised, "all are read", hint)
    if facts.files_left_out is False:
        promised = f"files left out for one value of {facts.partition}"
        yield finding(check, code, promised, "all are read", hint)


def _unpruned(check: PruningEffective, facts: PruningFacts) -> Verdict:
    if facts.left_out:
        promised, observed = "all row groups read", f"some are left out for {facts.predicate}"
        hint = "register the table with parquet_pruning=False"
        code = FindingCode.PRUNING_INEFFECTIVE
        return Broken((finding(check, code, promised, observed, hint),), Basis.PLAN)
    if facts.left_out is None and facts.row_groups:
        promised, observed = "all row groups read", "no range would leave one out"
        found = finding(check, FindingCode.NOTHING_TO_PRUNE, promised, observed)
        return Vacuous(found, allowed=True, basis=Basis.PLAN, rows=None)
    return Kept(Basis.PLAN)
