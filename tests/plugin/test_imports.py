"""What a run loads: nothing where there are no contracts, and no engine to collect them."""

import subprocess
import sys

import pytest

pytest_plugins = "pytester"


@pytest.fixture(autouse=True)
def executable() -> None:
    """Inner runs are processes that have imported nothing, and hear signals."""


ENGINES = {"datafusion", "deltalake"}
HEAVY = ENGINES | {
    "msgspec",
    "pyarrow",
    "yaml",
    "libcst",
    "cst_contracts.engine.relations.registry",
}

#: Prints, in the controller as in a plain run, what was loaded by the end.
TELLING = """
import sys

def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        print("loaded:", *sys.modules)
"""
REFS = """\
table: refs
source: {format: parquet, location: lake/refs.parquet}
fields: [{name: ref_id, type: string, nullable: false}, {name: path, type: string}]
"""


def loaded(result: pytest.RunResult) -> set[str]:
    (line,) = [line for line in result.outlines if line.startswith("loaded:")]
    return set(line.split()[1:])


def test_a_project_without_contracts_loads_nothing_heavy(project: pytest.Pytester) -> None:
    project.makeconftest(TELLING)
    project.makepyfile(test_own="def test_own(): pass")
    project.makefile(".yaml", **{"other/settings": "a: 1"})
    result = project.runpytest_subprocess("-s", "-p", "no:syrupy")
    result.assert_outcomes(passed=1)
    modules = loaded(result)
    assert "cst_contracts.pytest_plugin.plugin" in modules
    assert not HEAVY & modules
    own = {name for name in modules if name.startswith("cst_contracts.")}
    assert own == {
        "cst_contracts.gate",
        "cst_contracts.pytest_plugin",
        "cst_contracts.pytest_plugin.hookspecs",
        "cst_contracts.pytest_plugin.imports",
        "cst_contracts.pytest_plugin.options",
        "cst_contracts.gate.addresses",
        "cst_contracts.gate.memory",
        "cst_contracts.pytest_plugin.plugin",
        "cst_contracts.pytest_plugin.root",
    }


def test_the_plugin_module_alone_is_light() -> None:
    code = "import sys, cst_contracts.pytest_plugin.plugin; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    modules = set(run.stdout.split())
    assert not (HEAVY | {"syrupy", "xdist"}) & modules


@pytest.mark.parametrize(
    "arguments",
    [("--collect-only",), ("--collect-only", "-k", "rows"), ("-m", "cst_schema", "-n", "2")],
)
def test_collection_loads_no_engine(project: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    """Under xdist the controller collects nothing, and only its workers look at tables."""
    project.makeconftest(TELLING)
    project.makefile(".yaml", **{"contracts/refs": REFS})
    result = project.runpytest_subprocess("-s", *arguments)
    assert result.ret == 0
    modules = loaded(result)
    assert "cst_contracts.pytest_plugin.collect" in modules
    assert not ENGINES & modules


def test_a_run_loads_an_engine_once_an_item_needs_it(project: pytest.Pytester) -> None:
    project.makeconftest(TELLING)
    project.makefile(".yaml", **{"contracts/refs": REFS})
    result = project.runpytest_subprocess("-s", "contracts/refs.yaml::table")
    result.assert_outcomes(passed=1)
    assert loaded(result) & ENGINES == {"datafusion"}  # no table is of Delta


def test_asserts_of_the_project_are_rewritten_and_garbage_is_searched_for_as_ever(
    project: pytest.Pytester,
) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    project.makepyfile(
        test_own="""
        import gc
        from late import compare

        def test_rewritten(pytestconfig, cst_session):
            assert gc.isenabled()
            compare(1, 2)
        """,
        late="def compare(left, right):\n    assert left == right",
    )
    project.makeconftest(
        """
        import pytest

        pytest.register_assert_rewrite("late")
        """
    )
    project.syspathinsert()
    result = project.runpytest_subprocess("contracts", "test_own.py")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["E       assert 1 == 2"])


def test_modules_of_ours_are_loaded_past_pytest_s_hook(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import sys

        def pytest_unconfigure(config):
            hook = config.pluginmanager.rewrite_hook
            print("FIRST", sys.meta_path[0] is hook)
            ours = [each for each in sys.modules.values() if each.__name__.startswith("cst_contracts.")]
            print("PLAIN", sum(type(each.__loader__) is not type(hook) for each in ours) > 100)
        """
    )
    project.makefile(".yaml", **{"contracts/refs": REFS})
    result = project.runpytest_subprocess("-s", "contracts/refs.yaml::table")
    result.stdout.fnmatch_lines(["FIRST True", "PLAIN True"])
