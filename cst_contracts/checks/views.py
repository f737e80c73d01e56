"""Is a view of the contract usable, and does it have the promised fields?"""

from collections.abc import Collection, Iterator

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.fields import evaluate_field
from cst_contracts.checks.functions import shadowed
from cst_contracts.checks.model import ViewUsable
from cst_contracts.checks.nulls import evaluate_nulls
from cst_contracts.checks.tables import evaluate_fields
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
from cst_contracts.checks.view_runs import missing_columns, run_findings
from cst_contracts.errors import FunctionUnknown, IntrospectionError
from cst_contracts.facts import (
    Basis,
    QueryFacts,
    SessionFacts,
    TableFacts,
    ValueFacts,
    ViewRun,
)


def evaluate_view(check: ViewUsable, observation: Observation) -> Verdict:
    match observation.table:
        case IntrospectionError() as error:
            return _unusable(check, error)
        case TableFacts() as facts:
            return _evaluate(check, facts, observation)
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _unusable(check: ViewUsable, error: IntrospectionError) -> Verdict:
    """Red for itself; not for the session, nor for a relation that it reads."""
    finding = _finding(check, error)
    if error.table == check.view.name:
        return Broken((finding,), Basis.PLAN)
    return Undecided(finding, unusable_cause(check.table, check.siblings, error))


def unusable_cause(table: str, views: Collection[str], error: IntrospectionError) -> Cause:
    """What is red for a view that could not be looked at; `views` are those of the table's contract."""
    match error.table:
        case str(other) if other in views:
            return Cause(table, f"view[{other}]")
        case other:
            return Cause(other or table, "table")


def _finding(check: ViewUsable, error: IntrospectionError) -> Finding:
    match error:
        case FunctionUnknown(function=function):
            return Finding(
                FindingCode.FUNCTION_MISSING,
                check.place,
                check.view.name,
                f"a function `{function}` in the session",
                error.cause,
                "register it where the session is made",
            )
        case _:
            code = FindingCode.VIEW_UNUSABLE if error.table else FindingCode.SESSION_UNREADABLE
            return Finding(code, check.place, check.view.name, "a view that runs", error.cause)


def _evaluate(check: ViewUsable, facts: TableFacts, observation: Observation) -> Verdict:
    verdicts = tuple(_verdicts(check, observation))
    # What is undecided here names a field of the same view, which is broken and tells.
    findings = (
        *_shadowed(check, facts, observation),
        *(
            finding
            for verdict in verdicts
            if isinstance(verdict, Broken)
            for finding in verdict.findings
        ),
    )
    findings = findings or tuple(missing_columns(check, facts))
    if findings:
        return Broken(findings, Basis.SCHEMA)
    findings = tuple(run_findings(check, observation))
    if findings:
        return Broken(findings, Basis.SCAN)
    notes = tuple(note for verdict in verdicts for note in _notes(verdict))
    match observation.values, observation.view:
        case (ValueFacts(rows=rows), _) | (None, ViewRun(values=ValueFacts(rows=rows))):
            return Kept(Basis.SCAN, rows, notes)
        case IntrospectionError() as error, _:
            promised = "rows that can be read"
            finding = Finding(
                FindingCode.VIEW_UNUSABLE, check.place, check.view.name, promised, error.cause
            )
            return Broken((finding,), Basis.SCAN)
        case _:
            return Kept(facts.rows_basis or Basis.PLAN, facts.rows, notes)


def _shadowed(check: ViewUsable, facts: TableFacts, observation: Observation) -> Iterator[Finding]:
    """What a view calls is promised by the view; nobody has to list it."""
    match observation.session, facts.query:
        case SessionFacts(shadowed=names), QueryFacts(functions=functions):
            for name in functions:
                if name in names:
                    yield shadowed(check.place, check.view.name, name)
        case _:
            return


def _notes(verdict: Verdict) -> tuple[Finding, ...]:
    match verdict:
        case Kept(notes=notes):
            return notes
        case Vacuous(finding=finding):
            return (finding,)
        case _:
            return ()


def _verdicts(check: ViewUsable, observation: Observation) -> Iterator[Verdict]:
    for field in check.fields:
        yield evaluate_field(field, observation)
    if check.complete is not None:
        yield evaluate_fields(check.complete, observation)
    for nulls in check.nulls:
        yield evaluate_nulls(nulls, observation)
