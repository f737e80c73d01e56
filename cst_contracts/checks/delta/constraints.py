"""Does the log of a Delta table hold writers to what the rules promise?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.delta.log import unknown_log
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Finding, Kept, Vacuous, Verdict
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import (
    Contract,
    ExtraConstraints,
    RuleContract,
    Severity,
    SourceContract,
    SourceFormat,
    TableContract,
)
from cst_contracts.facts import (
    Basis,
    Condition,
    ConstraintFacts,
    CouldNotLook,
    EnforcementFacts,
    TableFacts,
)
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, EnforcementNeed, SchemaNeed


class DeltaConstraints(Struct, frozen=True):
    """The constraints of the log say what the rules say, and promise no more.

    `not_null` are the fields that are promised to hold no null.
    """

    table: str
    place: Location
    rules: tuple[RuleContract, ...]
    not_null: tuple[str, ...]
    forbid_extra: bool
    id: str = "delta[constraints]"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), EnforcementNeed(self.table, self.rules)

    def judge(self, answers: Answers) -> Verdict:
        facts = answers[SchemaNeed(self.table)]
        if isinstance(facts, CouldNotLook):
            return unreadable(self.place, self.table, facts)
        match answers[EnforcementNeed(self.table, self.rules)]:
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case EnforcementFacts() as enforcement:
                return _judge(self, facts, enforcement)
            case None:
                return unknown_log(self)


def constraint_checks(contract: Contract) -> Iterator[Check]:
    match contract:
        case TableContract(source=SourceContract(format=SourceFormat.DELTA) as source):
            yield DeltaConstraints(
                contract.name,
                source.place,
                contract.rules,
                tuple(field.name for field in contract.fields if not field.nullable),
                forbid_extra=source.extra_constraints is ExtraConstraints.FORBID,
            )
        case _:
            return


def _judge(check: DeltaConstraints, facts: TableFacts, log: EnforcementFacts) -> Verdict:
    if not check.rules and not log.constraints:
        promised = "rules or constraints to compare"
        observed = "no rule in the contract, no constraint in the log"
        hint = "write `rules`, and add them to the table as CHECK constraints"
        found = finding(check, FindingCode.NO_CONSTRAINTS, promised, observed, hint)
        return Vacuous(found, allowed=True, basis=Basis.SCHEMA, rows=None)
    loose = [(rule, each) for rule in check.rules for each in _unenforced(rule, facts, log)]
    extra = tuple(_unpromised(check, log))
    red = tuple(found for rule, found in loose if rule.enforced)
    noted = tuple(found for rule, found in loose if not rule.enforced)
    if red or (extra and check.forbid_extra):
        return Broken((*red, *(extra if check.forbid_extra else ())), Basis.SCHEMA)
    return Kept(Basis.SCHEMA, notes=(*noted, *extra))


def _unenforced(rule: RuleContract, facts: TableFacts, log: EnforcementFacts) -> Iterator[Finding]:
    condition = log.rules[rule.name]
    if any(_same_text(condition, constraint.condition) for constraint in log.constraints):
        return
    terms = {term for constraint in log.constraints for term in constraint.condition.terms}
    for field in facts.stored_schema or ():
        if not field.nullable:
            terms |= log.not_null[field.name].terms
    if condition.refusal is None and condition.terms <= terms:
        return
    part = condition.terms & terms
    missing = " AND ".join(sorted(condition.terms - terms))
    if condition.refusal is not None:
        observed = f"the engine cannot compare it: {condition.refusal}"
    elif part:
        observed = f"the log enforces only a part of it, not {missing}"
    else:
        observed = f"no such constraint; the log has {_listed(log.constraints)}"
    yield Finding(
        FindingCode.RULE_NOT_ENFORCED,
        rule.place,
        rule.name,
        f"{rule.sql}, enforced by the Delta log",
        observed,
        "add a CHECK constraint to the table"
        if rule.enforced
        else "`enforced: true` makes this red",
    )


def _same_text(one: Condition, other: Condition) -> bool:
    """What the planner does not understand is only compared as it is written."""
    unread = one.refusal is not None or other.refusal is not None
    return unread and one.sql.split() == other.sql.split()


def _unpromised(check: DeltaConstraints, log: EnforcementFacts) -> Iterator[Finding]:
    promised = {term for condition in log.rules.values() for term in condition.terms}
    for name in check.not_null:
        promised |= log.not_null[name].terms if name in log.not_null else set()
    for constraint in log.constraints:
        condition = constraint.condition
        if any(_same_text(condition, rule) for rule in log.rules.values()):
            continue
        if condition.refusal is None and condition.terms <= promised:
            continue
        yield Finding(
            FindingCode.CONSTRAINT_UNPROMISED,
            check.place,
            f"{check.table}.{constraint.logged.name}",
            "constraints that a rule promises",
            _in_words(constraint),
            "promise it under `rules`"
            if check.forbid_extra
            else "promise it under `rules`; `extra_constraints: forbid` makes this red",
        )


def _in_words(constraint: ConstraintFacts) -> str:
    condition = constraint.condition
    unread = (
        "" if condition.refusal is None else f" (the engine cannot read it: {condition.refusal})"
    )
    logged = constraint.logged
    return f"{logged.kind} {logged.name}: {logged.sql}{unread}"


def _listed(constraints: tuple[ConstraintFacts, ...]) -> str:
    return "; ".join(map(_in_words, constraints)) or "none"
