"""Is the table there, and can the engine read its schema?"""

import json
from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import INVALID_CHECK, Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Verdict
from cst_contracts.checks.wording import finding, some, sort_order
from cst_contracts.contract.model import Contract, Severity, TableContract
from cst_contracts.facts import (
    FIELD_TROUBLES,
    VERSION_TROUBLES,
    Basis,
    CouldNotLook,
    DeclaredFacts,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, DeclaredNeed, SchemaNeed

_NOT_THERE = {
    Trouble.MISSING: (
        FindingCode.TABLE_MISSING,
        "check `source`, the lake root (--lake, pytest's --cst-lake), or the session that the project "
        "supplies",
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
_HINTS = {
    Trouble.ENGINE: "the cause is in the engine's words; the other tables were still checked",
    Trouble.EMPTY_FILE: "write the file again, or delete it: the engine would read it as one without rows",
    Trouble.FILE_GONE: "bring the file back, or take it out of the log: `DeltaTable(…).repair()` in Python",
    Trouble.LAYOUT: "move them to where the other files lie, or out of the table's folder",
}


class Promised(Struct, frozen=True):
    """What a contract promises of that which a registration may declare."""

    not_null: frozenset[str] = frozenset()
    keys: frozenset[frozenset[str]] = frozenset()
    ordered: bool = False


_UNREAD = (
    "the engine reads names with the format's ending, in the folder and in folders `key=value`; move or "
    "rename the files, or name them under `ignore` of `source`"
)
_IGNORED = "move the files out of the table's folder, or take the pattern out of `ignore`"


class TablePresent(Struct, frozen=True):
    """The table is there and the engine can read its schema."""

    table: str
    place: Location
    promised: Promised = Promised()
    id: str = "table"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), DeclaredNeed(self.table)

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case TableFacts() as facts:
                findings = tuple(_other_files(self, facts))
                if findings:
                    return Broken(findings, Basis.SCHEMA)
                notes = (*_delimiter(self, facts), *_unpromised(self, answers))
                return Kept(Basis.SCHEMA, notes=notes)
            case CouldNotLook() as trouble:
                return _not_there(self, trouble)


def table_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        yield TablePresent(contract.name, contract.place, _promised(contract))


def _promised(contract: TableContract) -> Promised:
    """Partition fields are never null to the engine, so that nobody need promise it."""
    fields = {field.name for field in contract.fields if not field.nullable}
    partitions = () if contract.source is None else contract.source.partitioned_by
    return Promised(
        not_null=frozenset((*fields, *(each.name for each in partitions))),
        keys=frozenset(frozenset(key.fields) for key in contract.keys),
        ordered=bool(contract.source and contract.source.ordered_by),
    )


def _delimiter(check: TablePresent, facts: TableFacts) -> Iterator[Finding]:
    """A note for who reads the files without this contract's help."""
    if facts.delimiter is not None:
        told = json.dumps(facts.delimiter)
        hint = f"write `options: {{delimiter: {told}}}` below `source`"
        observed = f"the header splits into the promised names at {told}"
        code = FindingCode.DELIMITER_FOUND
        yield finding(check, code, "a delimiter that the contract names", observed, hint)


def _unpromised(check: TablePresent, answers: Answers) -> Iterator[Finding]:
    """Notes on what the project's registration declares and nobody promised, so that nobody measures it."""
    declared = answers[DeclaredNeed(check.table)]
    if not isinstance(declared, DeclaredFacts):
        return  # the table could be looked at: what stands in the way is told by whoever needs its plan
    promised = check.promised
    not_null = [name for name in declared.not_null if name not in promised.not_null]
    keys = [key for key in declared.unique if frozenset(key) not in promised.keys]
    orders = [] if promised.ordered else list(declared.orders)
    told = [
        *([f"NOT NULL of {some(not_null)}"] if not_null else ()),
        *(f"that {', '.join(key)} is unique" for key in keys),
        *(f"the order {sort_order(terms)}" for terms in orders),
    ]
    if told:
        hint = "promise it, so that it is measured, or leave it out where the table is registered"
        observed = f"the session believes {'; '.join(told)}, and answers by it"
        code = FindingCode.DECLARED_UNPROMISED
        yield finding(check, code, "nothing declared that nobody promises", observed, hint)


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
        case CouldNotLook(trouble=kind) if kind in VERSION_TROUBLES | FIELD_TROUBLES:
            return unreadable(check.place, check.table, trouble)
        case CouldNotLook():
            return Broken((_absent(check, trouble),), Basis.SCHEMA)


def _absent(check: TablePresent, trouble: CouldNotLook) -> Finding:
    unreadable = FindingCode.TABLE_UNREADABLE, _HINTS.get(trouble.trouble, "")
    code, hint = _NOT_THERE.get(trouble.trouble, unreadable)
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
