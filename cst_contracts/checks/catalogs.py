"""Are the tables of an artifact root those that are declared, as their contracts promise them?"""

from collections.abc import Iterator, Sequence

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.fields import evaluate_field
from cst_contracts.checks.model import CatalogReconciled, FieldKept, FieldsComplete
from cst_contracts.checks.plan import schema_checks
from cst_contracts.checks.tables import evaluate_fields
from cst_contracts.checks.verdict import (
    Broken,
    Finding,
    Kept,
    Observation,
    Undecided,
    Vacuous,
    Verdict,
)
from cst_contracts.contract.model import TableContract
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Artifact, Basis, CatalogFacts, TableFacts

_SHOWN_DIFFERENCES = 3


def evaluate_catalog(check: CatalogReconciled, observation: Observation) -> Verdict:
    match observation.catalog:
        case IntrospectionError() as error:
            return _unlisted(check, error)
        case CatalogFacts() as facts:
            findings = tuple(_findings(check, facts, observation.contracts))
            if findings:
                return Broken(findings, Basis.SCHEMA, violations=len(findings))
            return Kept(Basis.SCHEMA) if facts.artifacts else _empty(check, facts)
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _unlisted(check: CatalogReconciled, error: IntrospectionError) -> Verdict:
    """Without a location it is the session that could not be looked at."""
    if error.location is None:
        promised = "a session to look at"
        return Undecided(_finding(check, FindingCode.SESSION_UNREADABLE, promised, error.cause))
    promised = f"a folder of {check.catalog.format} tables at {error.location}"
    hint = "check `location`, and the lake root (--cst-lake) that it is relative to"
    finding = _finding(check, FindingCode.CATALOG_ROOT, promised, error.cause, hint)
    return Broken((finding,), Basis.SCHEMA)


def _empty(check: CatalogReconciled, facts: CatalogFacts) -> Vacuous:
    observed, hint = f"nothing at {facts.location}", "write the tables, or take the clause out"
    finding = _finding(check, FindingCode.CATALOG_EMPTY, "tables to mount", observed, hint)
    return Vacuous(finding, allowed=False, basis=Basis.SCHEMA, rows=None)


def _findings(
    check: CatalogReconciled, facts: CatalogFacts, contracts: Sequence[TableContract]
) -> Iterator[Finding]:
    yield from _missing(check, facts)
    yield from _unexpected(check, facts)
    for stray in facts.strays:
        promised = f"{check.catalog.format} tables, and nothing else"
        hint = "move it away, or let its name begin with `_` or `.`"
        observed = f"{stray.entry}: {stray.why}"
        yield _finding(check, FindingCode.CATALOG_STRAY, promised, observed, hint, stray.entry)
    for artifact in facts.artifacts:
        match artifact.table:
            case IntrospectionError() as error:
                yield _unreadable(check, artifact, error)
            case TableFacts() if artifact.rivals:
                yield _conflict(check, artifact)
            case TableFacts() as table:
                own = (each for each in contracts if each.name == artifact.name)
                for contract in own:
                    yield from _difference(check, contract, table)


def _missing(check: CatalogReconciled, facts: CatalogFacts) -> Iterator[Finding]:
    found = {artifact.name: artifact for artifact in facts.artifacts}
    for table in check.catalog.tables:
        if table.name not in found:
            there = ", ".join(found) or "none"
            yield Finding(
                FindingCode.CATALOG_MISSING,
                table.place,
                table.name,
                f"a table {table.name} at {facts.location}",
                f"no such file or folder; the tables there: {there}",
            )


def _unexpected(check: CatalogReconciled, facts: CatalogFacts) -> Iterator[Finding]:
    declared = {table.name for table in check.catalog.tables}
    for artifact in facts.artifacts:
        if declared and artifact.name not in declared:
            promised = f"no tables but {', '.join(sorted(declared))}"
            observed = f"{artifact.name}, as {artifact.entry}"
            hint = "declare it under `tables`, or move it away"
            code = FindingCode.CATALOG_UNEXPECTED
            yield _finding(check, code, promised, observed, hint, artifact.name)


def _conflict(check: CatalogReconciled, artifact: Artifact) -> Finding:
    promised = f"{artifact.entry} is all that defines {artifact.name}"
    observed = f"{' and '.join(artifact.rivals)} as well"
    hint = "leave the name to one of them"
    code = FindingCode.CATALOG_CONFLICT
    return _finding(check, code, promised, observed, hint, artifact.name)


def _unreadable(check: CatalogReconciled, artifact: Artifact, error: IntrospectionError) -> Finding:
    promised, observed = "a table that the engine can read", f"{artifact.entry}: {error.cause}"
    hint = "the cause is in the engine's words; the other tables are mounted all the same"
    code = FindingCode.CATALOG_UNREADABLE
    return _finding(check, code, promised, observed, hint, artifact.name)


def _difference(
    check: CatalogReconciled, contract: TableContract, table: TableFacts
) -> Iterator[Finding]:
    """One a table, whatever differs: its own items tell all. What its contract waives is left out."""
    waived = {waiver.check for waiver in contract.waivers}
    told = [
        f"{own.id}: {verdict.findings[0].observed}"
        for own in schema_checks(contract)
        if own.id not in waived
        and isinstance(verdict := _verdict(own, Observation(table=table)), Broken)
    ]
    if told:
        more = len(told) - _SHOWN_DIFFERENCES
        shown = "; ".join(told[:_SHOWN_DIFFERENCES]) + (f"; and {more} more" if more > 0 else "")
        promised = f"the schema that {contract.file} promises"
        hint = f"`pytest {contract.file}` tells all"
        yield _finding(check, FindingCode.CATALOG_DIFFERS, promised, shown, hint, contract.name)


def _verdict(check: FieldsComplete | FieldKept, observation: Observation) -> Verdict:
    match check:
        case FieldsComplete():
            return evaluate_fields(check, observation)
        case FieldKept():
            return evaluate_field(check, observation)


def _finding(
    check: CatalogReconciled,
    code: FindingCode,
    promised: str,
    observed: str,
    hint: str = "",
    subject: str = "catalog",
) -> Finding:
    return Finding(code, check.place, subject, promised, observed, hint)
