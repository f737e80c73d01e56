"""Do the rows hold no null where none is promised?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.field_files import files_promise
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Cause, Kept, Undecided, Vacuous, Verdict
from cst_contracts.checks.wording import counted, finding, some
from cst_contracts.contract.model import (
    Contract,
    FieldContract,
    MissingInFiles,
    Severity,
    TableContract,
)
from cst_contracts.facts import CouldNotLook, FilesFacts, NullCount, TableFacts, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, FilesNeed, NullsNeed, SchemaNeed

_PROMISE = "no null"
_ALLOW_EMPTY = "write `allow_empty: true` on the list or map field if that is fine"


class NoNulls(Struct, frozen=True):
    """A field, or a node below one, is null in no row. `in_every_file`: that a data file lacks the field is
    red at the field itself, and not once more for the nulls that the engine reads in its place."""

    table: str
    field: FieldContract
    allow_empty: bool
    id: str
    in_every_file: bool = False
    group: ClassVar[Group] = Group.VALUES
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = True

    @property
    def place(self) -> Location:
        return self.field.place

    @property
    def subject(self) -> str:
        return f"{self.table}.{self.field.path}"

    def needs(self) -> tuple[AnyNeed, ...]:
        looks = SchemaNeed(self.table), NullsNeed(self.table, self.field.path)
        return (*looks, FilesNeed(self.table)) if self.in_every_file else looks

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case TableFacts():
                verdict = _judge(self, answers[NullsNeed(self.table, self.field.path)])
                if isinstance(verdict, Broken) and self.in_every_file:
                    return _without_files(self, verdict, answers[FilesNeed(self.table)])
                return verdict


def null_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        for field in contract.fields:
            yield from nulls_below(
                contract.name,
                field,
                allow_empty=contract.allow_empty,
                in_every_file=files_promise(contract) is MissingInFiles.FORBID,
            )


def nulls_below(
    relation: str, field: FieldContract, *, allow_empty: bool, in_every_file: bool = False
) -> Iterator[NoNulls]:
    """Of a field and all nodes below it, those that are promised to hold no null."""
    if not field.nullable:
        yield NoNulls(relation, field, allow_empty, f"nulls[{field.path}]", in_every_file)
    for child in field.children:
        below = allow_empty or field.allow_empty
        yield from nulls_below(relation, child, allow_empty=below, in_every_file=in_every_file)


def _without_files(check: NoNulls, broken: Broken, files: FilesFacts | CouldNotLook) -> Verdict:
    path = check.field.path
    if isinstance(files, CouldNotLook) or path not in files.lacking:
        return broken
    lacking = files.lacking[path]
    observed = f"{broken.findings[0].observed}; the field is missing in {some(lacking)}"
    own = any(file not in files.strangers for file in lacking)
    cause = Cause(check.table, f"field[{path}]" if own else "fields")
    return Undecided(finding(check, FindingCode.FIELD_MISSING_IN_FILES, _PROMISE, observed), cause)


def _judge(check: NoNulls, answer: NullCount | CouldNotLook) -> Verdict:
    code = FindingCode.NULL_VALUES
    match answer:
        case CouldNotLook() as trouble:
            return _uncounted(check, trouble)
        case NullCount(refusal=str(refusal)) as count:
            red = finding(check, code, _PROMISE, f"at least one null: {refusal}")
            return Broken((red,), count.basis, count.rows)
        case NullCount(nulls=nulls) as count if nulls:
            observed = f"{counted(nulls, 'null')} among {count.values}"
            red = finding(check, code, _PROMISE, observed)
            return Broken((red,), count.basis, count.rows, nulls, count.samples)
        case NullCount(values=0) as count:
            return _nothing(check, count)
        case NullCount() as count:
            return Kept(count.basis, count.rows)


def _uncounted(check: NoNulls, trouble: CouldNotLook) -> Undecided:
    if trouble.trouble is Trouble.FIELD:
        code, observed = FindingCode.FIELD_MISSING, "no such field to count in"
        cause = Cause(check.table, f"field[{check.field.path}]")
        return Undecided(finding(check, code, _PROMISE, observed), cause)
    found = finding(check, FindingCode.TABLE_UNREADABLE, _PROMISE, trouble.reason)
    return Undecided(found, Cause(check.table, "rows"))


def _nothing(check: NoNulls, count: NullCount) -> Verdict:
    if count.rows == 0 and not check.allow_empty:
        empty = finding(check, FindingCode.EMPTY_TABLE, _PROMISE, "0 rows to look at")
        return Undecided(empty, Cause(check.table, "rows"))
    observed = f"{count.rows} rows hold no value to look at"
    hint = "" if check.allow_empty else _ALLOW_EMPTY
    found = finding(check, FindingCode.NOTHING_TO_COUNT, _PROMISE, observed, hint)
    return Vacuous(found, check.allow_empty, count.basis, count.rows)
