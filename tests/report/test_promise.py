"""Check and verdict to one flat record."""

import pytest
from cst_contracts.checks.model import RuleHolds, TablePresent
from msgspec.structs import astuple, replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Undecided,
    Vacuous,
    Verdict,
    Waived,
)
from cst_contracts.contract.model import RuleContract, Severity
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import Problem
from cst_contracts.facts import Basis
from cst_contracts.location import Location
from cst_contracts.report.promise import (
    Outcome,
    PromiseRecord,
    findings_of,
    first_finding,
    invalid_record,
    outcome_of,
    promise_record,
)

CONTRACT = parse_contract(b"table: t\nfields: [{name: a, type: int8}]\n", "contracts/t.yaml")
CHECK = TablePresent("t", Location("contracts/t.yaml", 1, 1))
FINDING = Finding(
    FindingCode.NULL_VALUES, Location("contracts/t.yaml", 2, 10), "t.a", "no null", "7", "mend it"
)
SECOND = replace(FINDING, code=FindingCode.WAIVER_EXPIRED, observed="expired")
BROKEN = Broken((FINDING, SECOND), Basis.SCAN, rows=9, violations=7)
BARE = PromiseRecord(
    contract="contracts/t.yaml",
    subject="t",
    check="table",
    group="schema",
    outcome="kept",
    severity="error",
    place="contracts/t.yaml:1:1",
)
TOLD = replace(
    BARE,
    place="contracts/t.yaml:2:10",
    code="null-values",
    promised="no null",
    observed="7",
    hint="mend it",
)
RECORDS: list[tuple[Verdict, PromiseRecord]] = [
    (Kept(Basis.SCHEMA), replace(BARE, basis="schema")),
    (Kept(Basis.STATISTICS, 9), replace(BARE, basis="statistics", rows=9)),
    (Kept(Basis.PLAN, 0, (FINDING,)), replace(TOLD, basis="plan", rows=0)),
    (BROKEN, replace(TOLD, outcome="broken", basis="scan", rows=9, violations=7)),
    (Undecided(FINDING), replace(TOLD, outcome="undecided")),
    (Undecided(FINDING, Cause("u", "table")), replace(TOLD, outcome="undecided")),
    (
        Vacuous(FINDING, allowed=True, basis=Basis.SCAN),
        replace(TOLD, outcome="vacuous", basis="scan", rows=0),
    ),
    (
        Vacuous(FINDING, allowed=False, basis=Basis.SCHEMA, rows=None),
        replace(TOLD, outcome="vacuous", basis="schema"),
    ),
    (
        Waived(BROKEN, "later"),
        replace(TOLD, outcome="waived", basis="scan", rows=9, violations=7),
    ),
]


@pytest.mark.parametrize(("verdict", "record"), RECORDS)
def test_each_kind_of_verdict_has_its_record(verdict: Verdict, record: PromiseRecord) -> None:
    assert promise_record(CONTRACT, CHECK, verdict, failed=False) == record
    failed = promise_record(CONTRACT, CHECK, verdict, failed=True)
    assert failed == replace(record, failed=True)


def test_a_record_is_of_what_json_can_say() -> None:
    kinds = {
        type(each)
        for verdict, _ in RECORDS
        for each in astuple(promise_record(CONTRACT, CHECK, verdict, failed=False))
    }
    assert kinds == {str, int, bool, type(None), tuple}


def test_an_empty_hint_is_none() -> None:
    verdict = Undecided(replace(FINDING, hint=""))
    assert promise_record(CONTRACT, CHECK, verdict, failed=True).hint is None


def test_a_record_has_its_checks_group_and_severity() -> None:
    written = RuleContract("r", "a", CHECK.place, Severity.WARN)
    rule = RuleHolds("t", written, allow_empty=False, id="rule[r]")
    record = promise_record(CONTRACT, rule, BROKEN, failed=False)
    assert (record.check, record.group, record.severity) == ("rule[r]", "values", "warn")


def test_every_outcome_is_some_verdicts() -> None:
    assert [outcome.value for outcome in Outcome] == [
        "kept",
        "broken",
        "undecided",
        "vacuous",
        "waived",
    ]
    assert {outcome_of(verdict) for verdict, _ in RECORDS} == set(Outcome)


@pytest.mark.parametrize(
    ("verdict", "findings"),
    [
        (Kept(Basis.SCAN), ()),
        (Kept(Basis.SCAN, notes=(FINDING,)), (FINDING,)),
        (BROKEN, (FINDING, SECOND)),
        (Waived(BROKEN, "later"), (FINDING, SECOND)),
        (Undecided(FINDING), (FINDING,)),
        (Vacuous(FINDING, allowed=True, basis=Basis.SCAN), (FINDING,)),
    ],
)
def test_all_findings_of_a_verdict_are_told(
    verdict: Verdict, findings: tuple[Finding, ...]
) -> None:
    assert findings_of(verdict) == findings
    assert first_finding(verdict) == (findings[0] if findings else None)


def test_an_ill_formed_file_is_one_failed_record_with_all_its_problems() -> None:
    problems = [
        Problem(Location("contracts/x.yaml", line, 1), "a wrong key", "remove it")
        for line in (3, 4)
    ]
    assert invalid_record("contracts/x.yaml", problems) == PromiseRecord(
        contract="contracts/x.yaml",
        subject="contracts/x.yaml",
        check="contract",
        group="schema",
        outcome="undecided",
        severity="error",
        place="contracts/x.yaml:3:1",
        code="invalid-contract",
        promised="a contract of this language",
        observed="contracts/x.yaml:3:1: a wrong key; remove it\n"
        "contracts/x.yaml:4:1: a wrong key; remove it",
        failed=True,
    )
