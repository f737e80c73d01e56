"""Is the table there, and can the engine read its schema?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import INVALID_CHECK, Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Verdict
from cst_contracts.checks.wording import finding, some
from cst_contracts.contract.model import Contract, Severity, TableContract
from cst_contracts.facts import VERSION_TROUBLES, Basis, CouldNotLook, TableFacts, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, SchemaNeed

_NOT_THERE = {
    Trouble.MISSING: (
        FindingCode.TABLE_MISSING,
        "check `source`, the lake root (--cst-lake), or the session that the project supplies",
    ),
    Trouble.DELTA_FOLDER: (
        FindingCode.DELTA_READ_AS_PARQUET,
        "write `format: delta` under `source`",
    ),
    Trouble.FEATURE: (
        FindingCode.FEATURE_UNSUPPORTED,
        "have the table written without it, or read it with an engine that knows it",
    ),
}
_NOT_THERE[Trouble.UNDEFINED] = _NOT_THERE[Trouble.MISSING]
_UNREADABLE = (
    FindingCode.TABLE_UNREADABLE,
    "the cause is in the engine's words; the other tables were still checked",
)


_UNREAD = (
    "the engine reads names with the format's ending, in the folder and in folders `key=value`; move or "
    "rename the files, or name them under `ignore` of `source`"
)
_IGNORED = "move the files out of the table's folder, or take the pattern out of `ignore`"


class TablePresent(Struct, frozen=True):
    """The table is there and the engine can read its schema."""

    table: str
    place: Location
    id: str = "table"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return (SchemaNeed(self.table),)

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case TableFacts() as facts:
                findings = tuple(_other_files(self, facts))
                return Broken(findings, Basis.SCHEMA) if findings else Kept(Basis.SCHEMA)
            case CouldNotLook() as trouble:
                return _not_there(self, trouble)


def table_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        yield TablePresent(contract.name, contract.place)


def _not_there(check: TablePresent, trouble: CouldNotLook) -> Verdict:
    """Red for the table itself; not for the session, another table or a version, which are red elsewhere."""
    match trouble:
        case CouldNotLook(relation=None, reason=reason):
            promised, hint = "a session to look at", "see the cause; no table can be checked before"
            code = FindingCode.SESSION_UNREADABLE
            return Undecided(finding(check, code, promised, reason, hint))
        case CouldNotLook(relation=relation) if relation != check.table:
            return unreadable(check.place, check.table, trouble)
        case CouldNotLook(trouble=Trouble.UNDEFINED, names=(file, *_)):
            return Undecided(_absent(check, trouble), Cause(file, INVALID_CHECK))
        case CouldNotLook(trouble=kind) if kind in VERSION_TROUBLES:
            return unreadable(check.place, check.table, trouble)
        case CouldNotLook():
            return Broken((_absent(check, trouble),), Basis.SCHEMA)


def _absent(check: TablePresent, trouble: CouldNotLook) -> Finding:
    code, hint = _NOT_THERE.get(trouble.trouble, _UNREADABLE)
    where = f" at {trouble.location}" if trouble.location else ""
    promised = f"a table that the engine can read{where}"
    return finding(check, code, promised, trouble.reason, hint)


def _other_files(check: TablePresent, facts: TableFacts) -> Iterator[Finding]:
    """Rows that somebody has written and nobody reads, and rows that are read and were not to be."""
    if facts.skipped:
        observed = describe_skipped(facts.skipped)
        code, promised = FindingCode.FILES_UNREAD, "every data file of the folder is read"
        yield finding(check, code, promised, observed, _UNREAD)
    if facts.ignored:
        observed = f"the engine reads {some(facts.ignored)}"
        code, promised = FindingCode.FILES_IGNORED, "files of `ignore` are left unread"
        yield finding(check, code, promised, observed, _IGNORED)


def describe_skipped(files: tuple[str, ...]) -> str:
    return f"nobody reads {some(files)}"
