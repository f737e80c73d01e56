"""Is the newest row as young as promised?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.row_promise import count_rows, nothing_to_count, presence, unmeasured
from cst_contracts.checks.verdict import Broken, Kept, Undecided, Verdict
from cst_contracts.checks.wording import finding
from cst_contracts.contract.clauses.freshness import FreshnessContract, zone_of
from cst_contracts.contract.model import Contract, Severity, TableContract
from cst_contracts.datatypes import child_path
from cst_contracts.facts import Basis, CouldNotLook, NewestValue
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, NewestNeed, NowNeed, RowCountNeed, SchemaNeed


class RowsFresh(Struct, frozen=True):
    """The newest value of a field of times is no older than promised. What lies in the future is young."""

    table: str
    freshness: FreshnessContract
    presence: tuple[str, ...]
    allow_empty: bool
    id: str
    group: ClassVar[Group] = Group.VALUES
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = True

    @property
    def place(self) -> Location:
        return self.freshness.place

    @property
    def subject(self) -> str:
        return f"{self.table}.{self.freshness.field}"

    @property
    def promise(self) -> str:
        return f"a row of the last {self.freshness.span}"

    @property
    def paths(self) -> tuple[str, ...]:
        return (child_path("", self.freshness.field),)

    def needs(self) -> tuple[AnyNeed, ...]:
        newest = NewestNeed(self.table, self.freshness.field)
        return SchemaNeed(self.table), RowCountNeed(self.table), newest, NowNeed()

    def judge(self, answers: Answers) -> Verdict:
        match count_rows(self, answers):
            case int():
                newest = answers[NewestNeed(self.table, self.freshness.field)]
            case stopped:
                return stopped
        match newest, answers[NowNeed()]:
            case (CouldNotLook() as trouble, _) | (_, CouldNotLook() as trouble):
                return unmeasured(self, trouble)
            case NewestValue() as found, now:
                return _judge(self, found, now)


def freshness_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract) and contract.freshness is not None:
        promised = contract.freshness
        path = child_path("", promised.field)
        yield RowsFresh(
            contract.name,
            promised,
            presence(contract, (path,)),
            contract.allow_empty,
            f"freshness[{promised.field}]",
        )


def _judge(check: RowsFresh, found: NewestValue, now: datetime) -> Verdict:
    newest, zone = found.value, zone_of(check.freshness)
    if newest is None:
        return nothing_to_count(check, f"no value of {check.freshness.field}")
    if newest.tzinfo is None and zone is None:
        what = f"the times of {check.freshness.field} have no zone"
        hint = "write `zone: UTC` under `freshness`, or the zone that they are meant in"
        return Undecided(finding(check, FindingCode.NOT_CHECKABLE, check.promise, what, hint))
    moment = newest if newest.tzinfo is not None else newest.replace(tzinfo=zone)
    age = now - moment
    if age <= check.freshness.within:
        return Kept(Basis.SCAN, found.rows)
    observed = f"the newest is of {moment.astimezone(UTC).isoformat()}, {_told(age)} ago"
    hint = "see why nothing was written since; `within` is the longest age that is fine"
    red = finding(check, FindingCode.ROWS_STALE, check.promise, observed, hint)
    return Broken((red,), Basis.SCAN, found.rows)


def _told(age: timedelta) -> str:
    hours, seconds = divmod(int(age.total_seconds()), 3600)
    if hours >= 48:
        return f"{hours // 24} days"
    return f"{hours} h {seconds // 60} min" if hours else f"{seconds // 60} min"
