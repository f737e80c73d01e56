"""A run as SARIF, validated by the official schema."""

import json
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker
from msgspec.structs import replace
from support.promises import manifest, promise, red

from cst_contracts.checks.codes import FindingCode
from cst_contracts.facts import Basis
from cst_contracts.report.manifest_file import (
    ContractEntry,
    ContractKind,
    Manifest,
    Outcome,
    RunEntry,
    WaiverEntry,
)
from cst_contracts.report.sarif import sarif

_SCHEMA = Path(__file__).parents[1] / "assets" / "sarif" / "sarif-schema-2.1.0.json"


@cache
def schema() -> Draft4Validator:
    return Draft4Validator(json.loads(_SCHEMA.read_bytes()), format_checker=FormatChecker())


def run_of(told: Manifest) -> dict[str, Any]:
    """The one run of a report that the schema takes."""
    document = json.loads(sarif(told))
    assert [each.message for each in schema().iter_errors(document)] == []
    (run,) = document["runs"]
    found: dict[str, Any] = run
    return found


def test_a_finding_is_a_region_of_the_contract_with_its_line() -> None:
    broken = replace(red("a"), rows=3, violations=1, basis=Basis.SCAN)
    entry = ContractEntry(
        file="contracts/t.yaml", kind=ContractKind.TABLE, name="t", source={"3": "  - {name: a}"}
    )
    run = run_of(replace(manifest(broken), contracts=(entry,)))

    (result,) = run["results"]
    assert result["ruleId"] == "null-values"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "null-values"
    assert result["level"] == "error"
    assert "Observed: 1 null among 3" in result["message"]["text"]
    (place,) = result["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "contracts/t.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 5, "snippet": {"text": "  - {name: a}"}},
    }
    assert place["logicalLocations"] == [
        {"name": "nulls[a]", "fullyQualifiedName": "contracts/t.yaml::nulls[a]"}
    ]
    assert result["properties"] == {
        "promised": "no null",
        "observed": "1 null among 3",
        "outcome": "broken",
        "severity": "error",
        "basis": "scan",
        "rows": 3,
        "violations": 1,
    }


def test_what_is_waived_or_marked_is_suppressed_with_its_reason() -> None:
    waiver = WaiverEntry(reason="backfill", owner="ana", expires=date(2030, 1, 31))
    waived = replace(red("a"), failed=False, outcome=Outcome.WAIVED, waiver=waiver)
    marked = replace(red("b"), failed=False, hidden_by="xfail: later")

    first, second = run_of(manifest(waived, marked))["results"]

    assert first["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "backfill (ana, until 2030-01-31)",
        }
    ]
    assert second["suppressions"] == [{"kind": "external", "justification": "xfail: later"}]
    assert (first["level"], second["level"]) == ("error", "warning")


def test_a_run_says_when_it_was_and_whether_it_came_to_look() -> None:
    kept = manifest(promise("contracts/t.yaml", "t", "rows"))
    told = RunEntry(deselected=0, started=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC), exit_status=0)
    assert run_of(replace(kept, run=told))["invocations"] == [
        {"executionSuccessful": True, "startTimeUtc": "2030-01-02T03:04:05Z", "exitCode": 0}
    ]

    blind = run_of(manifest(replace(red("a"), outcome=Outcome.UNDECIDED)))
    assert blind["invocations"] == [{"executionSuccessful": False}]
    assert run_of(kept)["results"] == []


def test_every_code_is_a_rule_that_the_schema_takes() -> None:
    records = [
        replace(red("a"), code=code, findings=(replace(red("a").findings[0], code=code),))
        for code in FindingCode
    ]
    rules = run_of(manifest(*records))["tool"]["driver"]["rules"]
    assert {each["id"] for each in rules} == {code.value for code in FindingCode}


def test_paths_are_uris() -> None:
    def uris(file: str) -> dict[str, str]:
        broken = replace(red("a", file), findings=())
        (result,) = run_of(manifest(broken))["results"]
        found: dict[str, str] = result["locations"][0]["physicalLocation"]["artifactLocation"]
        return found

    assert uris("contracts/a b.yaml") == {"uri": "contracts/a%20b.yaml", "uriBaseId": "%SRCROOT%"}
    assert uris("/elsewhere/ü.yaml") == {"uri": "file:///elsewhere/%C3%BC.yaml"}
