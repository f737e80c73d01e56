"""Is what was observed of a table or a session what was accepted as its snapshot?"""

from collections.abc import Iterator, Mapping
from typing import ClassVar, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.functions import shadowed
from cst_contracts.checks.ordering import sort_terms
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Cause, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.checks.views import unusable_cause
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import (
    Contract,
    EvolutionContract,
    QueryContract,
    SessionContract,
    Severity,
    TableContract,
)
from cst_contracts.drift.changes import diff
from cst_contracts.drift.codec import decode, encode
from cst_contracts.drift.evolution import is_red
from cst_contracts.drift.snapshot import (
    SeenRelation,
    Snapshot,
    TableSnapshot,
    session_snapshot,
    table_snapshot,
)
from cst_contracts.drift.telling import tell
from cst_contracts.errors import SnapshotError
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    FieldDiagnostic,
    OrderingFacts,
    QueryPlan,
    SessionFacts,
    SnapshotComparison,
    SnapshotMatch,
    SortTerm,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    Answers,
    AnyNeed,
    DiagnosticsNeed,
    OrderPlanNeed,
    QueryPlanNeed,
    SchemaNeed,
    SessionNeed,
    SnapshotNeed,
    SnapshotsKeptNeed,
    ViewQueryNeed,
)

_UPDATE = "run pytest with --snapshot-update, and commit the file"


class SchemaSnapshot(Struct, frozen=True):
    """A table, and the views and readers' queries of its contract, are what was accepted before.

    `contract` is the file that the snapshot belongs to. `views` are the names of the contract's own, `terms`
    its promised order.
    """

    table: str
    place: Location
    contract: str
    views: tuple[str, ...] = ()
    terms: tuple[SortTerm, ...] = ()
    evolution: EvolutionContract | None = None
    queries: tuple[QueryContract, ...] = ()
    id: str = "snapshot[schema]"
    group: ClassVar[Group] = Group.SNAPSHOT
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = True

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        order = (OrderPlanNeed(self.table, self.terms),) if self.terms else ()
        relations = (self.table, *self.views)
        looks = (need for name in relations for need in (SchemaNeed(name), ViewQueryNeed(name)))
        plans = (QueryPlanNeed(self.table, query) for query in self.queries)
        return (*looks, *order, *plans, SnapshotsKeptNeed(), DiagnosticsNeed(self.table))

    def judge(self, answers: Answers) -> Verdict:
        match _relation(self.table, answers):
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case SeenRelation() as seen:
                return _judge_views(self, seen, answers)


class FunctionsSnapshot(Struct, frozen=True):
    """The functions of the session, and those of its settings that left their defaults, are as accepted."""

    place: Location
    contract: str
    evolution: EvolutionContract | None = None
    id: str = "snapshot[functions]"
    group: ClassVar[Group] = Group.SNAPSHOT
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        return "the session"

    def needs(self) -> tuple[AnyNeed, ...]:
        return (SessionNeed(),)

    def judge(self, answers: Answers) -> Verdict:
        match answers[SessionNeed()]:
            case CouldNotLook(reason=reason):
                code = FindingCode.SESSION_UNREADABLE
                return Undecided(finding(self, code, "a session", reason))
            case SessionFacts() as session:
                verdict = _compare(self, session_snapshot(session), answers)
                return _with_shadowed(self, session, verdict)


SnapshotCheck: TypeAlias = SchemaSnapshot | FunctionsSnapshot


def snapshot_checks(contract: Contract) -> Iterator[Check]:
    match contract:
        case TableContract(source=source):
            # A view of an unbounded table would read rows that come only once: no snapshot has it.
            endless = source is not None and source.unbounded
            views = () if endless else tuple(view.name for view in contract.views)
            queries = () if endless else contract.queries
            terms = () if source is None else sort_terms(source.ordered_by)
            place, file, evolution = contract.place, contract.file, contract.evolution
            yield SchemaSnapshot(contract.name, place, file, views, terms, evolution, queries)
        case SessionContract():
            yield FunctionsSnapshot(contract.place, contract.file, contract.evolution)


def _relation(name: str, answers: Answers) -> SeenRelation | CouldNotLook:
    facts = answers[SchemaNeed(name)]
    if isinstance(facts, CouldNotLook):
        return facts
    query = answers[ViewQueryNeed(name)]
    return query if isinstance(query, CouldNotLook) else SeenRelation(facts, query)


def _judge_views(check: SchemaSnapshot, table: SeenRelation, answers: Answers) -> Verdict:
    """One view that cannot be looked at is enough: without it, it would look like one that was taken out."""
    views: list[SeenRelation] = []
    for name in check.views:
        match _relation(name, answers):
            case CouldNotLook() as trouble:
                code, cause = FindingCode.VIEW_UNUSABLE, trouble.reason
                found = finding(check, code, "views that run", cause)
                return Undecided(found, unusable_cause(check.table, check.views, trouble))
            case SeenRelation() as seen:
                views.append(seen)
    ordering, diagnostics = _ordering(check, answers), _diagnostics(check, answers)
    plans = _plans(check, answers)
    if isinstance(plans, Undecided):
        return plans
    match table_snapshot(replace(table, ordering=ordering, diagnostics=diagnostics), views, plans):
        case CouldNotLook(reason=reason):
            code, promised = FindingCode.TABLE_UNREADABLE, "a schema whose nodes can be told apart"
            return Undecided(finding(check, code, promised, reason))
        case TableSnapshot() as observed:
            return _compare(check, observed, answers)


