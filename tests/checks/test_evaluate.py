"""Severities, and checks that are compared elsewhere."""

import pytest
from cst_contracts.checks.evaluate import evaluate
from cst_contracts.checks.model import FunctionsSnapshot, SchemaSnapshot, severity_of

from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import Observation
from cst_contracts.contract.model import Severity
from cst_contracts.contract.parse import parse_contract
from cst_contracts.location import Location

TEXT = """\
table: t
source: {format: delta, location: t, as_of: {version: 3}}
fields:
  - {name: a, type: int64}
"""


def at(line: int, column: int) -> Location:
    return Location("contracts/t.yaml", line, column)


@pytest.mark.parametrize("severity", Severity)
def test_a_check_is_as_severe_as_its_rule(severity: Severity) -> None:
    text = f"{TEXT}rules:\n  - {{name: small, sql: a < 9, severity: {severity}}}\n"
    checks = {check.id: check for check in plan(parse_contract(text.encode(), "contracts/t.yaml"))}
    assert severity_of(checks["rule[small]"]) is severity
    assert {severity_of(check) for id_, check in checks.items() if id_ != "rule[small]"} == {
        Severity.ERROR
    }


@pytest.mark.parametrize("check", [SchemaSnapshot("t", at(1, 1)), FunctionsSnapshot(at(1, 1))])
def test_a_snapshot_is_not_evaluated_here(check: SchemaSnapshot | FunctionsSnapshot) -> None:
    with pytest.raises(AssertionError, match="compared with its snapshot"):
        evaluate(check, Observation())


@pytest.mark.parametrize(
    "text",
    ["functions:\n  - f", 'settings:\n  a.b: "1"', "catalog: {location: a, format: parquet}"],
)
def test_a_session_check_without_a_session_is_a_bug_and_no_verdict(text: str) -> None:
    (check, *_) = plan(parse_contract(f"session: s\n{text}\n".encode(), "contracts/t.yaml"))
    with pytest.raises(AssertionError, match="was evaluated without an observation"):
        evaluate(check, Observation())
