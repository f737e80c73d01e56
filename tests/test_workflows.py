"""The composite action and the hooks for pre-commit: their steps are run as a workflow runs them."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from support.preloaded import commands

from cst_contracts.cli.exit_codes import ExitCode

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, dict[str, Any]] = {each["name"]: each for each in ACTION["runs"]["steps"]}
#: What a project has to say in `args` of a hook.
ARGUMENTS = {"cst-contracts-diff": ["contracts", "contracts"]}
_EXPRESSION = re.compile(r"\$\{\{ ([\w.]+) \}\}")


class Workflow:
    """A job in a project of its own: runs steps of the action, and keeps what they hand on."""

    def __init__(self, folder: Path, **inputs: str) -> None:
        self.folder = folder
        self.temp = folder / "temp"
        defaults = {name: each["default"] for name, each in ACTION["inputs"].items()}
        self._known = {f"inputs.{name}": text for name, text in (defaults | inputs).items()}
        self._known["runner.temp"] = str(self.temp)

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """As the runner does: bash that ends at the first error, in a file and not on a command line."""
        step = STEPS[name]
        output, summary = self.folder / "output", self.folder / "summary"
        output.touch()
        environment = {key: self._filled(text) for key, text in step.get("env", {}).items()}
        run = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env={
                **_environment(),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
            }
            | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        for line in output.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition("=")
            self._known[f"steps.{step.get('id')}.outputs.{key}"] = value
        return run

    def output(self, name: str) -> str:
        return self._filled(ACTION["outputs"][name]["value"])

    def _filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: self._known[found[1]], text)


def _environment() -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**kept, "PATH": f"{commands()}{os.pathsep}{kept['PATH']}"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A contract that its table breaks."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "contracts" / "t.yaml").write_text(
        "table: t\nsource: {format: parquet, location: t.parquet}\nnullability: values\n"
        "fields:\n  - {name: a, type: int64, nullable: false}\n"
    )
    pq.write_table(pa.table({"a": [1, None]}), tmp_path / "data" / "t.parquet")
    return tmp_path


def test_a_red_run_is_annotated_summed_up_and_kept_and_fails_the_job_at_its_end(
    project: Path,
) -> None:
    workflow = Workflow(project, arguments="--lake data --quiet")

    check = workflow.run("Check")

    assert check.returncode == 0, check.stderr
    assert "::error file=contracts/t.yaml,line=5" in check.stdout
    assert "1 null among 2" in (project / "summary").read_text(encoding="utf-8")
    assert {each.name for each in Path(workflow.output("folder")).iterdir()} == {
        "annotations.txt",
        "contracts.sarif",
        "manifest.json",
        "page.html",
        "results.parquet",
        "summary.md",
    }
    assert workflow.output("status") == str(int(ExitCode.BROKEN))
    assert workflow.run("Verdict").returncode == ExitCode.BROKEN


def test_a_run_that_cannot_begin_says_why_and_is_red(project: Path) -> None:
    workflow = Workflow(project, arguments="--lake data nowhere")

    check = workflow.run("Check")

    assert check.returncode == 0
    assert "there is no such file or folder" in check.stderr
    assert not (project / "summary").exists()
    assert workflow.run("Verdict").returncode == ExitCode.NOT_RUN


def test_a_green_run_ends_green_and_its_arguments_are_words_and_no_commands(project: Path) -> None:
    workflow = Workflow(project, arguments="--lake data --select rows --select $(touch${IFS}x)*")

    assert workflow.run("Check").returncode == 0
    assert not (project / "x").exists()
    assert workflow.output("status") == str(int(ExitCode.BROKEN))  # a pattern that names nothing

    workflow = Workflow(project, arguments="--lake data --select t::rows")
    workflow.run("Check")
    assert workflow.run("Verdict").returncode == ExitCode.KEPT


def test_the_step_that_keeps_reports_takes_the_folder_that_they_are_in() -> None:
    assert STEPS["Keep"]["with"]["path"] == ACTION["outputs"]["folder"]["value"]
    assert list(STEPS) == ["Install", "Check", "Keep", "Verdict"]


@pytest.mark.parametrize(
    "hook",
    yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")),
    ids=lambda hook: hook["id"],
)
def test_a_hook_runs_and_sees_a_contract_that_is_none(hook: dict[str, Any], project: Path) -> None:
    bad = project / "contracts" / "bad.yaml"
    bad.write_text("table: bad\nfeilds: []\n")
    assert re.search(hook["files"], "contracts/bad.yaml")
    named = [] if hook.get("pass_filenames") is False else ["contracts/bad.yaml"]

    run = subprocess.run(
        [*hook["entry"].split(), *ARGUMENTS.get(hook["id"], []), *named],
        cwd=project,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert run.returncode != 0
    assert "unknown key `feilds`" in run.stdout + run.stderr
