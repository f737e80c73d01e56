"""Are keys unique, do references exist, do rules hold, and do the stored rows stand in order?"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import KeyUnique, OrderMeasured, ReferencesExist, RuleHolds
from cst_contracts.checks.tables import unreadable
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Observation,
    Undecided,
    Vacuous,
    Verdict,
)
from cst_contracts.datatypes import child_path, find_node
from cst_contracts.errors import FieldMissing, IntrospectionError, ReferenceTypes, UnplannedRule
from cst_contracts.facts import Basis, KeyCount, ReferenceCount, RowOrder, RuleCount, TableFacts

RowCheck: TypeAlias = KeyUnique | ReferencesExist | RuleHolds | OrderMeasured


def evaluate_key(check: KeyUnique, observation: Observation) -> Verdict:
    stopped = _stopped(check, observation, _answers(check.key.fields, check.presence))
    if stopped is not None:
        return stopped
    in_lists = any(mark in path for path in check.key.fields for mark in ("[]", "{}"))
    match observation.measured:
        case KeyCount(rows=rows, nulls=nulls) if not in_lists and rows + nulls != observation.rows:
            return _other_rows(check, observation.rows, rows + nulls)
        case KeyCount(rows=0):
            return _nothing(check, "no key without a null")
        case KeyCount(rows=rows, duplicates=duplicates) as count if duplicates:
            observed = f"{duplicates} more row{_s(duplicates)} than keys, of {rows}"
            finding = _finding(check, FindingCode.DUPLICATE_KEYS, _told(check), observed)
            findings = (finding, *_null_keys(check, count))
            return Broken(findings, Basis.SCAN, rows, duplicates, count.samples)
        case KeyCount(rows=rows) as count:
            return Kept(Basis.SCAN, rows, notes=_null_keys(check, count))
        case _:
            raise _unlooked(check)


def evaluate_reference(check: ReferencesExist, observation: Observation) -> Verdict:
    stopped = _stopped(check, observation, _answers(check.reference.fields, check.presence))
    if stopped is not None:
        return stopped
    match observation.measured:
        case ReferenceCount(rows=0):
            return _nothing(check, "no reference without a null")
        case ReferenceCount(rows=rows, dangling=dangling, samples=samples) if dangling:
            observed = f"{dangling} of {rows} reference{_s(rows)} dangle"
            finding = _finding(check, FindingCode.DANGLING_REFERENCES, _told(check), observed)
            return Broken((finding,), Basis.SCAN, rows, dangling, samples)
        case ReferenceCount(rows=rows):
            return Kept(Basis.SCAN, rows)
        case _:
            raise _unlooked(check)


def evaluate_rule(check: RuleHolds, observation: Observation) -> Verdict:
    if isinstance(observation.measured, UnplannedRule):
        hint = "write one boolean expression over the table's fields, as in SQL CHECK"
        cause = observation.measured.cause
        return Undecided(_finding(check, FindingCode.RULE_UNPLANNED, check.rule.sql, cause, hint))
    stopped = _stopped(check, observation, {})
    if stopped is not None:
        return stopped
    match observation.measured:
        case RuleCount(rows=rows) if rows != observation.rows:
            return _other_rows(check, observation.rows, rows)
        case RuleCount(rows=rows, violations=violations, samples=samples) if violations:
            finding = _finding(
                check,
                FindingCode.RULE_VIOLATED,
                check.rule.sql,
                f"false for {violations} of {rows} rows",
            )
            return Broken((finding,), Basis.SCAN, rows, violations, samples)
        case RuleCount(rows=rows):
            return Kept(Basis.SCAN, rows)
        case _:
            raise _unlooked(check)


def evaluate_measured_order(check: OrderMeasured, observation: Observation) -> Verdict:
    names = [child_path("", term.field) for term in check.terms]
    stopped = _stopped(check, observation, _answers(names, check.presence))
    if stopped is not None:
        return stopped
    match observation.measured:
        case RowOrder(rows=rows) if rows != observation.rows:
            return _other_rows(check, observation.rows, rows)
        case RowOrder(rows=rows, violations=violations, examples=examples) as order if violations:
            first = examples[0]
            shown = "" if check.sensitive else f": {first.second} after {first.first}"
            observed = (
                f"{violations} row{_s(violations)} out of order; "
                f"first in {first.file}, row {first.row}{shown}"
            )
            finding = _finding(check, FindingCode.ROWS_OUT_OF_ORDER, _told(check), observed)
            return Broken((finding,), order.basis, rows, violations, order.samples)
        case RowOrder(rows=rows, basis=basis):
            return Kept(basis, rows)
        case _:
            raise _unlooked(check)


def _answers(paths: Sequence[str], presence: Sequence[str]) -> dict[str, str]:
    """By path, the check that answers for its being there."""
    return dict(zip(paths, presence, strict=True))


def _stopped(
    check: RowCheck, observation: Observation, presence: Mapping[str, str]
) -> Undecided | Vacuous | None:
    """Where the table, a field or the reading of rows stands in the way, and says so elsewhere."""
    match observation.table:
        case IntrospectionError() as error:
            return unreadable(check.place, check.table, error)
        case TableFacts(schema=schema):
            absent = next((path for path in presence if find_node(schema, path) is None), None)
            if absent is not None:
                finding = _finding(check, FindingCode.FIELD_MISSING, _told(check), f"no {absent}")
                return Undecided(finding, Cause(check.table, presence[absent]))
        case None:
            raise _unlooked(check)
    if observation.table.rows == 0:
        finding = _finding(check, FindingCode.EMPTY_TABLE, _told(check), "0 rows to look at")
        if check.allow_empty:
            return Vacuous(finding, allowed=True, basis=Basis.SCAN)
        return Undecided(finding, Cause(check.table, "rows"))
    match observation.measured, observation.values:
        case IntrospectionError(table=str(other)) as error, _ if other != check.table:
            return unreadable(check.place, check.table, error)
        case IntrospectionError() as error, _:
            return Undecided(_finding(check, _code_of(error), _told(check), error.cause))
        case None, IntrospectionError() as error:
            finding = _finding(check, FindingCode.TABLE_UNREADABLE, _told(check), error.cause)
            return Undecided(finding, Cause(check.table, "rows"))
        case _:
            return None


def _code_of(error: IntrospectionError) -> FindingCode:
    match error:
        case FieldMissing():
            return FindingCode.FIELD_MISSING
        case ReferenceTypes():
            return FindingCode.REFERENCE_TYPES
        case _:
            return FindingCode.TABLE_UNREADABLE


def _nothing(check: RowCheck, observed: str) -> Vacuous:
    finding = _finding(check, FindingCode.NOTHING_TO_COUNT, _told(check), observed)
    return Vacuous(finding, check.allow_empty, Basis.SCAN)


def _other_rows(check: RowCheck, counted: int | None, read: int) -> Broken:
    """The session's table and what is stored, or metadata and data, are not the same rows."""
    finding = _finding(
        check,
        FindingCode.ROW_COUNT_DISAGREES,
        f"{read} rows read",
        f"the session counts {counted}",
        "the session reads other files than `source` names, or metadata and data disagree",
    )
    return Broken((finding,), Basis.SCAN, read)


def _null_keys(check: KeyUnique, count: KeyCount) -> tuple[Finding, ...]:
    if not count.nulls:
        return ()
    observed = f"{count.nulls} row{_s(count.nulls)} with a null in the key"
    hint = "`nullable: false` on the fields makes nulls red"
    return (_finding(check, FindingCode.NULL_KEYS, "complete keys", observed, hint),)


def _finding(
    check: RowCheck, code: FindingCode, promised: str, observed: str, hint: str = ""
) -> Finding:
    return Finding(code, check.place, check.table, promised, observed, hint)


def _told(check: RowCheck) -> str:
    match check:
        case KeyUnique(key=key):
            return f"unique {', '.join(key.fields)}"
        case ReferencesExist(reference=reference):
            return f"every {', '.join(reference.fields)} in {reference.table}.{', '.join(reference.to)}"
        case RuleHolds(rule=rule):
            return rule.sql
        case OrderMeasured(terms=terms):
            return f"rows ordered by {', '.join(term.field for term in terms)}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _unlooked(check: RowCheck) -> AssertionError:
    return AssertionError(f"{check.id} was evaluated without an observation")
