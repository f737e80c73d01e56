"""Snapshots through syrupy: what a run writes, and what no run may touch."""

from pathlib import Path

import pytest

import cst_contracts

pytest_plugins = "pytester"

# Only the named plugins are loaded, so the items here are the store's own: this project's plugin
# collects none, wherever it is installed.
CONFTEST = """
import pytest
from pathlib import Path

from cst_contracts.errors import SnapshotError
from cst_contracts.files.snapshots import snapshot_name
from cst_contracts.pytest_plugin.snapshots import Written, Matched, assert_snapshot


def compare(request):
    config, file = request.config, request.node.path
    name = snapshot_name(file.relative_to(config.rootpath / "promises"))
    folder = config.rootpath / config.getini("snapshot_folder")
    try:
        outcome = assert_snapshot(request.node, file.read_text(), folder / name)
    except SnapshotError as error:
        pytest.fail(str(error), pytrace=False)
    print(outcome)
    if not isinstance(outcome, Matched | Written):
        pytest.fail(f"{file.stem}: {outcome}", pytrace=False)


def look():
    pass


class Promise(pytest.Function):
    @property
    def id(self):
        # pytest finds an item among the last failed by the id that its text parses to.
        return type(super().id).parse(self.nodeid)


class Promises(pytest.File):
    def collect(self):
        yield Promise.from_parent(self, name="field[a]", callobj=look)
        yield Promise.from_parent(self, name="snapshot[schema]", callobj=compare)


def pytest_addoption(parser):
    parser.addini("snapshot_folder", "", default="snapshots")


def pytest_collect_file(parent, file_path):
    if file_path.suffix == ".yaml":
        return Promises.from_parent(parent, path=file_path)
"""

INI = """
[pytest]
addopts = --strict-markers
filterwarnings = error
"""


