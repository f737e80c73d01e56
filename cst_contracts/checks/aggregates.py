"""Is an aggregate true of all rows together, or of each group?"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.row_promise import (
    count_rows,
    other_rows,
    presence,
    unmeasured,
)
from cst_contracts.checks.verdict import Broken, Kept, Undecided, Vacuous, Verdict
from cst_contracts.checks.volatile import volatile_call
from cst_contracts.checks.wording import counted, finding
from cst_contracts.contract.model import AggregateContract, Contract, Severity, TableContract
from cst_contracts.datatypes import child_path
from cst_contracts.facts import AggregateCount, Basis, CouldNotLook, RowGroup, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import (
    AggregateNeed,
    Answers,
    AnyNeed,
    RowCountNeed,
    SchemaNeed,
    SessionNeed,
)

_STORED = "an aggregate is of stored values: compare it with constants"
_EXPRESSION = "write one boolean expression of aggregates, such as count(*) > 0"
_ALLOW_EMPTY = "write `allow_empty: true` at the aggregate if that is fine"


class AggregateHolds(Struct, frozen=True):
    """A boolean expression of aggregates is true of all rows together, or of each group."""

    table: str
    aggregate: AggregateContract
    presence: tuple[str, ...]
    allow_empty: bool
    id: str
    group: ClassVar[Group] = Group.VALUES
    reads_rows: ClassVar[bool] = True

    @property
    def place(self) -> Location:
        return self.aggregate.place

    @property
    def severity(self) -> Severity:
        return self.aggregate.severity

    @property
    def subject(self) -> str:
        return self.table

    @property
    def promise(self) -> str:
        per = f" per {', '.join(self.aggregate.per)}" if self.aggregate.per else ""
        return f"{self.aggregate.sql}{per}"

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(child_path("", name) for name in self.aggregate.per)

    def needs(self) -> tuple[AnyNeed, ...]:
        aggregate = AggregateNeed(self.table, self.aggregate)
        return SchemaNeed(self.table), SessionNeed(), RowCountNeed(self.table), aggregate

    def judge(self, answers: Answers) -> Verdict:
        changing = volatile_call(self.aggregate.sql, answers)
        if changing is not None:
            code, observed = FindingCode.RULE_VOLATILE, f"{changing} gives another value each time"
            return Undecided(finding(self, code, self.promise, observed, _STORED))
        match count_rows(self, answers):
            case int(rows):
                return _judge(self, answers[AggregateNeed(self.table, self.aggregate)], rows)
            case stopped:
                return stopped


def aggregate_checks(contract: Contract) -> Iterator[Check]:
    if not isinstance(contract, TableContract):
        return
    for aggregate in contract.aggregates:
        paths = [child_path("", name) for name in aggregate.per]
        yield AggregateHolds(
            contract.name,
            aggregate,
            presence(contract, paths),
            contract.allow_empty or aggregate.allow_empty,
            f"aggregate[{aggregate.name}]",
        )


def _judge(check: AggregateHolds, answer: AggregateCount | CouldNotLook, rows: int) -> Verdict:
    match answer:
        case CouldNotLook(trouble=Trouble.RULE, reason=reason):
            code = FindingCode.AGGREGATE_UNPLANNED
            return Undecided(finding(check, code, check.promise, reason, _EXPRESSION))
        case CouldNotLook() as trouble:
            return unmeasured(check, trouble)
        case AggregateCount(rows=read) if read != rows:
            return other_rows(check, rows, read)
        case AggregateCount(rows=read, violations=violations) as count if violations:
            told = _told(check, "false", violations, count, count.false)
            red = finding(check, FindingCode.AGGREGATE_VIOLATED, check.promise, told)
            return Broken((red,), Basis.SCAN, read, violations)
        case AggregateCount(unknown=unknown) as count if unknown:
            return _unknown(check, count)
        case AggregateCount(rows=read):
            return Kept(Basis.SCAN, read)


def _unknown(check: AggregateHolds, count: AggregateCount) -> Kept | Vacuous:
    """Nothing was there to aggregate in some group."""
    if check.allow_empty and count.unknown < count.groups:
        return Kept(Basis.SCAN, count.rows)
    told = _told(check, "NULL", count.unknown, count, count.null)
    hint = "" if check.allow_empty else _ALLOW_EMPTY
    found = finding(check, FindingCode.NOTHING_TO_COUNT, check.promise, told, hint)
    return Vacuous(found, check.allow_empty, Basis.SCAN, count.rows)


def _told(
    check: AggregateHolds,
    what: str,
    number: int,
    count: AggregateCount,
    groups: Sequence[RowGroup],
) -> str:
    if not check.aggregate.per:
        values = ", ".join(f"{name} = {value}" for name, value in count.computed)
        return f"{what} for {counted(count.rows, 'row')}{': ' if values else ''}{values}"
    named = [
        f"{', '.join(f'{name}={value}' for name, value in group.values)} "
        f"({counted(group.rows, 'row')})"
        for group in groups
    ]
    more = number - len(named)
    listed = f"{'; '.join(named)}{f' and {more} more' if more else ''}"
    return f"{what} for {number} of {counted(count.groups, 'group')}: {listed}"
