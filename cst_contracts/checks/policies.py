"""Do statistics answer queries, and are files and row groups left unread, as a table's source says?"""

from collections.abc import Iterator

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import PolicyEffective
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
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, PruningFacts, StatisticsFacts

_WHOLE_SESSION = (
    "the engine decides this for a whole session: "
    "datafusion.execution.collect_statistics where it is made"
)
_DELTA = (
    "the provider of Delta tables takes no predicates and no statistics over; leave the key out"
)


def evaluate_policy(check: PolicyEffective, observation: Observation) -> Verdict:
    match observation.table, observation.policy:
        case IntrospectionError() as error, _:
            return unreadable(check.place, check.table, error)
        case _, IntrospectionError() as error:
            promised = f"{check.policy.name} that can be looked at"
            code = FindingCode.TABLE_UNREADABLE
            return Undecided(Finding(code, check.place, check.table, promised, error.cause))
        case _, StatisticsFacts() as facts:
            return _statistics(check, facts)
        case _, PruningFacts() as facts:
            return _pruning(check, facts)
        case _:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _finding(
    check: PolicyEffective, code: FindingCode, promised: str, observed: str, hint: str = ""
) -> Finding:
    return Finding(code, check.place, check.table, promised, observed, hint)


def _statistics(check: PolicyEffective, facts: StatisticsFacts) -> Verdict:
    code = FindingCode.STATISTICS_INEFFECTIVE
    if not check.policy.wanted:
        answered = [name for name in facts.asked if name not in facts.scanned]
        if not facts.counted and not answered:
            return Kept(Basis.PLAN)
        what = "count(*)" if facts.counted else f"what is asked of {', '.join(answered)}"
        observed = f"metadata answer {what}"
        finding = _finding(check, code, "no statistics", observed, _WHOLE_SESSION)
        return Broken((finding,), Basis.PLAN)
    scans = [*(() if facts.counted else ("count(*)",)), *facts.scanned]
    if not scans:
        return Kept(Basis.PLAN)
    hint = _DELTA if check.format == "delta" else "write the files with statistics; text has none"
    observed = f"rows are read for {', '.join(scans)}"
    finding = _finding(check, code, "answers from statistics", observed, hint)
    return Broken((finding,), Basis.PLAN)


def _pruning(check: PolicyEffective, facts: PruningFacts) -> Verdict:
    if not check.policy.wanted:
        return _unpruned(check, facts)
    findings = tuple(_unused(check, facts))
    if findings:
        return Broken(findings, Basis.PLAN)
    if facts.left_out is None:
        overlap = _finding(
            check,
            FindingCode.NOTHING_TO_PRUNE,
            "row groups that a range leaves out",
            "no file has row groups that their ranges could tell apart",
        )
        if facts.files_left_out:
            return Kept(Basis.PLAN, notes=(overlap,))
        return Vacuous(overlap, allowed=True, basis=Basis.PLAN, rows=None)
    return Kept(Basis.PLAN)


def _unused(check: PolicyEffective, facts: PruningFacts) -> Iterator[Finding]:
    code = FindingCode.PRUNING_INEFFECTIVE
    if not facts.row_groups:
        hint = "leave the key out, or write `format: parquet`"
        yield _finding(check, code, "row groups to leave out", "the format has none", hint)
        return
    if not facts.statistics:
        observed = "no field of whole numbers or text has the ranges of its row groups stored"
        hint = "write the files with statistics"
        yield _finding(check, code, "row groups that a range leaves out", observed, hint)
    hint = _DELTA if check.format == "delta" else ""
    if facts.left_out is False:
        promised = f"row groups left out for {facts.predicate}"
        yield _finding(check, code, promised, "all are read", hint)
    if facts.files_left_out is False:
        promised = f"files left out for one value of {facts.partition}"
        yield _finding(check, code, promised, "all are read", hint)


def _unpruned(check: PolicyEffective, facts: PruningFacts) -> Verdict:
    if facts.left_out:
        promised, observed = "all row groups read", f"some are left out for {facts.predicate}"
        hint = "register the table with parquet_pruning=False"
        code = FindingCode.PRUNING_INEFFECTIVE
        return Broken((_finding(check, code, promised, observed, hint),), Basis.PLAN)
    if facts.left_out is None and facts.row_groups:
        promised, observed = "all row groups read", "no range would leave one out"
        finding = _finding(check, FindingCode.NOTHING_TO_PRUNE, promised, observed)
        return Vacuous(finding, allowed=True, basis=Basis.PLAN, rows=None)
    return Kept(Basis.PLAN)
