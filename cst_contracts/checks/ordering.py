"""Is the promised order declared to the engine, do the rows stand in it, and does the engine rely on it?"""

from collections.abc import Iterator, Sequence, Set
from typing import ClassVar, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.row_promise import count_rows, other_rows, presence, unmeasured
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Verdict
from cst_contracts.checks.wording import counted, finding, some, sort_order
from cst_contracts.contract.model import (
    Contract,
    OrderingTerm,
    Severity,
    SourceContract,
    TableContract,
)
from cst_contracts.datatypes import child_path
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    OrderingFacts,
    RowOrder,
    SortTerm,
    StoredOrdering,
    TableFacts,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    Answers,
    AnyNeed,
    OrderNeed,
    OrderPlanNeed,
    RowCountNeed,
    SchemaNeed,
)

_REGISTER = "register the table with this order (file_sort_order)"
_OVERLAP = (
    "the engine reads several files a partition, and their ranges overlap or follow in another sequence: "
    "write files that follow each other by name, or promise datafusion.execution.target_partitions of "
    "one a file"
)


class OrderDeclared(Struct, frozen=True):
    """The engine's plan shows the promised order, and no footer claims another.

    `presence` are the ids of the checks that tell whether the terms' fields are there, one a term.
    `measured`: where the promise is broken, the finding says what the rows are like.
    """

    table: str
    terms: tuple[OrderingTerm, ...]
    presence: tuple[str, ...]
    place: Location
    measured: bool = True
    id: str = "order[declared]"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), OrderPlanNeed(self.table, sort_terms(self.terms))

    def judge(self, answers: Answers) -> Verdict:
        match _plan_of(self, answers):
            case (TableFacts() as facts, OrderingFacts() as ordering):
                return _with_rows(self, _declared(self, facts, ordering), answers)
            case Undecided() as undecided:
                return undecided


class OrderMeasured(Struct, frozen=True):
    """The rows of every file stand in the promised order.

    `sensitive`: the values of some field of the order must not be shown.
    """

    table: str
    terms: tuple[OrderingTerm, ...]
    presence: tuple[str, ...]
    place: Location
    allow_empty: bool
    sensitive: bool
    id: str = "order[measured]"
    group: ClassVar[Group] = Group.VALUES
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = True

    @property
    def subject(self) -> str:
        return self.table

    @property
    def promise(self) -> str:
        return f"rows ordered by {', '.join(term.field for term in self.terms)}"

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(child_path("", term.field) for term in self.terms)

    def needs(self) -> tuple[AnyNeed, ...]:
        terms = sort_terms(self.terms)
        looks = SchemaNeed(self.table), OrderPlanNeed(self.table, terms), RowCountNeed(self.table)
        return (*looks, OrderNeed(self.table, terms))

    def judge(self, answers: Answers) -> Verdict:
        match count_rows(self, answers):
            case int(rows):
                order = answers[OrderNeed(self.table, sort_terms(self.terms))]
                return _with_plan(self, _measured(self, order, rows), answers)
            case stopped:
                return stopped


class OrderPlanned(Struct, frozen=True):
    """A query that is sorted by the promised order needs no sort."""

    table: str
    terms: tuple[OrderingTerm, ...]
    presence: tuple[str, ...]
    place: Location
    measured: bool = True
    id: str = "order[plan]"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), OrderPlanNeed(self.table, sort_terms(self.terms))

    def judge(self, answers: Answers) -> Verdict:
        match _plan_of(self, answers):
            case (TableFacts() as facts, OrderingFacts() as ordering):
                return _with_rows(self, _planned(self, facts, ordering), answers)
            case Undecided() as undecided:
                return undecided


PlanCheck: TypeAlias = OrderDeclared | OrderPlanned


def order_checks(contract: Contract) -> Iterator[Check]:
    match contract:
        case TableContract(source=SourceContract(ordered_by=(first, *_)) as source):
            terms, table = source.ordered_by, contract.name
            answering = presence(contract, (child_path("", term.field) for term in terms))
            names = {term.field for term in terms}
            sensitive = any(field.sensitive for field in contract.fields if field.name in names)
            # The rows of an unbounded table come once: nobody reads them for what a plan says.
            measured = not source.unbounded
            yield OrderDeclared(table, terms, answering, first.place, measured)
            allow_empty = source.allow_empty
            yield OrderMeasured(table, terms, answering, first.place, allow_empty, sensitive)
            yield OrderPlanned(table, terms, answering, first.place, measured)
        case _:
            return


