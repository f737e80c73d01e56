"""Is the table a source without an end, and what can be said of one whose rows nobody has seen all?"""

from msgspec.structs import replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import (
    Check,
    KeyUnique,
    ReferencesExist,
    RowsPresent,
    SourceUnbounded,
)
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
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, TableFacts, UnboundedFacts


def evaluate_unbounded(check: SourceUnbounded, observation: Observation) -> Verdict:
    match observation.table:
        case IntrospectionError() as error:
            return unreadable(check.place, check.table, error)
        case TableFacts(unbounded=UnboundedFacts() as facts):
            return _evaluate(check, facts)
        case _:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _evaluate(check: SourceUnbounded, facts: UnboundedFacts) -> Verdict:
    findings: list[Finding] = []
    if not facts.infinite:
        hint = "register it with CREATE UNBOUNDED EXTERNAL TABLE, or leave `unbounded` out"
        promised, observed = "a source without an end", "the plan reads a source that ends"
        findings.append(_finding(check, FindingCode.NOT_UNBOUNDED, promised, observed, hint))
    if facts.pipe is True:
        return Broken(tuple(findings), Basis.PLAN) if findings else Kept(Basis.PLAN)
    told = "a file, which ends" if facts.pipe is False else "nobody can tell what lies there"
    hint = "" if check.fifo else "write `fifo: true` where only a pipe will do"
    note = _finding(check, FindingCode.NOT_A_PIPE, "a named pipe", told, hint)
    if check.fifo:
        findings.append(note)
    return Broken(tuple(findings), Basis.PLAN) if findings else Kept(Basis.PLAN, notes=(note,))


def _finding(
    check: SourceUnbounded, code: FindingCode, promised: str, observed: str, hint: str
) -> Finding:
    return Finding(code, check.place, check.table, promised, observed, hint)


def of_the_rows_seen(check: Check, verdict: Verdict, cut: str) -> Verdict:
    """What was kept by the rows that came is kept by those only, and says so; none at all prove nothing."""
    match check, verdict:
        case RowsPresent(), Vacuous():
            finding = _cut(check, FindingCode.STREAM_SILENT, f"none came: {cut}")
            return Undecided(finding)
        case ((KeyUnique() | ReferencesExist()), Kept(notes=notes)):
            told = f"only {cut}; what comes later may repeat, or point at what is not there"
            note = _cut(check, FindingCode.STREAM_CUT, told)
            return replace(verdict, notes=(*notes, note))
        case _, Kept(notes=notes):
            note = _cut(check, FindingCode.STREAM_CUT, f"only {cut}")
            return replace(verdict, notes=(*notes, note))
        case _, Vacuous(finding=finding):
            table = getattr(check, "table", "")
            return Undecided(finding, Cause(table, "rows"))
        case _:
            return verdict


def _cut(check: Check, code: FindingCode, observed: str) -> Finding:
    subject = getattr(check, "table", check.id)
    return Finding(code, check.place, subject, "all rows", observed)