class Project:
    """A project with two contracts and their snapshots, each of which says what it is."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pytester = pytester
        self.snapshots = pytester.path / "snapshots"
        monkeypatch.setenv("PYTHONPATH", str(Path(cst_contracts.__file__).parent.parent))
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
        pytester.makeconftest(CONFTEST)
        pytester.makeini(INI)

    def promise(self, **texts: str) -> None:
        self.write("promises", ".yaml", texts)

    def store(self, **texts: str) -> None:
        self.write("snapshots", ".json", texts)

    def write(self, folder: str, suffix: str, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            file = (self.pytester.path / folder / name).with_suffix(suffix)
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)

    def stored(self) -> dict[str, str]:
        return {file.name: file.read_text() for file in self.snapshots.glob("**/*")}

    def run(self, *arguments: str, plugins: tuple[str, ...] = ("syrupy",)) -> pytest.RunResult:
        loaded = [word for plugin in plugins for word in ("-p", plugin)]
        return self.pytester.runpytest_inprocess("-rA", *loaded, *arguments)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(pytester, monkeypatch)


def two_that_moved(project: Project) -> None:
    project.promise(t1="one, new\n", t2="two, new\n")
    project.store(t1="one, old\n", t2="two, old\n", gone="of a contract that is no more\n")


BEFORE = {
    "t1.json": "one, old\n",
    "t2.json": "two, old\n",
    "gone.json": "of a contract that is no more\n",
}
ONE_PROCESS = ("-p", "no:xdist")
TWO_WORKERS = ("-p", "xdist.plugin", "-n", "2")
SECOND_UPDATED = BEFORE | {"t2.json": "two, new\n"}


def test_a_missing_snapshot_is_told_and_not_written(project: Project) -> None:
    project.promise(t1="one\n")
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["t1: Missing()", "1 snapshot failed."])
    assert project.stored() == {}


@pytest.mark.parametrize("workers", [ONE_PROCESS, TWO_WORKERS], ids=["one process", "two workers"])
def test_an_update_writes_what_is_missing_then_all_matches(
    project: Project, workers: tuple[str, ...]
) -> None:
    project.promise(t1="one\n", t2="zwei: größer\n")
    written = project.run("--snapshot-update", *workers)
    written.assert_outcomes(passed=4)
    written.stdout.fnmatch_lines(["2 snapshots generated."])
    assert project.stored() == {"t1.json": "one\n", "t2.json": "zwei: größer\n"}
    matched = project.run(*workers)
    matched.assert_outcomes(passed=4)
    matched.stdout.fnmatch_lines(["2 snapshots passed."])
    matched.stdout.no_fnmatch_line("*unused*")


def test_a_difference_fails_and_the_file_stays(project: Project) -> None:
    two_that_moved(project)
    result = project.run()
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["t1: Different(before='one, old\\n')", "2 snapshots failed."])
    assert project.stored() == BEFORE


def test_an_update_replaces_what_differs_and_leaves_what_matches(project: Project) -> None:
    project.promise(t1="one\n", t2="two, new\n")
    project.store(t1="one\n", t2="two, old\n")
    modified = (project.snapshots / "t1.json").stat().st_mtime_ns
    result = project.run("--snapshot-update")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(
        ["Matched()", "Written(created=False, before='two, old\\n')"], consecutive=False
    )
    result.stdout.fnmatch_lines(["1 snapshot passed. 1 snapshot updated."])
    assert project.stored() == {"t1.json": "one\n", "t2.json": "two, new\n"}
    assert (project.snapshots / "t1.json").stat().st_mtime_ns == modified


def test_an_update_of_new_ones_only_replaces_nothing(project: Project) -> None:
    project.promise(t1="one, new\n", t2="two\n", t3="three\n")
    project.store(t1="one, old\n")
    (project.snapshots / "t3.json").write_bytes(b"\xff")
    result = project.run("--snapshot-update-new-only")
    result.assert_outcomes(passed=4, failed=2)
    result.stdout.fnmatch_lines(["Written(created=True, before=None)"])
    assert (project.snapshots / "t1.json").read_text() == "one, old\n"
    assert (project.snapshots / "t2.json").read_text() == "two\n"
    assert (project.snapshots / "t3.json").read_bytes() == b"\xff"


@pytest.mark.parametrize(
    "selection",
    [
        ("-k", "t2"),
        ("--deselect", "promises/t1.yaml::snapshot[schema]"),
        (*TWO_WORKERS, "-k", "t2"),
        ("--ignore=promises/t1.yaml",),
        ("promises", "--ignore=promises/t1.yaml"),
        ("promises/t2.yaml",),
        ("promises/t2.yaml::snapshot[schema]",),
    ],
    ids=" ".join,
)
def test_an_update_of_a_part_touches_no_other_file(
    project: Project, selection: tuple[str, ...]
) -> None:
    two_that_moved(project)
    result = project.run("--snapshot-update", *selection)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["1 snapshot updated."])
    assert project.stored() == SECOND_UPDATED


def test_an_update_of_the_last_failed_touches_no_other_file(project: Project) -> None:
    two_that_moved(project)
    project.promise(t1="one, old\n")
    project.run().assert_outcomes(passed=3, failed=1)
    project.promise(t1="one, new\n")
    result = project.run("--lf", "--snapshot-update")
    result.assert_outcomes(passed=1)
    assert project.stored() == SECOND_UPDATED


def test_an_update_without_any_snapshot_check_touches_nothing(project: Project) -> None:
    two_that_moved(project)
    project.run("--snapshot-update", "-k", "field").assert_outcomes(passed=2, deselected=2)
    assert project.stored() == BEFORE


def test_syrupy_deletes_none_of_ours_on_an_update_of_all(project: Project) -> None:
    two_that_moved(project)
    result = project.run("--snapshot-update")
    result.stdout.fnmatch_lines(["2 snapshots updated."])
    assert project.stored().keys() == BEFORE.keys()


def test_snapshots_of_other_tests_live_beside_ours(project: Project) -> None:
    two_that_moved(project)
    project.pytester.makepyfile(test_own="def test_own(snapshot): assert snapshot == [1]")
    folder = project.pytester.path / "__snapshots__"
    written = project.run("--snapshot-update")
    written.assert_outcomes(passed=5)
    assert [file.name for file in folder.iterdir()] == ["test_own.ambr"]
    assert project.stored().keys() == BEFORE.keys()
    project.run().stdout.fnmatch_lines(["3 snapshots passed."])


def test_an_orphan_is_left_alone_and_unmentioned(project: Project) -> None:
    project.promise(t1="one\n")
    project.store(t1="one\n", t2="two\n")
    result = project.run()
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*unused*")


def test_files_of_another_snapshot_plugin_are_not_taken_for_ours(project: Project) -> None:
    project.promise(t1="one\n")
    project.write("promises/__snapshots__", ".json", {"foreign": "{}"})
    project.run("--snapshot-update").stdout.fnmatch_lines(["1 snapshot generated."])
    assert (project.pytester.path / "promises" / "__snapshots__" / "foreign.json").exists()


def test_an_update_replaces_a_file_that_cannot_be_read(project: Project) -> None:
    project.promise(t1="one\n")
    project.store(t1="")
    (project.snapshots / "t1.json").write_bytes(b"\xff")
    told = project.run()
    told.assert_outcomes(passed=1, failed=1)
    told.stdout.fnmatch_lines(["*t1.json: not UTF-8 (byte 0); regenerate it with*"])
    told.stdout.no_fnmatch_line("*Traceback*")
    updated = project.run("--snapshot-update")
    updated.assert_outcomes(passed=2)
    updated.stdout.fnmatch_lines(
        ["Written(created=False, before=None)", "1 snapshot updated."], consecutive=False
    )
    assert project.stored() == {"t1.json": "one\n"}


def test_a_snapshot_that_cannot_be_written_is_told(project: Project) -> None:
    project.promise(t1="one\n")
    (project.snapshots / "t1.json").mkdir(parents=True)
    result = project.run("--snapshot-update")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*t1.json: could not be written: it is a folder, and no regular file"]
    )


def test_without_syrupy_the_check_says_so(project: Project) -> None:
    project.promise(t1="one\n")
    result = project.run("-p", "no:syrupy", plugins=())
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["snapshots are compared by the pytest plugin syrupy*no:syrupy*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_folder_that_syrupy_cleans_is_refused(project: Project) -> None:
    two_that_moved(project)
    result = project.run("--snapshot-update", "--snapshot-dirname", "snapshots")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        ["*t1.json: syrupy's own snapshots are in folders of this name (--snapshot-dirname *"]
    )
    assert project.stored() == BEFORE
