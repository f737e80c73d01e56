"""Which session and which lake the contracts are checked against."""

import pytest

pytest_plugins = "pytester"

FIELDS = "fields: [{name: ref_id, type: string, nullable: false}, {name: path, type: string}]\n"
REFS = f"table: refs\nsource: {{format: parquet, location: refs.parquet}}\n{FIELDS}"
DELTA = f"table: delta\nsource: {{format: delta, location: delta}}\nnullability: values\n{FIELDS}"
IN_MEMORY = f"table: memory\nnullability: values\n{FIELDS}functions: [arrow_typeof]\n"
SESSION = "session: own\nfunctions: [arrow_typeof]\n"


def supply(project: pytest.Pytester, *lines: str) -> None:
    """The project's session hook, made of statements about `session`; each call leaves a line."""
    body = "\n    ".join(lines)
    project.makeconftest(f"""
import pyarrow as pa
from datafusion import SessionConfig, SessionContext, col


def pytest_cst_contracts_session(config):
    with open("asked.txt", "a") as file:
        print("session", file=file)
    {body}
    return session
""")


def contracts(project: pytest.Pytester, **texts: str) -> None:
    project.makefile(".yaml", **{f"contracts/{name}": text for name, text in texts.items()})


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess("-p", "no:xdist", "-p", "no:cacheprovider", *arguments)


TELLING = "session = SessionContext(SessionConfig().with_information_schema(True))"
MEMORY = 'pa.table({"ref_id": ["a"], "path": ["p"]})'


def test_a_supplied_session_is_asked_for_once_and_its_tables_are_used_as_they_are(
    project: pytest.Pytester,
) -> None:
    """`refs` has another type in the session than where its source lies: the session's word counts."""
    supply(
        project,
        TELLING,
        f'session.from_arrow({MEMORY}, "memory")',
        'session.register_parquet("refs", "lake/moved.parquet")',
    )
    contracts(project, memory=IN_MEMORY, refs=REFS, delta=DELTA, own=SESSION)
    result = run(project, "--cst-lake", "lake", "-k", "not snapshot")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["?type-mismatch? refs.path: *int64*", "contracts/refs.yaml:3:*"])
    result.assert_outcomes(passed=22, failed=2, deselected=4)
    assert (project.path / "asked.txt").read_text() == "session\n"


def test_a_hook_that_raises_is_red_and_tells_where(project: pytest.Pytester) -> None:
    supply(project, 'raise KeyError("no credentials")')
    contracts(project, refs=REFS, own=SESSION)
    result = run(project, "-rs", "-k", "not field")
    result.assert_outcomes(failed=3, skipped=4, deselected=3)
    result.stdout.fnmatch_lines(
        [
            "?session-unreadable? arrow_typeof: *KeyError: *no credentials*",
            "contracts/own.yaml:2:13",
            "?session-unreadable? refs: *raised KeyError: *no credentials*",
            "    observed: *raised KeyError: *no credentials* (*conftest.py:8)",
            "no promise was looked at: this run says nothing about the tables",
            "SKIPPED ?4? contracts/refs.yaml:1: table of refs is red: *KeyError: *no credentials*",
        ]
    )
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        ("'duckdb://lake'", "a str, `'duckdb://lake'`"),
        ("SessionContext", "the class SessionContext itself"),
    ],
)
def test_a_hook_that_returns_no_session_is_named_with_what_it_returned(
    project: pytest.Pytester, returned: str, told: str
) -> None:
    supply(project, f"session = {returned}")
    contracts(project, refs=REFS)
    result = run(project, "contracts/refs.yaml::table")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            f"?session-unreadable? refs: pytest_cst_contracts_session returned {told}; "
            "let it return a SessionContext of datafusion"
        ]
    )


def test_a_hook_that_skips_leaves_a_run_that_says_nothing(project: pytest.Pytester) -> None:
    supply(project, "import pytest", 'pytest.skip("no lake on this machine")')
    contracts(project, refs=REFS)
    result = run(project, "-m", "cst_values")
    result.assert_outcomes(skipped=2, deselected=6)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["0 of 2 promises looked at: *", "no promise was looked at: *"])


def test_a_hook_may_leave_the_session_to_the_plugin(project: pytest.Pytester) -> None:
    supply(project, "session = None")
    contracts(project, refs=REFS)
    run(project, "--cst-lake=lake").assert_outcomes(passed=8)


LAKE_HOOK = """
from pathlib import Path

def pytest_cst_contracts_lake(config):
    return config.rootpath / "lake"
"""


def test_the_flag_goes_before_the_ini_key_and_the_hook_before_rootdir(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flag is relative to where pytest was started, the ini key to rootdir."""
    contracts(project, refs=REFS, delta=DELTA)
    missing = run(project, "-k", "table")
    missing.assert_outcomes(failed=2, deselected=16)
    missing.stdout.fnmatch_lines(["*: no Parquet file there"])
    project.makeconftest(LAKE_HOOK)
    run(project).assert_outcomes(passed=18)
    project.makeini("[pytest]\ncst_lake = elsewhere/../lake\n")
    project.makeconftest(LAKE_HOOK.replace('lake"', 'nowhere"'))
    (project.path / "elsewhere").mkdir()
    monkeypatch.chdir(project.path / "elsewhere")
    run(project, "..").assert_outcomes(passed=18)
    nowhere = run(project, "..", "--cst-lake=../nowhere")
    assert nowhere.ret == pytest.ExitCode.USAGE_ERROR
    nowhere.stderr.fnmatch_lines(
        f"ERROR: --cst-lake: no such folder: {project.path}/nowhere, the lake root"
    )
    workers = project.runpytest_inprocess("..", "--cst-lake=../lake", "-n", "2")
    workers.assert_outcomes(passed=18)


def test_a_lake_hook_that_raises_is_red(project: pytest.Pytester) -> None:
    project.makeconftest("def pytest_cst_contracts_lake(config):\n    return 1 / 0\n")
    contracts(project, refs=REFS)
    result = run(project, "contracts/refs.yaml::table")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*pytest_cst_contracts_lake raised ZeroDivisionError: division by zero*"]
    )
