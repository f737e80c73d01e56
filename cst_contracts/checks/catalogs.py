"""Are the tables of an artifact root those that are declared, as their contracts promise them?"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.field_set import field_checks
from cst_contracts.checks.known import Known
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.contract.model import (
    CatalogContract,
    Contract,
    SessionContract,
    Severity,
    TableContract,
)
from cst_contracts.facts import Artifact, Basis, CatalogFacts, CouldNotLook, TableFacts, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, CatalogNeed, ContractsNeed, SchemaNeed

_SHOWN_DIFFERENCES = 3
_ENGINE = "the cause is in the engine's words; "


class CatalogReconciled(Struct, frozen=True):
    """A folder of artifacts holds the declared tables, readable and with their promised schemas."""

    catalog: CatalogContract
    id: str = "catalog"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def place(self) -> Location:
        return self.catalog.place

    def needs(self) -> tuple[AnyNeed, ...]:
        return CatalogNeed(self.catalog), ContractsNeed()

    def judge(self, answers: Answers) -> Verdict:
        facts = answers[CatalogNeed(self.catalog)]
        if isinstance(facts, CouldNotLook):
            return _unlisted(self, facts)
        match answers[ContractsNeed()]:
            case CouldNotLook(reason=reason):
                code, promised = FindingCode.NOT_CHECKABLE, "contracts to hold the tables against"
                return Undecided(_finding(self, code, promised, reason))
            case contracts:
                return _judge(self, facts, contracts, answers)


def catalog_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, SessionContract) and contract.catalog is not None:
        yield CatalogReconciled(contract.catalog)


def _judge(
    check: CatalogReconciled,
    facts: CatalogFacts,
    contracts: Sequence[TableContract],
    answers: Answers,
) -> Verdict:
    findings = (
        *_missing(check, facts),
        *_unexpected(check, facts),
        *_stray(check, facts),
        *_of_artifacts(check, facts, contracts, answers),
    )
    if findings:
        return Broken(findings, Basis.SCHEMA, violations=len(findings))
    return Kept(Basis.SCHEMA) if facts.artifacts else _empty(check, facts)


def _unlisted(check: CatalogReconciled, trouble: CouldNotLook) -> Verdict:
    """Without a location it is the session that could not be looked at."""
    if trouble.location is None:
        promised = "a session to look at"
        return Undecided(_finding(check, FindingCode.SESSION_UNREADABLE, promised, trouble.reason))
    promised = f"a folder of {check.catalog.format} tables at {trouble.location}"
    hint = (
        "check `location`, and the lake root (--lake, pytest's --cst-lake) that it is relative to"
    )
    finding = _finding(check, FindingCode.CATALOG_ROOT, promised, trouble.reason, hint)
    return Broken((finding,), Basis.SCHEMA)


def _empty(check: CatalogReconciled, facts: CatalogFacts) -> Vacuous:
    observed, hint = f"nothing at {facts.location}", "write the tables, or take the clause out"
    finding = _finding(check, FindingCode.CATALOG_EMPTY, "tables to mount", observed, hint)
    return Vacuous(finding, allowed=False, basis=Basis.SCHEMA, rows=None)


def _stray(check: CatalogReconciled, facts: CatalogFacts) -> Iterator[Finding]:
    promised = f"{check.catalog.format} tables, and nothing else"
    hint = "move it away, or let its name begin with `_` or `.`"
    for stray in facts.strays:
        observed = f"{stray.entry}: {stray.why}"
        yield _finding(check, FindingCode.CATALOG_STRAY, promised, observed, hint, stray.entry)


def _of_artifacts(
    check: CatalogReconciled,
    facts: CatalogFacts,
    contracts: Sequence[TableContract],
    answers: Answers,
) -> Iterator[Finding]:
    for artifact in facts.artifacts:
        match artifact.table:
            case CouldNotLook() as trouble:
                yield _unreadable(check, artifact, trouble)
            case TableFacts() if artifact.rivals:
                yield _conflict(check, artifact)
            case TableFacts() as table:
                for contract in contracts:
                    if contract.name == artifact.name:
                        yield from _difference(check, contract, table, answers)


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


def _unreadable(check: CatalogReconciled, artifact: Artifact, trouble: CouldNotLook) -> Finding:
    promised, observed = "a table that the engine can read", f"{artifact.entry}: {trouble.reason}"
    of_engine = trouble.trouble is Trouble.ENGINE
    hint = f"{_ENGINE if of_engine else ''}the other tables are mounted all the same"
    code = FindingCode.CATALOG_UNREADABLE
    return _finding(check, code, promised, observed, hint, artifact.name)


def _difference(
    check: CatalogReconciled, contract: TableContract, table: TableFacts, answers: Answers
) -> Iterator[Finding]:
    """One a table, whatever differs: its own items tell all. What its contract waives is left out."""
    waived = {waiver.check for waiver in contract.waivers}
    as_mounted = Known({SchemaNeed(contract.name): table}, answers)
    differences = tuple(
        f"{own.id}: {verdict.findings[0].observed}"
        for own in field_checks(contract)
        if own.id not in waived and isinstance(verdict := own.judge(as_mounted), Broken)
    )
    if differences:
        more = len(differences) - _SHOWN_DIFFERENCES
        shown = "; ".join(differences[:_SHOWN_DIFFERENCES])
        observed = f"{shown}; and {more} more" if more > 0 else shown
        promised = f"the schema that {contract.file} promises"
        hint = f"`pytest {contract.file}` tells all"
        yield _finding(check, FindingCode.CATALOG_DIFFERS, promised, observed, hint, contract.name)


def _finding(
    check: CatalogReconciled,
    code: FindingCode,
    promised: str,
    observed: str,
    hint: str = "",
    subject: str = "catalog",
) -> Finding:
    return Finding(code, check.place, subject, promised, observed, hint)
