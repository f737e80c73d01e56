"""A run as GitLab's code quality report, which shows findings beside the lines of a merge request."""

from typing import Any

import msgspec

from cst_contracts.report.manifest_file import Manifest, Outcome, PromiseRecord
from cst_contracts.report.red import Told, told


def gitlab(manifest: Manifest) -> str:
    """A JSON array, empty where nothing is red: GitLab compares it with that of the target branch."""
    found = [_finding(each) for each in told(manifest)]
    return msgspec.json.format(msgspec.json.encode(found), indent=1).decode() + "\n"


def _finding(each: Told) -> dict[str, Any]:
    return {
        "description": each.message,
        "check_name": each.finding.code,
        "fingerprint": each.fingerprint,
        "severity": _severity(each.record),
        "location": {"path": each.place.file, "lines": {"begin": each.place.line}},
    }


def _severity(record: PromiseRecord) -> str:
    """One of GitLab's five words. What could not be looked at is less than what was seen to be broken."""
    if record.outcome is Outcome.WAIVED:
        return "info"
    if not record.failed:
        return "minor"
    return "critical" if record.outcome is Outcome.BROKEN else "major"
