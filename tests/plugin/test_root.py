"""The same contracts are found however options are spelled, and a run that finds none says so."""

from pathlib import Path

import pytest

pytest_plugins = "pytester"

BROKEN = """\
table: lost
source: {format: parquet, location: lost.parquet}
fields: [{name: ref_id, type: string}, {name: path, type: int64}]
"""


@pytest.fixture
def elsewhere(project: pytest.Pytester, tmp_path: Path) -> Path:
    """The lake is beside the project, which has contracts and tests and no configuration of pytest."""
    (project.path / "tox.ini").unlink()
    project.makefile(".yaml", **{"contracts/lost": BROKEN})
    project.makepyfile(**{"tests/test_own": "def test_own(): pass"})
    return (project.path / "lake").rename(tmp_path / "prod")


@pytest.mark.parametrize(
    "arguments",
    [
        ("tests", "contracts", "--cst-lake", "{lake}"),
        ("--cst-lake", "{lake}", "tests", "contracts"),
        ("contracts", "--cst-lake={lake}"),
        ("contracts", "-n", "2", "--cst-lake", "{lake}"),
        ("contracts", "--cst-lake={lake}", "--cst-manifest", "{there}"),
    ],
    ids=" ".join,
)
def test_the_value_of_an_option_is_no_path_to_collect(
    project: pytest.Pytester, elsewhere: Path, arguments: tuple[str, ...]
) -> None:
    there = elsewhere.parent / "manifest.json"
    there.touch()
    given = [each.format(lake=elsewhere, there=there) for each in arguments]
    result = project.runpytest_inprocess("-p", "no:cacheprovider", *given)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [f"rootdir: {project.path}", "FAILED contracts/lost.yaml::field?path? - *"]
    )


def test_another_projects_configuration_is_not_taken_for_ones_own(
    project: pytest.Pytester, elsewhere: Path
) -> None:
    project.makeini("[pytest]")
    (elsewhere / "pytest.ini").write_text("[pytest]\n")
    spaced = project.runpytest_inprocess("--cst-lake", str(elsewhere), "contracts")
    assert spaced.ret == pytest.ExitCode.USAGE_ERROR
    spaced.stderr.fnmatch_lines(
        [
            f"ERROR: pytest took the value of --cst-lake for a path to collect, and reads "
            f"{elsewhere}/pytest.ini for {project.path}/tox.ini; write `--cst-lake=…`"
        ]
    )
    result = project.runpytest_inprocess(f"--cst-lake={elsewhere}", "contracts")
    result.assert_outcomes(passed=6, failed=1)


def test_the_header_says_what_is_looked_at_and_where(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/lost": BROKEN, "contracts/deep/more": BROKEN})
    (project.path / "snapshots").mkdir()
    result = project.runpytest_inprocess("--collect-only", "--cst-lake=lake")
    result.stdout.fnmatch_lines(
        [
            "contracts: contracts (2 files); lake: lake; snapshots: snapshots; "
            "session: opened by cst_contracts"
        ]
    )


HOOKS = """
def pytest_cst_contracts_session(config):
    raise AssertionError("asked for the header")

def pytest_cst_contracts_lake(config):
    raise AssertionError("asked for the header")
"""


def test_the_header_names_hooks_and_asks_none_and_shows_no_password(
    project: pytest.Pytester,
) -> None:
    project.makeconftest(HOOKS)
    project.makefile(".yaml", **{"contracts/lost": BROKEN})
    result = project.runpytest_inprocess("--collect-only")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "contracts: contracts (1 file); lake: pytest_cst_contracts_lake of conftest.py; "
            "snapshots: snapshots (not there); session: pytest_cst_contracts_session of conftest.py"
        ]
    )
    secret = project.runpytest_inprocess(
        "--collect-only", "--cst-lake=s3://me:secret@host/lake?k=v"
    )
    secret.stdout.fnmatch_lines(["contracts: *; lake: s3://host/lake; *"])


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_run_that_was_asked_for_contracts_and_found_none_is_red(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    project.makeini("[pytest]\ntestpaths = tests")
    project.makepyfile(**{"tests/test_own": "def test_own(): pass"})
    nowhere = project.runpytest_inprocess("--cst-samples=1", *workers)
    assert nowhere.ret == pytest.ExitCode.TESTS_FAILED
    nowhere.stdout.fnmatch_lines(
        [
            "--cst-samples is given, and no contract was collected: there is no folder contracts; "
            "start pytest in the folder that it is in, or set `cst_contracts`"
        ]
    )
    project.mkdir("contracts")
    empty = project.runpytest_inprocess("--cst-plan", *workers)
    empty.stdout.fnmatch_lines(
        [
            "--cst-plan is given, and no contract was collected: "
            "no file in contracts ends in .yaml or .yml; add one"
        ]
    )
    project.makefile(".yaml", **{"contracts/lost": BROKEN})
    result = project.runpytest_inprocess("--cst-lake", "lake", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "--cst-lake is given, and no contract was collected: contracts is not among what is "
            "collected (tests); name it, too: `pytest tests contracts`"
        ]
    )


