"""Is a Delta table's promised version there, and does its log hold writers to what the rules promise?"""

from collections.abc import Iterator

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import DeltaConstraints, DeltaParity, VersionRead
from cst_contracts.checks.tables import unreadable
from cst_contracts.checks.verdict import (
    Broken,
    Finding,
    Kept,
    Observation,
    Undecided,
    Vacuous,
    Verdict,
)
from cst_contracts.contract.model import AsOfTimestamp, AsOfVersion, RuleContract
from cst_contracts.errors import IntrospectionError, VersionLoss, VersionUnavailable
from cst_contracts.facts import (
    Basis,
    Condition,
    ConstraintFacts,
    DeltaFacts,
    EnforcementFacts,
    TableFacts,
)

_LOSSES = {
    VersionLoss.ABSENT: (
        FindingCode.VERSION_MISSING,
        "name a version that `DeltaTable.history()` lists",
    ),
    VersionLoss.VACUUMED: (
        FindingCode.VERSION_VACUUMED,
        "a vacuum removed it; keep files for longer (delta.deletedFileRetentionDuration)",
    ),
    VersionLoss.TOO_OLD: (
        FindingCode.TIME_BEFORE_HISTORY,
        "a commit's time is its log file's, which a copy of the table may have changed",
    ),
}


def evaluate_version(check: VersionRead, observation: Observation) -> Verdict:
    match observation.table:
        case VersionUnavailable(table=check.table, loss=loss, cause=cause):
            code, hint = _LOSSES[loss]
            finding = Finding(code, check.place, check.table, _asked(check), cause, hint)
            return Broken((finding,), Basis.SCHEMA)
        case IntrospectionError() as error:
            return unreadable(check.place, check.table, error)
        case TableFacts(delta=DeltaFacts() as delta):
            return Kept(Basis.SCHEMA, notes=tuple(_past_the_last(check, delta)))
        case TableFacts():
            return unknown_log(check)
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def unknown_log(check: VersionRead | DeltaConstraints | DeltaParity) -> Undecided:
    finding = Finding(
        FindingCode.NOT_CHECKABLE,
        check.place,
        check.table,
        "a Delta log that can be looked at",
        "the session does not tell how the table is stored",
        "give the table a `source` with a location",
    )
    return Undecided(finding)


def _asked(check: VersionRead) -> str:
    match check.as_of:
        case AsOfVersion(version=version):
            return f"version {version}"
        case AsOfTimestamp(timestamp=timestamp):
            return f"the version of {timestamp.isoformat()}"


def _past_the_last(check: VersionRead, delta: DeltaFacts) -> Iterator[Finding]:
    """Exact for now: the next commit may be before that time, too."""
    match check.as_of:
        case AsOfTimestamp(timestamp=asked) if (
            delta.latest_time is not None and delta.latest_time < asked
        ):
            yield Finding(
                FindingCode.TIME_AFTER_HISTORY,
                check.place,
                check.table,
                _asked(check),
                f"version {delta.version}, the latest, of {delta.latest_time.isoformat()}",
                "name the version, to read the same one when there are later ones",
            )
        case _:
            return


def evaluate_constraints(check: DeltaConstraints, observation: Observation) -> Verdict:
    match observation.table, observation.enforcement:
        case (IntrospectionError() as error, _) | (_, IntrospectionError() as error):
            return unreadable(check.place, check.table, error)
        case TableFacts() as facts, EnforcementFacts() as enforcement:
            return _enforced(check, facts, enforcement)
        case TableFacts(), None:
            return unknown_log(check)
        case _:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _enforced(check: DeltaConstraints, facts: TableFacts, log: EnforcementFacts) -> Verdict:
    if not check.rules and not log.constraints:
        finding = Finding(
            FindingCode.NO_CONSTRAINTS,
            check.place,
            check.table,
            "rules or constraints to compare",
            "no rule in the contract, no constraint in the log",
            "write `rules`, and add them to the table as CHECK constraints",
        )
        return Vacuous(finding, allowed=True, basis=Basis.SCHEMA, rows=None)
    loose = [(rule, each) for rule in check.rules for each in _unenforced(rule, facts, log)]
    extra = tuple(_unpromised(check, log))
    red = tuple(finding for rule, finding in loose if rule.enforced)
    told = tuple(finding for rule, finding in loose if not rule.enforced)
    if red or (extra and check.forbid_extra):
        return Broken((*red, *(extra if check.forbid_extra else ())), Basis.SCHEMA)
    return Kept(Basis.SCHEMA, notes=(*told, *extra))


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
            _told(constraint),
            "promise it under `rules`"
            if check.forbid_extra
            else "promise it under `rules`; `extra_constraints: forbid` makes this red",
        )


def _told(constraint: ConstraintFacts) -> str:
    condition = constraint.condition
    unread = (
        "" if condition.refusal is None else f" (the engine cannot read it: {condition.refusal})"
    )
    logged = constraint.logged
    return f"{logged.kind} {logged.name}: {logged.sql}{unread}"


def _listed(constraints: tuple[ConstraintFacts, ...]) -> str:
    return "; ".join(map(_told, constraints)) or "none"