def _plans(check: SchemaSnapshot, answers: Answers) -> Mapping[str, QueryPlan] | Undecided:
    """One query that cannot be planned is enough, as of views."""
    plans: dict[str, QueryPlan] = {}
    for query in check.queries:
        match answers[QueryPlanNeed(check.table, query)]:
            case CouldNotLook(reason=reason):
                code = FindingCode.QUERY_UNPLANNED
                found = finding(check, code, "queries that can be planned", reason)
                return Undecided(found, Cause(check.table, f"query[{query.name}]"))
            case QueryPlan() as plan:
                plans[query.name] = plan
    return plans


def _ordering(check: SchemaSnapshot, answers: Answers) -> OrderingFacts | None:
    """A table whose order nobody can tell counts as one that has none."""
    if not check.terms:
        return None
    match answers[OrderPlanNeed(check.table, check.terms)]:
        case OrderingFacts() as ordering:
            return ordering
        case CouldNotLook() | None:
            return None


def _diagnostics(check: SchemaSnapshot, answers: Answers) -> tuple[FieldDiagnostic, ...]:
    """None where no snapshot is compared, and where the engine cannot say: the snapshot then differs."""
    if answers[SnapshotsKeptNeed()] is not True:
        return ()
    match answers[DiagnosticsNeed(check.table)]:
        case CouldNotLook():
            return ()
        case diagnostics:
            return diagnostics


def _compare(check: SnapshotCheck, observed: Snapshot, answers: Answers) -> Verdict:
    match answers[SnapshotNeed(check.contract, encode(observed))]:
        case CouldNotLook(reason=reason, location=location):
            return _unreadable(check, location or "the snapshot", reason)
        case SnapshotComparison() as comparison:
            return _judge(check, comparison, observed)


def _judge(check: SnapshotCheck, comparison: SnapshotComparison, observed: Snapshot) -> Verdict:
    code = FindingCode.SNAPSHOT_MISSING
    match comparison.match:
        case SnapshotMatch.SAME | SnapshotMatch.WRITTEN:
            return Kept(Basis.SCHEMA)
        case SnapshotMatch.NOT_KEPT:
            promised, seen = "an accepted snapshot", "this project has no snapshot folder"
            found = finding(check, code, promised, seen, _UPDATE)
            return Vacuous(found, allowed=True, basis=Basis.SCHEMA, rows=None)
        case SnapshotMatch.MISSING:
            promised = f"an accepted snapshot {comparison.file}"
            return Broken((finding(check, code, promised, "there is none", _UPDATE),), Basis.SCHEMA)
        case SnapshotMatch.DIFFERENT:
            return _judge_changes(check, comparison, observed)


def _judge_changes(
    check: SnapshotCheck, comparison: SnapshotComparison, observed: Snapshot
) -> Verdict:
    file = comparison.file
    try:
        changes = diff(decode(comparison.before or "", file), observed)
    except SnapshotError as error:
        return _unreadable(check, file, str(error))
    code = FindingCode.SNAPSHOT_DIFFERS
    if (
        not changes
    ):  # edited or formatted: nothing drifted, and the next update would still touch it
        promised, seen = f"{file} as this version writes it", "the same facts in another spelling"
        return Broken((finding(check, code, promised, seen, _UPDATE),), Basis.SCHEMA)
    red = [change for change in changes if is_red(change, check.evolution)]
    allowed = [change for change in changes if not is_red(change, check.evolution)]
    told = tuple(
        finding(check, code, f"as in {file}", f"{line}, which `evolution` allows", _UPDATE)
        for line in tell(allowed)
    )
    if not red:
        return Kept(Basis.SCHEMA, notes=told)
    lines = (finding(check, code, f"as in {file}", line, _UPDATE) for line in tell(red))
    return Broken((*lines, *told), Basis.SCHEMA, violations=len(red))


def _unreadable(check: SnapshotCheck, file: str, reason: str) -> Undecided:
    code = FindingCode.SNAPSHOT_UNREADABLE
    return Undecided(finding(check, code, f"{file} can be compared", reason))


def _with_shadowed(check: FunctionsSnapshot, session: SessionFacts, verdict: Verdict) -> Verdict:
    """Where nobody promises the function, this is the check that tells."""
    if not session.shadowed:
        return verdict
    note = shadowed(check.place, check.subject, *session.shadowed)
    match verdict:
        case Kept(notes=notes):
            return replace(verdict, notes=(*notes, note))
        case Vacuous(finding=found):
            observed = f"{found.observed}; {note.observed}"
            return replace(verdict, finding=replace(found, observed=observed))
        case Broken() | Undecided() | Waived():
            return verdict