def sort_terms(terms: Sequence[OrderingTerm]) -> tuple[SortTerm, ...]:
    return tuple(SortTerm(term.field, term.descending, term.nulls_first) for term in terms)


def _plan_of(check: PlanCheck, answers: Answers) -> tuple[TableFacts, OrderingFacts] | Undecided:
    facts = answers[SchemaNeed(check.table)]
    if isinstance(facts, CouldNotLook):
        return unreadable(check.place, check.table, facts)
    match answers[OrderPlanNeed(check.table, sort_terms(check.terms))]:
        case OrderingFacts() as ordering:
            return facts, ordering
        case CouldNotLook(reason=reason):
            return _unplanned(check, facts, reason)
        case None:
            return _unplanned(check, facts, "nobody could ask for it")


def _unplanned(check: PlanCheck, facts: TableFacts, reason: str) -> Undecided:
    """A table without files has no scan to show an order, and its `rows` is red for that."""
    empty = facts.files == 0
    observed = "no file to plan a scan of" if empty else reason
    found = finding(check, FindingCode.NOT_CHECKABLE, "a plan that shows the order", observed)
    return Undecided(found, Cause(check.table, "rows") if empty else None)


def _absent(check: PlanCheck, facts: TableFacts) -> Undecided | None:
    """None where all fields of the order are there."""
    answering = zip(check.terms, check.presence, strict=True)
    absent = {term.field: id_ for term, id_ in answering if term.field not in facts.schema.names}
    if not absent:
        return None
    promised, observed = sort_order(sort_terms(check.terms)), f"no field {', '.join(absent)}"
    found = finding(check, FindingCode.FIELD_MISSING, promised, observed)
    return Undecided(found, Cause(check.table, next(iter(absent.values()))))


def _declared(check: OrderDeclared, facts: TableFacts, ordering: OrderingFacts) -> Verdict:
    absent = _absent(check, facts)
    if absent is not None:
        return absent
    partitions = {partition.name for partition in facts.partitions or ()}
    findings = tuple(_conflicting(check, ordering, partitions))
    if ordering.refused is not None and not findings:
        return _refused(check, ordering.refused)
    findings = (*(() if ordering.refused else _undeclared(check, ordering, partitions)), *findings)
    return Broken(findings, Basis.PLAN) if findings else Kept(Basis.PLAN)


def _refused(check: PlanCheck, reason: str) -> Undecided:
    """A lying order is registered by nobody who has looked; the rows are red for it."""
    promised, observed = sort_order(sort_terms(check.terms)), f"not registered with it: {reason}"
    found = finding(check, FindingCode.NOT_CHECKABLE, promised, observed)
    return Undecided(found, Cause(check.table, "order[measured]"))


def _in_a_file(check: OrderDeclared, partitions: Set[str]) -> tuple[SortTerm, ...]:
    """A file's rows have one value of each partition field, so those terms say nothing about it."""
    return tuple(term for term in sort_terms(check.terms) if term.field not in partitions)


def _undeclared(
    check: OrderDeclared, ordering: OrderingFacts, partitions: Set[str]
) -> Iterator[Finding]:
    promised = _in_a_file(check, partitions)
    if ordering.planned[: len(promised)] != promised:
        observed = f"the plan shows {sort_order(ordering.planned)}"
        hint = _REGISTER if ordering.supplied else ""
        code = FindingCode.ORDER_NOT_DECLARED
        yield finding(check, code, sort_order(promised), observed, hint)


def _conflicting(
    check: OrderDeclared, ordering: OrderingFacts, partitions: Set[str]
) -> Iterator[Finding]:
    promised = _in_a_file(check, partitions)
    for terms, files in _contradictions(ordering.stored, promised).items():
        claim = "claims" if len(files) == 1 else "claim"
        observed = f"{some(files, most=1)} {claim} {sort_order(terms)} in the footer"
        hint = "the engine trusts that claim; rewrite the files or mend the contract"
        yield finding(check, FindingCode.ORDER_CONFLICT, sort_order(promised), observed, hint)


