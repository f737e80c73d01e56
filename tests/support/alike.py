"""Judges a lake on the disk and in an object store, and holds the two side by side."""

from typing import Any

from cst_contracts.gate.result import RunResult
from support.project import Project
from support.s3_server import S3Server


def told(result: RunResult) -> dict[tuple[str, str], Any]:
    """All that a manifest says of each promise, but for what it costs to look."""
    return {
        (each.subject, each.check): (
            each.outcome,
            [(found.code, found.promised, found.observed) for found in each.findings],
        )
        for each in result.manifest().promises
    }


def both(project: Project, server: S3Server, **options: Any) -> RunResult:
    """Checked here and there, with one result."""
    here = project.check(**options)
    there = project.check(lake=server.upload(project.lake), **options)
    assert told(there) == told(here)
    return there
