"""Is a view of the contract usable, and does it have the promised fields?"""

from collections.abc import Collection, Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.functions import shadowed
from cst_contracts.checks.output import Output, Part, notes_of, output_of, red_findings
from cst_contracts.checks.reads import Reading, compare_reads
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Undecided,
    Vacuous,
    Verdict,
)
from cst_contracts.checks.view_runs import missing_columns, nothing_made, run_findings, unrun
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import (
    Contract,
    Severity,
    TableContract,
    ViewContract,
)
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    QueryFacts,
    RowCount,
    SessionFacts,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    Answers,
    AnyNeed,
    RowCountNeed,
    SchemaNeed,
    SessionNeed,
    ViewQueryNeed,
    ViewReadsNeed,
    ViewRunNeed,
)


class ViewUsable(Struct, frozen=True):
    """A view can be run over all rows, and is as promised.

    `output` is what the view promises of its own fields. `siblings` are the contract's other views.
    """

    table: str
    view: ViewContract
    output: Output
    siblings: tuple[str, ...]
    id: str
    allow_empty: bool = False
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False  # but those of the view

    @property
    def place(self) -> Location:
        return self.view.place

    @property
    def subject(self) -> str:
        return self.view.name

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.output.parts

    def needs(self) -> tuple[AnyNeed, ...]:
        name = self.view.name
        of_parts = (need for part in self.parts for need in part.needs())
        looks = SchemaNeed(name), ViewQueryNeed(name), SessionNeed(), ViewRunNeed(name, self.view)
        reads = () if self.view.reads is None else (ViewReadsNeed(name),)
        return tuple(dict.fromkeys((*looks, *reads, *of_parts)))

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.view.name)]:
            case CouldNotLook() as trouble:
                return _unusable(self, trouble)
            case TableFacts() as facts:
                return _judge(self, facts, answers)


def view_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        for view in contract.views:
            yield _view_check(contract, view)


def _view_check(contract: TableContract, view: ViewContract) -> ViewUsable:
    return ViewUsable(
        table=contract.name,
        view=view,
        output=output_of(contract, view.name, view.place, view.fields),
        siblings=tuple(other.name for other in contract.views if other is not view),
        id=f"view[{view.name}]",
        allow_empty=contract.allow_empty or view.allow_empty,
    )


def _unusable(check: ViewUsable, trouble: CouldNotLook) -> Verdict:
    """Red for itself; not for the session, nor for a relation that it reads."""
    found = _why_unusable(check, trouble)
    if trouble.relation == check.view.name:
        return Broken((found,), Basis.PLAN)
    return Undecided(found, unusable_cause(check.table, check.siblings, trouble))


def unusable_cause(table: str, views: Collection[str], trouble: CouldNotLook) -> Cause:
    """What is red for a view that could not be looked at; `views` are those of the table's contract."""
    match trouble.relation:
        case str(other) if other in views:
            return Cause(table, f"view[{other}]")
        case other:
            return Cause(other or table, "table")


def _why_unusable(check: ViewUsable, trouble: CouldNotLook) -> Finding:
    match trouble:
        case CouldNotLook(trouble=Trouble.FUNCTION, names=(function, *_), reason=reason):
            promised = f"a function `{function}` in the session"
            hint = "register it where the session is made"
            return finding(check, FindingCode.FUNCTION_MISSING, promised, reason, hint)
        case CouldNotLook(relation=relation, reason=reason):
            code = FindingCode.VIEW_UNUSABLE if relation else FindingCode.SESSION_UNREADABLE
            return finding(check, code, "a view that runs", reason)


def _judge(check: ViewUsable, facts: TableFacts, answers: Answers) -> Verdict:
    verdicts = tuple(part.judge(answers) for part in check.parts)
    findings = (*_shadowed(check, answers), *red_findings(check.parts, verdicts))
    findings = findings or tuple(missing_columns(check.view, facts))
    if findings:
        return Broken(findings, Basis.SCHEMA)
    match _reading(check, answers):
        case CouldNotLook() as trouble:
            return _unusable(check, trouble)
        case Reading(more=more) if more:
            return Broken(more, Basis.PLAN)
        case Reading(less=less):
            return _judge_run(check, verdicts, less, answers)


def _reading(check: ViewUsable, answers: Answers) -> Reading | CouldNotLook:
    if check.view.reads is None:
        return Reading()
    match answers[ViewReadsNeed(check.view.name)]:
        case CouldNotLook() as trouble:
            return trouble
        case scanned:
            return compare_reads(check, check.view.reads, scanned)


def _judge_run(
    check: ViewUsable, verdicts: tuple[Verdict, ...], less: tuple[Finding, ...], answers: Answers
) -> Verdict:
    """Of a view whose schema is as promised, and in which nobody has counted a null."""
    match answers[ViewRunNeed(check.view.name, check.view)]:
        case CouldNotLook() as trouble:
            return Broken((unrun(check.view, trouble),), Basis.SCAN)
        case run:
            findings = tuple(run_findings(check.view, run))
    if findings:
        return Broken(findings, Basis.SCAN)
    undecided = next((each for each in verdicts if isinstance(each, Undecided)), None)
    if undecided is not None:
        return _undecided(check, undecided.finding)
    nothing = nothing_made(check.view, run)
    if nothing is not None and not check.allow_empty and is_empty(check.table, answers):
        return Undecided(nothing, Cause(check.table, "rows"))
    if nothing is not None:
        return Vacuous(nothing, check.allow_empty, Basis.SCAN, run.rows.rows)
    return Kept(Basis.SCAN, run.rows.rows, (*less, *notes_of(verdicts)))


def is_empty(table: str, answers: Answers) -> bool:
    """Whether it is the table that has no row, which its own check tells."""
    match answers.if_asked(RowCountNeed(table)):
        case RowCount(rows=rows):
            return rows == 0
        case CouldNotLook() | None:
            return False


def _undecided(check: ViewUsable, found: Finding) -> Broken | Undecided:
    """A part that nobody could decide, though no other part is broken: rows that could not be read are the
    view's own fault, and for anything else nothing is red."""
    if found.code is not FindingCode.TABLE_UNREADABLE:
        return Undecided(found)
    code, promised = FindingCode.VIEW_UNUSABLE, "rows that can be read"
    return Broken((finding(check, code, promised, found.observed),), Basis.SCAN)


def _shadowed(check: ViewUsable, answers: Answers) -> Iterator[Finding]:
    """What a view calls is promised by the view; nobody has to list it."""
    match answers[SessionNeed()], answers[ViewQueryNeed(check.view.name)]:
        case SessionFacts(shadowed=names), QueryFacts(functions=functions):
            for name in functions:
                if name in names:
                    yield shadowed(check.place, check.view.name, name)
        case _:
            return
