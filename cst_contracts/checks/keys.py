"""Is a key unique over all rows?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.row_promise import (
    count_rows,
    nothing_to_count,
    other_rows,
    presence,
    unmeasured,
)
from cst_contracts.checks.tolerated import Violations, judge_count, tolerating
from cst_contracts.checks.verdict import Finding, Verdict
from cst_contracts.checks.wording import counted, finding
from cst_contracts.contract.model import Contract, KeyContract, Severity, TableContract, Tolerance
from cst_contracts.facts import Basis, CouldNotLook, KeyCount
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, KeyNeed, RowCountNeed, SchemaNeed


class KeyUnique(Struct, frozen=True):
    """No two rows have the same values in the fields of a key."""

    table: str
    key: KeyContract
    presence: tuple[str, ...]
    allow_empty: bool
    id: str
    group: ClassVar[Group] = Group.VALUES
    reads_rows: ClassVar[bool] = True

    @property
    def place(self) -> Location:
        return self.key.place

    @property
    def severity(self) -> Severity:
        return self.key.severity

    @property
    def tolerance(self) -> Tolerance:
        return self.key.tolerance

    @property
    def subject(self) -> str:
        return self.table

    @property
    def promise(self) -> str:
        return tolerating(f"unique {', '.join(self.key.fields)}", self.tolerance)

    @property
    def paths(self) -> tuple[str, ...]:
        return self.key.fields

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), RowCountNeed(self.table), self._need

    def judge(self, answers: Answers) -> Verdict:
        match count_rows(self, answers):
            case int(rows):
                return _judge(self, answers[self._need], rows)
            case stopped:
                return stopped

    @property
    def _need(self) -> KeyNeed:
        return KeyNeed(self.table, self.key.fields, self.tolerance)


def key_checks(contract: Contract) -> Iterator[Check]:
    if not isinstance(contract, TableContract):
        return
    for key in contract.keys:
        answering, id_ = presence(contract, key.fields), f"unique[{','.join(key.fields)}]"
        yield KeyUnique(contract.name, key, answering, contract.allow_empty, id_)


def _judge(check: KeyUnique, answer: KeyCount | CouldNotLook, rows: int) -> Verdict:
    # The keys of a list's elements are more, or fewer, than the rows.
    one_a_row = not any(mark in path for path in check.key.fields for mark in ("[]", "{}"))
    match answer:
        case CouldNotLook() as trouble:
            return unmeasured(check, trouble)
        case KeyCount(rows=keys, nulls=nulls) if one_a_row and keys + nulls != rows:
            return other_rows(check, rows, keys + nulls)
        case KeyCount(rows=0):
            return nothing_to_count(check, "no key without a null")
        case KeyCount(rows=keys, duplicates=duplicates) as count:
            observed = f"{counted(duplicates, 'more row')} than keys, of {keys}"
            code = FindingCode.DUPLICATE_KEYS
            found = Violations(duplicates, keys, observed, code, count.samples)
            return judge_count(check, found, Basis.SCAN, keys, _null_keys(check, count))


def _null_keys(check: KeyUnique, count: KeyCount) -> tuple[Finding, ...]:
    if not count.nulls:
        return ()
    observed = f"{counted(count.nulls, 'row')} with a null in the key"
    hint = "`nullable: false` on the fields makes nulls red"
    return (finding(check, FindingCode.NULL_KEYS, "complete keys", observed, hint),)
