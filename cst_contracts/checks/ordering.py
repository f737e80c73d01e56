"""Does the engine take the promised order up, and does no footer claim another?"""

from collections.abc import Sequence, Set

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import OrderDeclared, OrderPlanned
from cst_contracts.checks.tables import unreadable
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Observation,
    Undecided,
    Verdict,
)
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, OrderingFacts, SortTerm, StoredOrdering, TableFacts


def evaluate_declared_order(check: OrderDeclared, observation: Observation) -> Verdict:
    match observation.table:
        case IntrospectionError() as error:
            return unreadable(check.place, check.table, error)
        case TableFacts(ordering=None | str()) as facts:
            return _unplanned(check, facts)
        case TableFacts(ordering=OrderingFacts() as ordering) as facts:
            partitions = {partition.name for partition in facts.partitions or ()}
            return _absent(check, facts) or _evaluate(check, ordering, partitions)
        case _:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _unplanned(check: OrderDeclared | OrderPlanned, facts: TableFacts) -> Undecided:
    """A table without files has no scan to show an order, and its `rows` tells so."""
    empty = facts.files == 0
    told = facts.ordering if isinstance(facts.ordering, str) else "nobody could ask for it"
    observed = "no file to plan a scan of" if empty else told
    finding = _finding(check, FindingCode.NOT_CHECKABLE, "a plan that shows the order", observed)
    return Undecided(finding, Cause(check.table, "rows") if empty else None)


def _absent(check: OrderDeclared | OrderPlanned, facts: TableFacts) -> Undecided | None:
    """None where all fields of the order are there."""
    answers = zip(check.terms, check.presence, strict=True)
    absent = {term.field: id_ for term, id_ in answers if term.field not in facts.schema.names}
    if not absent:
        return None
    promised, observed = _told(_terms(check)), f"no field {', '.join(absent)}"
    finding = _finding(check, FindingCode.FIELD_MISSING, promised, observed)
    return Undecided(finding, Cause(check.table, next(iter(absent.values()))))


def _finding(
    check: OrderDeclared | OrderPlanned,
    code: FindingCode,
    promised: str,
    observed: str,
    hint: str = "",
) -> Finding:
    return Finding(code, check.place, check.table, promised, observed, hint)


def _terms(check: OrderDeclared | OrderPlanned) -> tuple[SortTerm, ...]:
    return tuple(SortTerm(term.field, term.descending, term.nulls_first) for term in check.terms)


def _told(terms: Sequence[SortTerm]) -> str:
    return ", ".join(map(str, terms)) if terms else "no order"


def _evaluate(check: OrderDeclared, ordering: OrderingFacts, partitions: Set[str]) -> Verdict:
    # A file's rows have one value of each partition field, so those terms say nothing about it.
    promised = tuple(term for term in _terms(check) if term.field not in partitions)
    findings: list[Finding] = []
    if ordering.planned[: len(promised)] != promised:
        findings.append(
            _finding(
                check,
                FindingCode.ORDER_NOT_DECLARED,
                _told(promised),
                f"the plan shows {_told(ordering.planned)}",
                "register the table with this order (file_sort_order)" if ordering.supplied else "",
            )
        )
    findings.extend(
        _finding(
            check,
            FindingCode.ORDER_CONFLICT,
            _told(promised),
            f"{_files(files)} claim{'s' if len(files) == 1 else ''} {_told(terms)} in the footer",
            "the engine trusts that claim; rewrite the files or mend the contract",
        )
        for terms, files in _contradictions(ordering.stored, promised).items()
    )
    return Broken(tuple(findings), Basis.PLAN) if findings else Kept(Basis.PLAN)


def _contradictions(
    stored: Sequence[StoredOrdering], promised: Sequence[SortTerm]
) -> dict[tuple[SortTerm, ...], list[str]]:
    """The files by what they claim instead."""
    found: dict[tuple[SortTerm, ...], list[str]] = {}
    for each in stored:
        if _contradicts(each, promised):
            found.setdefault(each.terms, []).append(each.file)
    return found


def _files(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _contradicts(stored: StoredOrdering, promised: Sequence[SortTerm]) -> bool:
    """Two orders agree where one is the beginning of the other; no claim contradicts nothing."""
    shared = min(len(stored.terms), len(promised))
    return tuple(stored.terms[:shared]) != tuple(promised[:shared])


def evaluate_planned_order(check: OrderPlanned, observation: Observation) -> Verdict:
    match observation.table:
        case IntrospectionError() as error:
            return unreadable(check.place, check.table, error)
        case TableFacts(ordering=OrderingFacts(sorts=sorts, supplied=supplied)) as facts:
            absent = _absent(check, facts)
            if absent is not None or not sorts:
                return absent or Kept(Basis.PLAN)
            query = f"ORDER BY {_told(_terms(check))} sorts nothing"
            hint = "register the table with this order (file_sort_order)" if supplied else ""
            finding = _finding(
                check, FindingCode.ORDER_NOT_USED, query, "the plan has a SortExec", hint
            )
            return Broken((finding,), Basis.PLAN)
        case TableFacts() as facts:
            return _unplanned(check, facts)
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")