def test_a_run_beside_the_contracts_is_green_and_says_so(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\ntestpaths = tests\naddopts = --cst-samples=1")
    project.makepyfile(**{"tests/test_own": "def test_own(): pass"})
    project.makefile(".yaml", **{"contracts/lost": BROKEN})
    result = project.runpytest_inprocess("-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["contracts: contracts (1 file) is not among what is collected (tests)"]
    )


def test_contracts_below_another_rootdir_are_told_with_the_way_to_read_them(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.makeini("[pytest]")
    project.makefile(".yaml", **{"contracts/lost": BROKEN, "below/contracts/lost": BROKEN})
    monkeypatch.chdir(project.path / "below")
    result = project.runpytest_inprocess("contracts")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    way = (
        f"rootdir is {project.path}, and contracts are read in its contracts; add `--rootdir=.`, or "
        "`-o cst_contracts=below/contracts` (an ini key, too)"
    )
    folder = f"{project.path}/contracts"
    result.stdout.fnmatch_lines(
        [f"contracts: {folder} (1 file) is not among what is collected (contracts); {way}"]
    )
    asked = project.runpytest_inprocess("contracts", "--cst-plan")
    asked.stdout.fnmatch_lines([f"--cst-plan is given, *; {way}"])
    lake = f"--cst-lake={project.path}/lake"
    for way_out in ("--rootdir=.", "-ocst_contracts=below/contracts"):
        read = project.runpytest_inprocess("contracts", way_out, lake)
        read.assert_outcomes(passed=6, failed=1)


def test_a_test_of_ones_own_that_asks_for_the_session_is_what_an_option_is_about(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(test_own="def test_own(cst_session): cst_session.table('lost')")
    project.makefile(".yaml", **{"contracts/lost": BROKEN})
    project.runpytest_inprocess("test_own.py", "--cst-lake", "lake").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("id_", "near"),
    [
        ("nulls[pth]", ""),
        ("field[pth]", "; the nearest are `field[path]`, `fields`, `field[ref_id]`"),
        ("row", "; the nearest is `rows`"),
        ("tabel", "; the nearest is `table`"),
    ],
)
def test_an_id_that_does_not_exist_is_told_with_those_that_do(
    project: pytest.Pytester, id_: str, near: str
) -> None:
    project.makefile(".yaml", **{"contracts/lost": BROKEN})
    result = project.runpytest_inprocess(f"contracts/lost.yaml::{id_}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = (
        f"contracts/lost.yaml has no check `{id_}`{near}; "
        "`pytest --collect-only -q contracts/lost.yaml` lists all"
    )
    assert told in result.stderr.str()


def test_what_pytest_cannot_find_otherwise_is_told_as_ever(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/lost": BROKEN, "contracts/bad": "feilds: []"})
    for argument in ("nowhere", "contracts/bad.yaml::nulls"):
        result = project.runpytest_inprocess(argument)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "has no check" not in result.stderr.str()
