"""Does the table have rows, and does reading them meet as many as the session counts?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Finding, Kept, Vacuous, Verdict
from cst_contracts.checks.wording import counted as number_of
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import Contract, Severity, TableContract
from cst_contracts.facts import Basis, CouldNotLook, RowCount, TableFacts, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, RowCountNeed, RowsReadNeed, SchemaNeed

_ALLOW_EMPTY = "write `allow_empty: true` under `source` if an empty table is fine"


class RowsPresent(Struct, frozen=True):
    """The table has at least one row, and its metadata count as many as there are."""

    table: str
    place: Location
    allow_empty: bool
    id: str = "rows"
    group: ClassVar[Group] = Group.VALUES
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = True

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), RowCountNeed(self.table), RowsReadNeed(self.table)

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case CouldNotLook(trouble=Trouble.STREAM, reason=reason):
                return _unread(self, reason)
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case TableFacts():
                return _judge_count(self, answers)


def row_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        yield RowsPresent(contract.name, contract.place, contract.allow_empty)


def _judge_count(check: RowsPresent, answers: Answers) -> Verdict:
    match answers[RowCountNeed(check.table)]:
        case CouldNotLook(reason=reason):
            return _unread(check, reason)
        case RowCount() as counted:
            return _judge_rows(check, answers, counted)


def _judge_rows(check: RowsPresent, answers: Answers, counted: RowCount) -> Verdict:
    match answers[RowsReadNeed(check.table)]:
        case CouldNotLook(reason=reason):
            return _unread(check, reason)
        case RowCount(rows=rows) if rows != counted.rows:
            return _disagreeing(check, counted.rows, rows)
        case RowCount() | None if counted.rows == 0:
            return _empty(check, counted.basis)
        case RowCount(basis=basis, fields=fields):
            return Kept(basis, counted.rows, _verified(check, counted.rows, fields))
        case None:
            return Kept(counted.basis, counted.rows)


def _verified(check: RowsPresent, rows: int, fields: int) -> tuple[Finding, ...]:
    if not fields:
        return ()
    observed = f"every page of {number_of(fields, 'field')} read, {number_of(rows, 'row')}"
    promised = "stored data that can be read"
    return (finding(check, FindingCode.DATA_READ, promised, observed),)


def _unread(check: RowsPresent, reason: str) -> Broken:
    """Red, not undecided: whoever could not read the rows points to this check."""
    code = FindingCode.TABLE_UNREADABLE
    return Broken((finding(check, code, "rows that can be read", reason),), Basis.SCAN)


def _disagreeing(check: RowsPresent, counted: int, read: int) -> Broken:
    red = finding(
        check,
        FindingCode.ROW_COUNT_DISAGREES,
        f"count(*) = {counted}, as the engine answers it",
        f"{read} rows read",
        "metadata and data disagree: a data file is damaged, missing or of an unknown layout",
    )
    return Broken((red,), Basis.SCAN, read)


def _empty(check: RowsPresent, basis: Basis) -> Vacuous:
    hint = "" if check.allow_empty else _ALLOW_EMPTY
    found = finding(check, FindingCode.EMPTY_TABLE, "at least one row", "0 rows", hint)
    return Vacuous(found, check.allow_empty, basis)
