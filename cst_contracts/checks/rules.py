"""Does a rule hold for all rows?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.row_promise import count_rows, other_rows, unmeasured
from cst_contracts.checks.verdict import Broken, Kept, Undecided, Verdict
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import Contract, RuleContract, Severity, TableContract
from cst_contracts.facts import Basis, CouldNotLook, RuleCount, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, RowCountNeed, RuleNeed, SchemaNeed


class RuleHolds(Struct, frozen=True):
    """A boolean expression is false for no row. The planner of the engine tells which fields it names."""

    table: str
    rule: RuleContract
    allow_empty: bool
    id: str
    group: ClassVar[Group] = Group.VALUES
    reads_rows: ClassVar[bool] = True
    paths: ClassVar[tuple[str, ...]] = ()
    presence: ClassVar[tuple[str, ...]] = ()

    @property
    def place(self) -> Location:
        return self.rule.place

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    @property
    def subject(self) -> str:
        return self.table

    @property
    def promise(self) -> str:
        return self.rule.sql

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), RowCountNeed(self.table), RuleNeed(self.table, self.rule)

    def judge(self, answers: Answers) -> Verdict:
        match count_rows(self, answers):
            case int(rows):
                return _judge(self, answers[RuleNeed(self.table, self.rule)], rows)
            case stopped:
                return stopped


def rule_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        for rule in contract.rules:
            yield RuleHolds(contract.name, rule, contract.allow_empty, f"rule[{rule.name}]")


def _judge(check: RuleHolds, answer: RuleCount | CouldNotLook, rows: int) -> Verdict:
    match answer:
        case CouldNotLook(trouble=Trouble.RULE, reason=reason):
            hint = "write one boolean expression over the table's fields, as in SQL CHECK"
            code = FindingCode.RULE_UNPLANNED
            return Undecided(finding(check, code, check.promise, reason, hint))
        case CouldNotLook() as trouble:
            return unmeasured(check, trouble)
        case RuleCount(rows=read) if read != rows:
            return other_rows(check, rows, read)
        case RuleCount(rows=read, violations=violations, samples=samples) if violations:
            observed = f"false for {violations} of {read} rows"
            red = finding(check, FindingCode.RULE_VIOLATED, check.promise, observed)
            return Broken((red,), Basis.SCAN, read, violations, samples)
        case RuleCount(rows=read):
            return Kept(Basis.SCAN, read)
