"""What the pages show is true: contracts can be read, and commands print what they are said to print."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from documents import LANGUAGES, PAGES, ROOT, Block, Step, begin, blocks_in, run_page, run_step
from support.repository import Repository

from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract

BLOCKS = tuple(block for page in PAGES for block in blocks_in(page))
RUN = tuple(
    page
    for page in PAGES
    if any(block.language in ("console", "sh", "python") for block in blocks_in(page))
)
PYTHON = tuple(block for block in BLOCKS if block.language == "python")
#: The blocks whose commands nobody runs, with what they say in excuse.
NOT_RUN = {
    "CONTRIBUTING.md": [
        "the README's second command, which .ci/run runs",
        "the tests that run this page are among them",
        "it starts servers, and takes minutes",
        "it takes hours, in an environment of its own",
        "each takes minutes, and a tool that the tests do not need",
    ],
    "README.md": [".ci/run runs them, in an environment of their own"],
    "docs/explanation/performance.md": ["it installs eleven tools and takes minutes"],
    "docs/how-to/cluster.md": [
        "it installs from a package index",
        "it installs from a package index, and starts a server",
        "it starts a server and does not end",
    ],
    "docs/how-to/environment.md": ["it installs from a package index"] * 3,
    "docs/how-to/generated-data.md": ["it installs from a package index"],
    "docs/how-to/upgrade.md": [
        "it installs from a package index",
        "it starts two engines, as tests/cli/test_rehearse.py does",
    ],
    "docs/index.md": ["it installs from a package index"],
    "docs/reference/cst-tables.md": ["it reads a whole library, for an hour"],
    "docs/tutorial.md": ["it installs from a package index"],
}


def document(block: Block) -> dict[str, Any]:
    loaded = yaml.safe_load(block.text)
    assert isinstance(loaded, dict), f"{block.place} is no mapping"
    return loaded


def is_contract(block: Block) -> bool:
    return block.language == "yaml" and not {"table", "session"}.isdisjoint(document(block))


CONTRACTS = tuple(filter(is_contract, BLOCKS))


def by_page(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def by_place(block: Block) -> str:
    return block.place


@pytest.fixture(scope="session")
def kept_projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.mark.parametrize("page", RUN, ids=by_page)
def test_what_a_page_shows_is_what_happens(page: Path, tmp_path: Path, kept_projects: Path) -> None:
    folder = tmp_path / "project"
    begin(page, folder, kept_projects)
    troubles = [each.trouble for each in run_page(page, folder) if each.trouble is not None]
    assert not troubles, "\n\n".join(troubles)


@pytest.mark.parametrize("block", CONTRACTS, ids=by_place)
def test_a_contract_on_a_page_can_be_read_unless_it_shows_a_mistake(block: Block) -> None:
    if block.words == "ill-formed":
        with pytest.raises(InvalidContract):
            parse_contract(block.text.encode(), block.place)
    else:
        assert parse_contract(block.text.encode(), block.place).file == block.place


@pytest.mark.parametrize("block", BLOCKS, ids=by_place)
def test_a_block_is_of_a_kind_that_is_looked_at(block: Block) -> None:
    assert block.language in LANGUAGES


def test_few_blocks_are_not_run_and_each_says_why() -> None:
    left_out: dict[str, list[str]] = {}
    for block in BLOCKS:
        if block.why_not_run is not None:
            left_out.setdefault(block.page, []).append(block.why_not_run)
    assert left_out == NOT_RUN


def commands_of(workflow: dict[str, Any]) -> Iterator[str]:
    """What a workflow of GitHub's or GitLab's runs, installations aside."""
    for job in workflow.get("jobs", {}).values():
        for step in job.get("steps", []):
            yield step.get("run", "pip install nothing")
    for job in workflow.values():
        if isinstance(job, dict):
            for command in job.get("script", []):
                yield command.replace("$CI_MERGE_REQUEST_DIFF_BASE_SHA", "HEAD")


@pytest.mark.parametrize(
    "block",
    [
        block
        for block in BLOCKS
        if block.file in (".github/workflows/contracts.yml", ".gitlab-ci.yml")
    ],
    ids=by_place,
)
def test_what_a_workflow_on_a_page_runs_is_kept_by_its_project(
    block: Block, tmp_path: Path, kept_projects: Path
) -> None:
    folder = tmp_path / "project"
    begin(ROOT / "docs/how-to/continuous-integration.md", folder, kept_projects)
    Repository(folder).commit()
    commands = [each for each in commands_of(document(block)) if not each.startswith("pip install")]
    ran = [run_step(Step(block, command, None, 0), folder) for command in commands]
    assert ran
    assert [each.trouble for each in ran] == [None] * len(ran)


def test_python_on_pages_is_typed_and_formatted(tmp_path: Path) -> None:
    for block in PYTHON:
        name = block.place.replace("/", "_").replace(".md:", "_line_").replace("-", "_")
        (tmp_path / f"{name}.py").write_text(block.text, encoding="utf-8")
    checks = [
        ["mypy", "--config-file=pyproject.toml"],
        ["ruff", "check", "--config=pyproject.toml", "--select=E,F,I,UP,W"],
        ["ruff", "format", "--config=pyproject.toml", "--check"],
    ]
    for check in checks:
        command = [sys.executable, "-m", *check, str(tmp_path)]
        run = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT
        )
        assert run.returncode == 0, run.stdout + run.stderr