def _contradictions(
    stored: Sequence[StoredOrdering], promised: Sequence[SortTerm]
) -> dict[tuple[SortTerm, ...], list[str]]:
    """The files by what they claim instead."""
    found: dict[tuple[SortTerm, ...], list[str]] = {}
    for each in stored:
        if _contradicts(each, promised):
            found.setdefault(each.terms, []).append(each.file)
    return found


def _contradicts(stored: StoredOrdering, promised: Sequence[SortTerm]) -> bool:
    """Two orders agree where one is the beginning of the other; no claim contradicts nothing."""
    shared = min(len(stored.terms), len(promised))
    return tuple(stored.terms[:shared]) != tuple(promised[:shared])


def _planned(check: OrderPlanned, facts: TableFacts, ordering: OrderingFacts) -> Verdict:
    absent = _absent(check, facts)
    if absent is not None:
        return absent
    if ordering.refused is not None:
        return _refused(check, ordering.refused)
    if not ordering.sorts:
        return Kept(Basis.PLAN)
    promised = f"ORDER BY {sort_order(sort_terms(check.terms))} sorts nothing"
    hint = _REGISTER if ordering.supplied else _OVERLAP
    code = FindingCode.ORDER_NOT_USED
    return Broken((finding(check, code, promised, "the plan has a SortExec", hint),), Basis.PLAN)


def _measured(check: OrderMeasured, answer: RowOrder | CouldNotLook, rows: int) -> Verdict:
    match answer:
        case CouldNotLook() as trouble:
            return unmeasured(check, trouble)
        case RowOrder(rows=read) if read != rows:
            return other_rows(check, rows, read)
        case RowOrder(rows=read, violations=violations) as order if violations:
            first = order.examples[0]
            shown = "" if check.sensitive else f": {first.second} after {first.first}"
            where = f"first in {first.file}, row {first.row}{shown}"
            observed = f"{counted(violations, 'row')} out of order; {where}"
            red = finding(check, FindingCode.ROWS_OUT_OF_ORDER, check.promise, observed)
            return Broken((red,), order.basis, read, violations, order.samples)
        case RowOrder(rows=read, basis=basis):
            return Kept(basis, read)


def _with_rows(check: PlanCheck, verdict: Verdict, answers: Answers) -> Verdict:
    """Where the plan breaks the promise: with what the rows are like, if this run measures them anyway."""
    if not check.measured or not isinstance(verdict, Broken):
        return verdict
    match answers.if_asked(OrderNeed(check.table, sort_terms(check.terms))):
        case RowOrder() as order:
            return _citing(verdict, f"measured: {_rows_in_words(order)}")
        case CouldNotLook() | None:
            return verdict


def _with_plan(check: OrderMeasured, verdict: Verdict, answers: Answers) -> Verdict:
    """Where the rows break the promise: with what plan and footers claim."""
    if not isinstance(verdict, Broken):
        return verdict
    match answers[OrderPlanNeed(check.table, sort_terms(check.terms))]:
        case OrderingFacts() as ordering:
            return _citing(verdict, f"declared: {_claims_in_words(ordering)}")
        case CouldNotLook() | None:
            return verdict


def _citing(broken: Broken, other_side: str) -> Broken:
    first, *more = broken.findings
    observed = f"{first.observed}; {other_side}"
    return replace(broken, findings=(replace(first, observed=observed), *more))


def _claims_in_words(ordering: OrderingFacts) -> str:
    claimed = sorted({sort_order(each.terms) for each in ordering.stored if each.terms})
    footers = f", footers claim {' and '.join(claimed)}" if claimed else ""
    return f"the plan shows {sort_order(ordering.planned)}{footers}"


def _rows_in_words(order: RowOrder) -> str:
    """Without values, which may be sensitive."""
    if not order.violations:
        return f"all of {order.rows} rows are in the promised order"
    first = f", first in {order.examples[0].file}" if order.examples else ""
    return f"{order.violations} of {order.rows} rows are out of the promised order{first}"
