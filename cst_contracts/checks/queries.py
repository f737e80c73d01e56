"""Can readers run a query of the contract, with what it promises, and does it read no more than it says?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.functions import shadowed
from cst_contracts.checks.known import Known
from cst_contracts.checks.output import Output, Part, notes_of, output_of, red_findings
from cst_contracts.checks.reads import compare_reads
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.checks.views import is_empty, unusable_cause
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import (
    Contract,
    FieldContract,
    QueryContract,
    Severity,
    TableContract,
)
from cst_contracts.datatypes import print_type, same_type
from cst_contracts.datatypes.values import family
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    QueryPlan,
    QueryRun,
    RowCount,
    SessionFacts,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    Answers,
    AnyNeed,
    NullsNeed,
    QueryPlanNeed,
    QueryRunNeed,
    RowCountNeed,
    SchemaNeed,
    SessionNeed,
    ValuesNeed,
)

_CAST = "promise that type, or cast in the SQL"
_NO_ROW = "give its parameters an `example` with which it has rows, or write `allow_empty: true` at the query"


class QueryRuns(Struct, frozen=True):
    """A query is planned and run with parameters of the promised types, gives the promised fields, and scans
    no field that it does not name.

    `output` is what it promises of its fields, `views` are the contract's. `handed` are the fields of the
    table whose values may be handed in as parameters.
    """

    table: str
    query: QueryContract
    output: Output
    views: tuple[str, ...]
    handed: tuple[str, ...]
    id: str
    allow_empty: bool = False
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False  # but those that it gives

    @property
    def place(self) -> Location:
        return self.query.place

    @property
    def subject(self) -> str:
        return self.query.name

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.output.parts

    @property
    def plan(self) -> QueryPlanNeed:
        return QueryPlanNeed(self.table, self.query)

    @property
    def run(self) -> QueryRunNeed:
        of_parts = (need for part in self.parts for need in part.needs())
        asked = (need for need in of_parts if isinstance(need, NullsNeed | ValuesNeed))
        return QueryRunNeed(self.table, self.query, tuple(dict.fromkeys(asked)), self.handed)

    def needs(self) -> tuple[AnyNeed, ...]:
        return SessionNeed(), self.plan, self.run

    def judge(self, answers: Answers) -> Verdict:
        match answers[self.plan]:
            case CouldNotLook() as trouble:
                return _unrun(self, trouble, FindingCode.QUERY_UNPLANNED, Basis.PLAN)
            case plan:
                return _judge_plan(self, plan, answers)


def query_checks(contract: Contract) -> Iterator[Check]:
    if not isinstance(contract, TableContract):
        return
    for query in contract.queries:
        yield QueryRuns(
            table=contract.name,
            query=query,
            output=output_of(contract, query.name, query.place, query.fields),
            views=tuple(view.name for view in contract.views),
            handed=tuple(field.name for field in contract.fields if _may_be_handed(field)),
            id=query.subject,
            allow_empty=contract.allow_empty or query.allow_empty,
        )


def _may_be_handed(field: FieldContract) -> bool:
    return not field.sensitive and family(field.type) is not None


def _unrun(check: QueryRuns, trouble: CouldNotLook, code: FindingCode, basis: Basis) -> Verdict:
    """Red for itself; not for the session, nor for a relation that it reads."""
    promised = "a query that is planned" if basis is Basis.PLAN else "a query that runs"
    match trouble:
        case CouldNotLook(trouble=Trouble.FUNCTION, names=(function, *_), reason=reason):
            code, promised = FindingCode.FUNCTION_MISSING, f"a function `{function}` in the session"
            hint = "register it where the session is made"
            return Broken((finding(check, code, promised, reason, hint),), basis)
        case CouldNotLook(relation=check.query.subject, reason=reason):
            return Broken((finding(check, code, promised, reason),), basis)
        case CouldNotLook(relation=None, reason=reason):
            code = FindingCode.SESSION_UNREADABLE
            return Undecided(finding(check, code, promised, reason), Cause(check.table, "table"))
        case CouldNotLook(reason=reason):
            found = finding(check, code, promised, reason)
            return Undecided(found, unusable_cause(check.table, check.views, trouble))


def _judge_plan(check: QueryRuns, plan: QueryPlan, answers: Answers) -> Verdict:
    reading = compare_reads(check, check.query.reads, plan.reads)
    red = (*_shadowed(check, plan, answers), *_other_types(check, plan), *reading.more)
    if red:
        return Broken(red, Basis.PLAN)
    match answers[check.run]:
        case CouldNotLook() as trouble:
            return _unrun(check, trouble, FindingCode.QUERY_FAILED, Basis.SCAN)
        case run:
            return _judge_run(check, run, reading.less, answers)


def _shadowed(check: QueryRuns, plan: QueryPlan, answers: Answers) -> Iterator[Finding]:
    match answers[SessionNeed()]:
        case SessionFacts(shadowed=names):
            for name in plan.functions:
                if name in names:
                    yield shadowed(check.place, check.subject, name)
        case CouldNotLook():
            return  # what can be told of the session, others tell


def _other_types(check: QueryRuns, plan: QueryPlan) -> Iterator[Finding]:
    """Who hands in another type gets rows that are compared by way of a cast, or an error."""
    promised = {each.name: each for each in check.query.parameters}
    for name, taken in plan.parameters:
        parameter = promised.get(name)
        if parameter is not None and not same_type(parameter.type, taken):
            said, seen = f"${name}: {print_type(parameter.type)}", f"taken as {print_type(taken)}"
            subject = f"{check.subject}.${name}"
            yield Finding(FindingCode.PARAMETER_TYPE, parameter.place, subject, said, seen, _CAST)


def _judge_run(
    check: QueryRuns, run: QueryRun, less: tuple[Finding, ...], answers: Answers
) -> Verdict:
    facts = TableFacts(check.subject, "query", run.schema)
    known: dict[AnyNeed, object] = dict(zip(check.run.asked, run.hold, strict=True))
    known[SchemaNeed(check.subject)] = facts
    known[RowCountNeed(check.subject)] = RowCount(run.rows, Basis.SCAN)
    verdicts = tuple(part.judge(Known(known, answers)) for part in check.parts)
    red = tuple(red_findings(check.parts, verdicts))
    if red:
        return Broken(red, Basis.SCAN, run.rows)
    undecided = next((each for each in verdicts if isinstance(each, Undecided)), None)
    if undecided is not None:
        return undecided
    if not run.rows:
        return _empty(check, answers)
    return Kept(Basis.SCAN, run.rows, (*less, *notes_of(verdicts)))


def _empty(check: QueryRuns, answers: Answers) -> Undecided | Vacuous:
    hint = "" if check.allow_empty else _NO_ROW
    found = finding(check, FindingCode.NOTHING_TO_COUNT, "at least one row", "0 rows", hint)
    if not check.allow_empty and is_empty(check.table, answers):
        return Undecided(found, Cause(check.table, "rows"))
    return Vacuous(found, check.allow_empty, Basis.SCAN)
