"""Is the promised version of a Delta table there?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import VERSION_CHECK, Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.delta.log import unknown_log
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Verdict
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import (
    AsOfTimestamp,
    AsOfVersion,
    Contract,
    Severity,
    SourceContract,
    SourceFormat,
    TableContract,
)
from cst_contracts.facts import Basis, CouldNotLook, DeltaFacts, SourceFacts, TableFacts, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, SchemaNeed, SourceNeed

_LOSSES = {
    Trouble.VERSION_ABSENT: (
        FindingCode.VERSION_MISSING,
        "name a version that `DeltaTable.history()` lists",
    ),
    Trouble.VERSION_VACUUMED: (
        FindingCode.VERSION_VACUUMED,
        "a vacuum removed it; keep files for longer (delta.deletedFileRetentionDuration)",
    ),
    Trouble.VERSION_TOO_OLD: (
        FindingCode.TIME_BEFORE_HISTORY,
        "a commit's time is its log file's, which a copy of the table may have changed",
    ),
}


class VersionRead(Struct, frozen=True):
    """The version that the contract names, by number or by time, can be read."""

    table: str
    as_of: AsOfVersion | AsOfTimestamp
    id: str = VERSION_CHECK
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def place(self) -> Location:
        return self.as_of.place

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), SourceNeed(self.table)

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case CouldNotLook(relation=self.table, trouble=kind, reason=reason) if kind in _LOSSES:
                code, hint = _LOSSES[kind]
                red = finding(self, code, _version_in_words(self), reason, hint)
                return Broken((red,), Basis.SCHEMA)
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case TableFacts(delta=delta):
                return _judge(self, delta, answers)


def _judge(check: VersionRead, delta: DeltaFacts | None, answers: Answers) -> Verdict:
    match answers[SourceNeed(check.table)]:
        case CouldNotLook() as trouble:
            return unreadable(check.place, check.table, trouble)
        case SourceFacts(other_rows=True):
            promised, observed = (
                _version_in_words(check),
                "the session reads no version of the table",
            )
            found = finding(check, FindingCode.SOURCE_DIFFERS, promised, observed)
            return Undecided(found, Cause(check.table, "source"))
        case SourceFacts(promised=int(named), version=int(read)) if read != named:
            observed = f"the session reads version {read}, and not {named}"
            hint = "register the version that `as_of` names, or name the one that is registered"
            red = finding(
                check, FindingCode.SOURCE_DIFFERS, _version_in_words(check), observed, hint
            )
            return Broken((red,), Basis.PLAN)
        case SourceFacts() | None:
            if delta is None:
                return unknown_log(check)
            return Kept(Basis.SCHEMA, notes=tuple(_past_the_last(check, delta)))


def version_checks(contract: Contract) -> Iterator[Check]:
    match contract:
        case TableContract(
            source=SourceContract(
                format=SourceFormat.DELTA, as_of=AsOfVersion() | AsOfTimestamp() as as_of
            )
        ):
            yield VersionRead(contract.name, as_of)
        case _:
            return


def _version_in_words(check: VersionRead) -> str:
    match check.as_of:
        case AsOfVersion(version=version):
            return f"version {version}"
        case AsOfTimestamp(timestamp=timestamp):
            return f"the version of {timestamp.isoformat()}"


def _past_the_last(check: VersionRead, delta: DeltaFacts) -> Iterator[Finding]:
    """Exact for now: the next commit may be before that time, too."""
    match check.as_of, delta.latest_time:
        case AsOfTimestamp(timestamp=named), latest if latest is not None and latest < named:
            observed = f"version {delta.version}, the latest, of {latest.isoformat()}"
            hint = "name the version, to read the same one when there are later ones"
            code, promised = FindingCode.TIME_AFTER_HISTORY, _version_in_words(check)
            yield finding(check, code, promised, observed, hint)
        case _:
            return
