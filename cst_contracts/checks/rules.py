"""Does a rule hold for all rows?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.row_promise import count_rows, nothing_to_count, other_rows, unmeasured
from cst_contracts.checks.tolerated import Violations, judge_count, tolerating
from cst_contracts.checks.verdict import Undecided, Verdict
from cst_contracts.checks.volatile import volatile_call
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import Contract, RuleContract, Severity, TableContract, Tolerance
from cst_contracts.facts import CouldNotLook, RuleCount, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, RowCountNeed, RuleNeed, SchemaNeed, SessionNeed


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
    def tolerance(self) -> Tolerance:
        return self.rule.tolerance

    @property
    def subject(self) -> str:
        return self.table

    @property
    def promise(self) -> str:
        return tolerating(self.rule.sql, self.tolerance)

    def needs(self) -> tuple[AnyNeed, ...]:
        rule = RuleNeed(self.table, self.rule)
        return SchemaNeed(self.table), SessionNeed(), RowCountNeed(self.table), rule

    def judge(self, answers: Answers) -> Verdict:
        changing = volatile_call(self.rule.sql, answers)
        if changing is not None:
            hint = (
                "a rule is about stored values: compare fields with each other, or with constants"
            )
            observed = f"{changing} gives another value each time"
            return Undecided(finding(self, FindingCode.RULE_VOLATILE, self.promise, observed, hint))
        match count_rows(self, answers):
            case int(rows):
                return _judge(self, answers[RuleNeed(self.table, self.rule)], rows)
            case stopped:
                return stopped


def rule_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        for rule in contract.rules:
            allow_empty = contract.allow_empty or rule.allow_empty
            yield RuleHolds(contract.name, rule, allow_empty, f"rule[{rule.name}]")


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
        case RuleCount(known=False, violations=0):
            return nothing_to_count(check, "NULL for every row")
        case RuleCount(rows=read, violations=violations, samples=samples, basis=basis):
            observed = f"false for {violations} of {read} rows"
            found = Violations(violations, read, observed, FindingCode.RULE_VIOLATED, samples)
            return judge_count(check, found, basis, read)
