"""Do the rows that others refer to exist?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.row_promise import count_rows, nothing_to_count, presence, unmeasured
from cst_contracts.checks.tolerated import Violations, judge_count, tolerating
from cst_contracts.checks.verdict import Verdict
from cst_contracts.checks.wording import counted
from cst_contracts.contract.model import (
    Contract,
    ReferenceContract,
    Severity,
    TableContract,
    Tolerance,
)
from cst_contracts.facts import Basis, CouldNotLook, ReferenceCount
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, ReferenceNeed, RowCountNeed, SchemaNeed


class ReferencesExist(Struct, frozen=True):
    """Every value without a null is in the other table."""

    table: str
    reference: ReferenceContract
    presence: tuple[str, ...]
    allow_empty: bool
    id: str
    group: ClassVar[Group] = Group.VALUES
    reads_rows: ClassVar[bool] = True

    @property
    def place(self) -> Location:
        return self.reference.place

    @property
    def severity(self) -> Severity:
        return self.reference.severity

    @property
    def tolerance(self) -> Tolerance:
        return self.reference.tolerance

    @property
    def subject(self) -> str:
        return self.table

    @property
    def promise(self) -> str:
        fields, to = ", ".join(self.reference.fields), ", ".join(self.reference.to)
        return tolerating(f"every {fields} in {self.reference.table}.{to}", self.tolerance)

    @property
    def paths(self) -> tuple[str, ...]:
        return self.reference.fields

    def needs(self) -> tuple[AnyNeed, ...]:
        reference = ReferenceNeed(self.table, self.reference)
        return SchemaNeed(self.table), RowCountNeed(self.table), reference

    def judge(self, answers: Answers) -> Verdict:
        match count_rows(self, answers):
            case int():
                return _judge(self, answers[ReferenceNeed(self.table, self.reference)])
            case stopped:
                return stopped


def reference_checks(contract: Contract) -> Iterator[Check]:
    if not isinstance(contract, TableContract):
        return
    for reference in contract.references:
        route = f"{','.join(reference.fields)}→{reference.table}.{','.join(reference.to)}"
        answering, id_ = presence(contract, reference.fields), f"reference[{route}]"
        allow_empty = contract.allow_empty or reference.allow_empty
        yield ReferencesExist(contract.name, reference, answering, allow_empty, id_)


def _judge(check: ReferencesExist, answer: ReferenceCount | CouldNotLook) -> Verdict:
    match answer:
        case CouldNotLook() as trouble:
            return unmeasured(check, trouble)
        case ReferenceCount(rows=0):
            return nothing_to_count(check, "no reference without a null")
        case ReferenceCount(rows=rows, dangling=dangling, samples=samples):
            observed = f"{dangling} of {counted(rows, 'reference')} dangle"
            code = FindingCode.DANGLING_REFERENCES
            found = Violations(dangling, rows, observed, code, samples)
            return judge_count(check, found, Basis.SCAN, rows)
