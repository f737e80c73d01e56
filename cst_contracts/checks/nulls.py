"""Do the rows hold no null where none is promised?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.field_files import files_promise
from cst_contracts.checks.tolerated import Violations, judge_count
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Cause, Undecided, Vacuous, Verdict
from cst_contracts.checks.wording import counted, finding, some
from cst_contracts.contract.model import (
    Contract,
    FieldContract,
    Severity,
    TableContract,
    Tolerance,
)
from cst_contracts.facts import CouldNotLook, FilesFacts, NullCount, TableFacts, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, FilesNeed, NullsNeed, SchemaNeed

_UNCOUNTABLE = (
    "the session declares it NOT NULL, so that nobody can read its nulls: declare it nullable"
)
_ALLOW_EMPTY = "write `allow_empty: true` on the list or map field if that is fine"


class NoNulls(Struct, frozen=True):
    """A field, or a node below one, is null nowhere, or in few enough of its values.

    `in_every_file`: that a data file lacks the field is red at the field itself, and not once more for the
    nulls that the engine reads in its place.
    """

    table: str
    field: FieldContract
    allow_empty: bool
    id: str
    in_every_file: bool = False
    group: ClassVar[Group] = Group.VALUES
    reads_rows: ClassVar[bool] = True

    @property
    def place(self) -> Location:
        return self.field.place

    @property
    def subject(self) -> str:
        return f"{self.table}.{self.field.path}"

    @property
    def severity(self) -> Severity:
        return self.field.severity

    @property
    def tolerance(self) -> Tolerance:
        return self.field.tolerance

    @property
    def promise(self) -> str:
        most = self.field.max_nulls
        return "no null" if most is None else f"at most {most} null"

    def needs(self) -> tuple[AnyNeed, ...]:
        looks = SchemaNeed(self.table), self._need
        return (*looks, FilesNeed(self.table)) if self.in_every_file else looks

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case TableFacts():
                verdict = _judge(self, answers[self._need])
                if isinstance(verdict, Broken) and self.in_every_file:
                    return _without_files(self, verdict, answers[FilesNeed(self.table)])
                return verdict

    @property
    def _need(self) -> NullsNeed:
        return NullsNeed(self.table, self.field.path, self.tolerance)


def null_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        files = files_promise(contract)
        for field in contract.fields:
            yield from nulls_below(
                contract.name,
                field,
                allow_empty=contract.allow_empty,
                in_every_file=files is not None and files.forbids_missing,
            )


def nulls_below(
    relation: str, field: FieldContract, *, allow_empty: bool, in_every_file: bool = False
) -> Iterator[NoNulls]:
    """Of a field and all nodes below it, those of whose nulls something is promised."""
    if field.promises_values:
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
    return Undecided(
        finding(check, FindingCode.FIELD_MISSING_IN_FILES, check.promise, observed), cause
    )


def _judge(check: NoNulls, answer: NullCount | CouldNotLook) -> Verdict:
    code = FindingCode.NULL_VALUES
    match answer:
        case CouldNotLook() as trouble:
            return _uncounted(check, trouble)
        case NullCount(refusal=str(refusal)) as count:
            hint = "" if check.field.max_nulls is None else _UNCOUNTABLE
            red = finding(check, code, check.promise, f"at least one null: {refusal}", hint)
            return Broken((red,), count.basis, count.rows)
        case NullCount(values=0) as count:
            return _nothing(check, count)
        case NullCount(values=values, nulls=nulls) as count:
            observed = f"{counted(nulls, 'null')} among {values}"
            found = Violations(nulls, values, observed, code, count.samples)
            return judge_count(check, found, count.basis, count.rows)


def _uncounted(check: NoNulls, trouble: CouldNotLook) -> Undecided:
    if trouble.trouble is Trouble.FIELD:
        code, observed = FindingCode.FIELD_MISSING, "no such field to count in"
        cause = Cause(check.table, f"field[{check.field.path}]")
        return Undecided(finding(check, code, check.promise, observed), cause)
    if trouble.trouble is Trouble.PROOF:
        return Undecided(finding(check, FindingCode.PROOF_DISAGREES, check.promise, trouble.reason))
    found = finding(check, FindingCode.TABLE_UNREADABLE, check.promise, trouble.reason)
    return Undecided(found, Cause(check.table, "rows"))


def _nothing(check: NoNulls, count: NullCount) -> Verdict:
    if count.rows == 0 and not check.allow_empty:
        empty = finding(check, FindingCode.EMPTY_TABLE, check.promise, "0 rows to look at")
        return Undecided(empty, Cause(check.table, "rows"))
    observed = f"{count.rows} rows hold no value to look at"
    hint = "" if check.allow_empty else _ALLOW_EMPTY
    found = finding(check, FindingCode.NOTHING_TO_COUNT, check.promise, observed, hint)
    return Vacuous(found, check.allow_empty, count.basis, count.rows)
