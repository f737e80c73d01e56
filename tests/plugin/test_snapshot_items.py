"""The snapshot promises of a project: accepted, moved, stale, orphaned; and what no run may touch."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest_plugins = "pytester"

FIELDS = "fields: [{name: ref_id, type: string}, {name: path, type: string}]\n"
SESSION = "session: runtime\nfunctions: [arrow_typeof]\n"
FOREIGN = '{"somebody": "else\'s"}'
GONE = (
    '{"snapshot_version": 2, "table": "gone", "partitioned_by": [], "ordered_by": [], "fields": [], '
    '"functions": [], "plan": [], "views": []}'
)
ONE_PROCESS = ("-p", "no:xdist")
TWO_WORKERS = ("-n", "2")


def contract(table: str, more: str = "") -> str:
    source = f"source: {{format: parquet, location: lake/{table}.parquet}}"
    return f"table: {table}\n{source}\nextra_fields: allow\n{FIELDS}{more}"


def contracts(project: pytest.Pytester, **texts: str) -> None:
    project.makefile(".yaml", **{f"contracts/{name}": text for name, text in texts.items()})


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess("-m", "cst_snapshot", *arguments)


def stored(project: pytest.Pytester) -> dict[str, tuple[bytes, int]]:
    """Bytes and time of modification by path, folders aside."""
    folder = project.path / "snapshots"
    return {
        file.relative_to(folder).as_posix(): (file.read_bytes(), file.stat().st_mtime_ns)
        for file in folder.rglob("*")
        if file.is_file()
    }


def store(project: pytest.Pytester, **texts: str) -> None:
    for name, text in texts.items():
        file = project.path / "snapshots" / f"{name}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


def move(project: pytest.Pytester, *tables: str) -> None:
    """`path` becomes a number, and `line` comes."""
    for table in tables:
        moved = pa.table({"ref_id": ["a"], "path": [1], "line": [2]})
        pq.write_table(moved, project.path / "lake" / f"{table}.parquet")


def accepted(project: pytest.Pytester) -> dict[str, tuple[bytes, int]]:
    """Snapshots of two tables and the session, and a file of another program beside them."""
    contracts(project, refs=contract("refs"), lost=contract("lost"), runtime=SESSION)
    store(project, foreign=FOREIGN)
    run(project, *ONE_PROCESS, "--snapshot-update").assert_outcomes(passed=3, deselected=13)
    return stored(project)


def test_a_project_without_snapshots_passes_until_it_begins_to_keep_them(
    project: pytest.Pytester,
) -> None:
    contracts(project, refs=contract("refs"), **{"deep/runtime": SESSION})
    result = run(project, *ONE_PROCESS, "-v")
    result.assert_outcomes(passed=2, deselected=7)
    result.stdout.fnmatch_lines(
        [
            "2 of 2 promises looked at: 2 vacuous (allowed)",
            "2 vacuous, and allowed to be: this project has no snapshot folder; *",
        ]
    )
    assert not (project.path / "snapshots").exists()
    created = run(project, *TWO_WORKERS, "--snapshot-update")
    created.assert_outcomes(passed=2)
    created.stdout.fnmatch_lines(
        [
            "runtime.json: accepted as it is, without one to compare with",
            "refs.json: accepted as it is, without one to compare with",
            "2 snapshots generated.",
        ]
    )
    assert stored(project).keys() == {"refs.json", "deep/runtime.json"}
    contracts(project, lost=contract("lost"))
    missing = run(project, *ONE_PROCESS)
    missing.assert_outcomes(passed=2, failed=1, deselected=13)
    missing.stdout.fnmatch_lines(
        [
            "?snapshot-missing? lost: there is none",
            "    promised: an accepted snapshot lost.json",
            "    hint:     run pytest with --snapshot-update, and commit the file",
        ]
    )
    assert stored(project).keys() == {"refs.json", "deep/runtime.json"}


@pytest.mark.parametrize(
    "selection",
    [
        ("-k", "refs"),
        ("--deselect", "contracts/lost.yaml", "--deselect=contracts/runtime.yaml"),
        ("--ignore=contracts/lost.yaml", *TWO_WORKERS, "-k", "schema"),
        ("contracts/refs.yaml::snapshot[schema]",),
        ("contracts/refs.yaml",),
    ],
    ids=" ".join,
)
def test_an_update_of_a_part_touches_nothing_else(
    project: pytest.Pytester, selection: tuple[str, ...]
) -> None:
    contracts(project, refs=contract("refs"), lost=contract("lost"), runtime=SESSION)
    store(project, refs=GONE, lost=GONE, runtime=GONE, gone=GONE, foreign=FOREIGN)
    before = stored(project)
    result = run(project, "--snapshot-update", *selection)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["1 snapshot updated."])
    after = stored(project)
    assert {name for name in before if after.get(name) != before[name]} == {"refs.json"}


def test_an_update_of_the_last_failed_touches_nothing_else(project: pytest.Pytester) -> None:
    accepted(project)
    store(project, gone=GONE)
    before = stored(project)
    move(project, "refs")
    run(project, *ONE_PROCESS, "--snapshot-warn-unused").assert_outcomes(
        passed=2, failed=1, deselected=13
    )
    move(project, "lost")
    result = run(project, *ONE_PROCESS, "--lf", "--snapshot-update")
    result.assert_outcomes(passed=1)
    after = stored(project)
    assert {name for name in before if after.get(name) != before[name]} == {"refs.json"}


@pytest.mark.parametrize("workers", [ONE_PROCESS, TWO_WORKERS], ids=["one process", "two workers"])
def test_an_orphan_is_red_and_removed_by_an_update_over_everything(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    contracts(project, refs=contract("refs"), runtime=SESSION)
    store(project, gone=GONE, foreign=FOREIGN, noise="\xff")
    (project.path / "snapshots" / "binary.json").write_bytes(b"\xff\xfe")
    others = {"foreign.json", "noise.json", "binary.json"}
    project.runpytest_inprocess(*workers, "--snapshot-update", "--snapshot-no-cleanup")
    told = project.runpytest_inprocess(*workers)
    told.assert_outcomes(passed=9)
    assert told.ret == pytest.ExitCode.TESTS_FAILED
    told.stdout.fnmatch_lines(
        ["snapshots/gone.json is an orphan: its contract is gone; `--snapshot-update` over *"]
    )
    assert stored(project).keys() == {"refs.json", "runtime.json", "gone.json", *others}
    removed = project.runpytest_inprocess(*workers, "--snapshot-update")
    removed.assert_outcomes(passed=9)
    assert removed.ret == pytest.ExitCode.OK
    removed.stdout.fnmatch_lines(["snapshots/gone.json was an orphan, and is removed"])
    assert stored(project).keys() == {"refs.json", "runtime.json", *others}


def test_an_orphan_is_left_by_a_run_that_did_not_see_everything(project: pytest.Pytester) -> None:
    contracts(project, refs=contract("refs"), lost=contract("lost", "nullability: loose\n"))
    store(project, gone=GONE)
    project.runpytest_inprocess("-k", "refs", "--snapshot-update")
    result = project.runpytest_inprocess("-x", "--snapshot-update")
    result.assert_outcomes(failed=1)
    assert stored(project).keys() == {"refs.json", "gone.json"}


def test_snapshots_can_be_kept_in_another_folder(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\ncst_snapshots = accepted/schemas")
    contracts(project, refs=contract("refs"))
    run(project, "--snapshot-update").assert_outcomes(passed=1, deselected=6)
    kept = [file for file in Path(project.path, "accepted").rglob("*") if file.is_file()]
    assert kept == [project.path / "accepted" / "schemas" / "refs.json"]
    assert not (project.path / "snapshots").exists()


def test_a_folder_that_cannot_be_made_is_told(project: pytest.Pytester) -> None:
    contracts(project, refs=contract("refs"))
    (project.path / "snapshots").touch()
    result = run(project, "--snapshot-update")
    result.assert_outcomes(failed=1, deselected=6)
    result.stdout.fnmatch_lines(["*snapshots/refs.json: could not be written: *"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_without_syrupy_only_the_comparison_is_red(project: pytest.Pytester) -> None:
    contracts(project, refs=contract("refs"))
    store(project, refs=GONE)
    result = project.runpytest_inprocess("-p", "no:syrupy")
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["*snapshot-unreadable*syrupy, which is disabled in this run; *"])


@pytest.mark.parametrize("workers", [ONE_PROCESS, TWO_WORKERS], ids=["one process", "two workers"])
def test_an_update_says_what_it_has_accepted(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    before = accepted(project)
    move(project, "refs")
    told = run(project, *workers)
    told.assert_outcomes(passed=2, failed=1)
    told.stdout.fnmatch_lines(
        [
            "?snapshot-differs? refs: ref_id: not null → nullable (breaking); and 2 more",
            "    and:      path: string → int64 (breaking)",
            "    and:      line: absent → int64 (compatible)",
            "    promised: as in refs.json",
            "contracts/refs.yaml:1:1",
        ]
    )
    assert stored(project) == before
    updated = run(project, *workers, "--snapshot-update")
    updated.assert_outcomes(passed=3)
    updated.stdout.fnmatch_lines(
        [
            "refs.json: accepted 2 breaking, 1 compatible",
            "  ref_id: not null → nullable (breaking)",
            "  path: string → int64 (breaking)",
            "  line: absent → int64 (compatible)",
            "  must follow: a waiver of each breaking change, as the contract has no `version` *",
            "    waiver of *: ref_id: not null → nullable",
            "    waiver of *: path: string → int64",
            "2 snapshots passed. 1 snapshot updated.",
        ]
    )


@pytest.mark.parametrize(
    ("word", "outcome", "summary"),
    [("full", "failed", "1 snapshot failed."), ("none", "passed", None)],
)
def test_the_ini_key_says_which_drift_is_red_and_what_is_allowed_is_no_failed_snapshot(
    project: pytest.Pytester, word: str, outcome: str, summary: str | None
) -> None:
    contracts(project, refs=contract("refs"))
    run(project, *ONE_PROCESS, "--snapshot-update")
    before = stored(project)
    move(project, "refs")

    result = run(project, *ONE_PROCESS, "-o", f"cst_evolution={word}")

    result.assert_outcomes(**{outcome: 1}, deselected=6)
    if summary is None:
        assert "snapshot failed" not in result.stdout.str()
    else:
        result.stdout.fnmatch_lines(summary)
    assert stored(project) == before


def test_an_ini_key_that_is_no_evolution_is_refused(project: pytest.Pytester) -> None:
    contracts(project, refs=contract("refs"))
    result = run(project, *ONE_PROCESS, "-o", "cst_evolution=backwards")
    result.stderr.fnmatch_lines("*cst_evolution is 'backwards'; write one of backward, forward, *")
