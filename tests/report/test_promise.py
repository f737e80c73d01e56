"""What is recorded of a promise: its check and the verdict, as an entry of the manifest."""

import json

import pytest
from msgspec import convert, to_builtins
from msgspec.structs import replace
from support.promises import KEPT as KEPT_RECORD

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.nulls import NoNulls
from cst_contracts.checks.rules import RuleHolds
from cst_contracts.checks.tables import TablePresent
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
from cst_contracts.contract.model import RuleContract, Severity, TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import Problem
from cst_contracts.facts import Basis, RowPlace, Sample
from cst_contracts.location import Location
from cst_contracts.report.manifest_file import (
    CauseEntry,
    FindingEntry,
    LookedAt,
    Outcome,
    PromiseRecord,
    Unit,
)
from cst_contracts.report.promise import (
    findings_of,
    first_finding,
    invalid_record,
    outcome_of,
    promise_record,
    untold_record,
)

CONTRACT = parse_contract(b"table: t\nfields: [{name: a, type: int8}]\n", "contracts/t.yaml")
CHECK = TablePresent("t", Location("contracts/t.yaml", 1, 1))
FINDING = Finding(
    FindingCode.NULL_VALUES, Location("contracts/t.yaml", 2, 10), "t.a", "no null", "7", "mend it"
)
SECOND = replace(FINDING, code=FindingCode.WAIVER_EXPIRED, observed="expired")
BROKEN = Broken((FINDING, SECOND), Basis.SCAN, rows=9, violations=7)
FIRST = FindingEntry(
    code=FindingCode.NULL_VALUES,
    place="contracts/t.yaml:2:10",
    subject="t.a",
    promised="no null",
    observed="7",
    hint="mend it",
)
TOLD = replace(
    KEPT_RECORD,
    place="contracts/t.yaml:2:10",
    code=FindingCode.NULL_VALUES,
    promised="no null",
    observed="7",
    hint="mend it",
    findings=(FIRST,),
)
BOTH = replace(
    TOLD,
    basis=Basis.SCAN,
    rows=9,
    violations=7,
    looked_at=LookedAt(rows=9, read=9),
    findings=(FIRST, replace(FIRST, code=FindingCode.WAIVER_EXPIRED, observed="expired")),
)
RECORDS: list[tuple[Verdict, PromiseRecord]] = [
    (Kept(Basis.SCHEMA), replace(KEPT_RECORD, basis=Basis.SCHEMA)),
    (
        Kept(Basis.STATISTICS, 9),
        replace(KEPT_RECORD, basis=Basis.STATISTICS, rows=9, looked_at=LookedAt(rows=9, read=0)),
    ),
    (Kept(Basis.PLAN, 0, (FINDING,)), replace(TOLD, basis=Basis.PLAN, rows=0)),
    (BROKEN, replace(BOTH, outcome=Outcome.BROKEN)),
    (Undecided(FINDING), replace(TOLD, outcome=Outcome.UNDECIDED)),
    (
        Undecided(FINDING, Cause("u", "table")),
        replace(TOLD, outcome=Outcome.UNDECIDED, cause=CauseEntry(subject="u", check="table")),
    ),
    (
        Vacuous(FINDING, allowed=True, basis=Basis.SCAN),
        replace(
            TOLD,
            outcome=Outcome.VACUOUS,
            basis=Basis.SCAN,
            rows=0,
            looked_at=LookedAt(rows=0, read=0),
        ),
    ),
    (
        Vacuous(FINDING, allowed=False, basis=Basis.SCHEMA, rows=None),
        replace(TOLD, outcome=Outcome.VACUOUS, basis=Basis.SCHEMA),
    ),
    (Waived(BROKEN, "later"), replace(BOTH, outcome=Outcome.WAIVED)),
]


@pytest.mark.parametrize(("verdict", "record"), RECORDS)
def test_each_kind_of_verdict_has_its_record(verdict: Verdict, record: PromiseRecord) -> None:
    assert promise_record(CONTRACT, CHECK, verdict, failed=False) == record
    failed = promise_record(CONTRACT, CHECK, verdict, failed=True)
    assert failed == replace(record, failed=True)


def test_a_record_crosses_to_another_process_as_plain_values() -> None:
    for verdict, _ in RECORDS:
        record = promise_record(CONTRACT, CHECK, verdict, failed=False)
        assert convert(json.loads(json.dumps(to_builtins(record))), PromiseRecord) == record


WAIVED_BELOW = b"""\
table: t
fields: [{name: a, type: int8, nullable: false}]
waivers: [{check: "nulls[a]", reason: mended soon, owner: platform, expires: 2030-01-02}]
"""


def test_a_promise_about_a_field_names_it_and_its_rows_are_data() -> None:
    contract = parse_contract(WAIVED_BELOW, "contracts/t.yaml")
    assert isinstance(contract, TableContract)
    check = NoNulls("t", contract.fields[0], allow_empty=False, id="nulls[a]")
    samples = (
        Sample(RowPlace("p=1/x.parquet", 7), (("a", "NULL"), ("b", "1, 2"))),
        Sample("x.csv", ()),
        Sample(None, ()),
    )
    record = promise_record(
        contract, check, replace(BROKEN, samples=samples), failed=True, seconds=0.5
    )
    assert (record.field, record.seconds) == ("a", 0.5)
    assert [to_builtins(each) for each in record.samples] == [
        {"file": "p=1/x.parquet", "row": 7, "leaf": "a", "values": {"a": "NULL", "b": "1, 2"}},
        {"file": "x.csv", "leaf": "a"},
        {"leaf": "a"},
    ]
    assert record.waiver is not None
    assert to_builtins(record.waiver) == {
        "reason": "mended soon",
        "owner": "platform",
        "expires": "2030-01-02",
    }


def test_whoever_knows_more_of_what_was_looked_at_says_so() -> None:
    elements = LookedAt(rows=2400, read=2400, unit=Unit.ELEMENT)
    record = promise_record(CONTRACT, CHECK, BROKEN, failed=True, looked_at=elements)
    assert record.looked_at == elements


def test_an_item_that_never_came_to_look_is_undecided() -> None:
    record = untold_record(CONTRACT, CHECK, "the run ended before it", failed=False)
    assert record == replace(
        KEPT_RECORD,
        outcome=Outcome.UNDECIDED,
        code=FindingCode.NOT_CHECKABLE,
        promised="an item that runs",
        observed="the run ended before it",
    )


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
    record = invalid_record("contracts/x.yaml", problems)
    assert record == replace(
        KEPT_RECORD,
        id="contracts/x.yaml::contract",
        contract="contracts/x.yaml",
        subject="contracts/x.yaml",
        check="contract",
        outcome=Outcome.UNDECIDED,
        place="contracts/x.yaml:3:1",
        code=FindingCode.INVALID_CONTRACT,
        promised="a contract of this language",
        observed="contracts/x.yaml:3:1: a wrong key; remove it\n"
        "contracts/x.yaml:4:1: a wrong key; remove it",
        failed=True,
        findings=record.findings,
    )
    assert [(each.place, each.observed, each.hint) for each in record.findings] == [
        ("contracts/x.yaml:3:1", "a wrong key", "remove it"),
        ("contracts/x.yaml:4:1", "a wrong key", "remove it"),
    ]
