"""The three doors to the gate, asked about the same contracts and the same lake."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any, TypeAlias

from cst_contracts.api import check
from support.preloaded import PYTEST_OPTIONS, commands

#: Of each promise, by contract file and check id: outcome, whether it makes the run red, and finding codes.
Outcomes: TypeAlias = dict[tuple[str, str], tuple[str, bool, tuple[str, ...]]]

_SECONDS = 300


def assert_doors_agree(project: Path, lake: Path) -> Outcomes:
    """`project` is the folder that `contracts` is in. Returns what all of them say."""
    by_api = outcomes_by_api(project, lake)
    assert outcomes_by_command(project, lake) == by_api
    assert outcomes_by_pytest(project, lake) == by_api
    return by_api


def outcomes_by_api(project: Path, lake: Path) -> Outcomes:
    with chdir(project):
        result = check("contracts", lake=lake)
    return _outcomes(json.loads(result.manifest_json())["promises"])


def outcomes_by_command(project: Path, lake: Path) -> Outcomes:
    arguments = ["cst_contracts", "check", "--lake", str(lake), "--format", "json"]
    return _outcomes(json.loads(_run(project, arguments).stdout)["promises"])


def outcomes_by_pytest(project: Path, lake: Path) -> Outcomes:
    manifest = project / "by_pytest.json"
    options = [f"--cst-lake={lake}", f"--cst-manifest={manifest}", "-p", "no:cacheprovider"]
    _run(project, ["pytest", "contracts", "-q", f"--rootdir={project}", *options])
    return _outcomes(json.loads(manifest.read_text(encoding="utf-8"))["promises"])


def _run(project: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """As of a user's own: whatever a surrounding run of pytest has set is left out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        [commands() / "python", "-m", *arguments],
        cwd=project,
        env={**kept, "PYTEST_ADDOPTS": PYTEST_OPTIONS},
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    assert "Traceback" not in run.stderr, run.stderr
    return run


def _outcomes(promises: Iterable[Mapping[str, Any]]) -> Outcomes:
    return {
        (each["contract"], each["check"]): (
            each["outcome"],
            each["failed"],
            tuple(finding["code"] for finding in each.get("findings", ())),
        )
        for each in promises
    }
