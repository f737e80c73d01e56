"""A run as GitLab's code quality report."""

import json
from typing import Any

from msgspec.structs import replace
from support.promises import manifest, promise, red

from cst_contracts.report.gitlab import gitlab
from cst_contracts.report.manifest_file import Outcome, PromiseRecord


def entries(*records: PromiseRecord) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(gitlab(manifest(*records)))
    return found


def test_a_finding_has_all_keys_that_gitlab_requires() -> None:
    (entry,) = entries(red("a"))

    fingerprint = entry.pop("fingerprint")
    assert entry == {
        "description": "t: nulls[a] is broken. Observed: 1 null among 3. Promised: no null."
        " Way out: write `nullable: true`.",
        "check_name": "null-values",
        "severity": "critical",
        "location": {"path": "contracts/t.yaml", "lines": {"begin": 3}},
    }
    assert len(fingerprint) == 32


def test_what_failed_weighs_more_than_what_warns_and_that_more_than_what_is_waived() -> None:
    found = entries(
        red("a"),
        replace(red("b"), outcome=Outcome.VACUOUS),
        replace(red("c"), failed=False),
        replace(red("d"), failed=False, outcome=Outcome.WAIVED),
    )

    assert [each["severity"] for each in found] == ["critical", "major", "minor", "info"]
    assert len({each["fingerprint"] for each in found}) == 4


def test_a_green_run_is_an_empty_array() -> None:
    assert gitlab(manifest(promise("contracts/t.yaml", "t", "rows"))) == "[]\n"
