"""Contracts that are no files that can be read are red, and keep no other contract from being checked."""

import os

import pytest

pytest_plugins = "pytester"

GOOD = """\
table: lost
source: {format: parquet, location: lake/lost.parquet}
fields: [{name: ref_id, type: string}, {name: path, type: string}]
"""


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess("contracts", "-p", "no:cacheprovider", *arguments)


def test_a_dangling_link_and_a_pipe_are_red_and_named(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/good": GOOD})
    folder = project.path / "contracts"
    (folder / "refs.yaml").symlink_to("../not-checked-out/refs.yaml")
    (folder / "shared").symlink_to("../not-checked-out")
    (folder / "notes.md").symlink_to("../not-checked-out.md")
    os.mkfifo(folder / "z.yaml")

    result = run(project, "-p", "no:xdist")

    result.assert_outcomes(passed=7, failed=3)
    result.stdout.fnmatch_lines(
        [
            "contracts/refs.yaml:1:1: it could not be read: it links to "
            "../not-checked-out/refs.yaml, which is not there; make it a file that can be read",
            "contracts/shared:1:1: it could not be read: it links to ../not-checked-out, *",
            "contracts/z.yaml:1:1: it could not be read: it is a named pipe, and no regular file; *",
        ]
    )
    assert run(project, "--ignore", "contracts/z.yaml").parseoutcomes() == {
        "passed": 7,
        "failed": 2,
    }


def test_one_that_is_named_on_the_command_line_is_red_too(project: pytest.Pytester) -> None:
    project.mkdir("contracts")
    os.mkfifo(project.path / "contracts/z.yaml")
    result = project.runpytest_inprocess("contracts/z.yaml", "-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)


def test_a_folder_of_contracts_that_links_nowhere_is_a_usage_error(
    project: pytest.Pytester,
) -> None:
    (project.path / "contracts").symlink_to("not-checked-out")
    project.makepyfile(test_own="def test_own(): pass")
    result = project.runpytest_inprocess("-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: cst_contracts = contracts: there is no folder *"])
