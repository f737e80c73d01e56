"""A run as SARIF 2.1.0, which code scanning services and editors show at the lines of the contracts."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from cst_contracts.checks.explanations.topics import FINDINGS
from cst_contracts.report.manifest_file import Manifest, Outcome, PromiseRecord
from cst_contracts.report.red import Told, told

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_MANUAL = "https://cst-contracts.readthedocs.io"
_ROOT = "%SRCROOT%"  # the name that SARIF's readers know a repository's root by


def sarif(manifest: Manifest) -> str:
    """One result for each finding; what is waived is there, and suppressed."""
    found = tuple(told(manifest))
    codes = sorted({each.finding.code for each in found})
    rules = {code.value: number for number, code in enumerate(codes)}
    run = {
        "tool": {
            "driver": {
                "name": "cst-contracts",
                "version": manifest.versions.get("cst_contracts", "unknown"),
                "informationUri": _MANUAL,
                "rules": [_rule(code) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(manifest)],
        "results": [_result(each, rules, manifest) for each in found],
    }
    text = msgspec.json.encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})
    return msgspec.json.format(text, indent=1).decode() + "\n"


def _rule(code: str) -> dict[str, Any]:
    explained = FINDINGS[code]
    return {
        "id": code,
        "shortDescription": {"text": explained.meaning},
        "fullDescription": {"text": explained.why},
        "help": {"text": explained.fix},
        "helpUri": f"{_MANUAL}/en/latest/reference/codes.html#code-{code}",
    }


def _invocation(manifest: Manifest) -> dict[str, Any]:
    """Successful is a run that looked: what it found is in the results."""
    run = manifest.run
    looked = any(each.outcome is not Outcome.UNDECIDED for each in manifest.promises)
    invocation: dict[str, Any] = {"executionSuccessful": looked}
    if run is not None and run.started is not None:
        invocation["startTimeUtc"] = run.started
    if run is not None and run.exit_status is not None:
        invocation["exitCode"] = run.exit_status
    return invocation


def _result(each: Told, rules: Mapping[str, int], manifest: Manifest) -> dict[str, Any]:
    code, record = each.finding.code, each.record
    result: dict[str, Any] = {
        "ruleId": code,
        "ruleIndex": rules[code],
        "level": _level(record),
        "message": {"text": each.message},
        "locations": [_location(each, _line(each, manifest))],
        "partialFingerprints": {"promise/v1": each.fingerprint},
        "properties": _properties(each),
    }
    if record.waiver is not None:
        result["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": f"{record.waiver.reason} ({record.waiver.owner}, until"
                f" {record.waiver.expires.isoformat()})",
            }
        ]
    elif record.hidden_by is not None:
        result["suppressions"] = [{"kind": "external", "justification": record.hidden_by}]
    return result


def _level(record: PromiseRecord) -> str:
    return "error" if record.failed or record.outcome is Outcome.WAIVED else "warning"


def _line(each: Told, manifest: Manifest) -> str | None:
    """The contract's line that made the promise, as the run has read it."""
    for contract in manifest.contracts:
        if contract.file == each.place.file:
            return contract.source.get(str(each.place.line))
    return None


def _location(each: Told, line: str | None) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": each.place.line, "startColumn": each.place.column}
    if line is not None:
        region["snippet"] = {"text": line}
    return {
        "physicalLocation": {"artifactLocation": _artifact(each.place.file), "region": region},
        "logicalLocations": [{"name": each.record.check, "fullyQualifiedName": each.record.id}],
    }


def _artifact(file: str) -> dict[str, str]:
    """A contract of another folder than the project's has a whole path."""
    if file.startswith("/"):
        return {"uri": f"file://{quote(file)}"}
    return {"uri": quote(file), "uriBaseId": _ROOT}


def _properties(each: Told) -> dict[str, Any]:
    record = each.record
    told_by_row = {"rows": record.rows, "violations": record.violations}
    return {
        "promised": each.finding.promised,
        "observed": each.finding.observed,
        "outcome": record.outcome,
        "severity": record.severity,
        **({} if record.basis is None else {"basis": record.basis}),
        **{name: count for name, count in told_by_row.items() if count is not None},
    }
