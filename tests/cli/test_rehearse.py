"""`rehearse`, under environments that differ, that are alike, and that cannot look."""

import json
import os
import sys
from pathlib import Path

import pytest
from support.small_lake import write_small_lake

from cst_contracts import __version__
from cst_contracts.api import check
from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main

CONTRACT = """table: refs
source: {format: parquet, location: refs.parquet}
fields:
  - {name: ref_id, type: string, nullable: false}
  - {name: path, type: string}
views:
  - name: turned
    sql: SELECT reverse(ref_id) AS turned, path FROM refs
    fields:
      - {name: turned, type: string}
      - {name: path, type: string}
"""

#: What Python runs when it starts: the engine of that environment lacks a function, and has another setting.
_OTHER_ENGINE = """import datafusion

class Other(datafusion.SessionContext):
    def __init__(self, *given):
        super().__init__(*given)
        self.deregister_udf("reverse")
        self.sql("SET datafusion.execution.batch_size = 4096")

datafusion.SessionContext = Other
"""


class Project:
    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self._capsys = root, capsys

    def environment(self, script: str) -> str:
        """An interpreter of another environment: what it does, as lines of a shell."""
        file = self.root.parent / "python"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return str(file)

    def recorded(self, **manifest: object) -> str:
        """An environment whose run leaves the manifest of this one behind, with these members changed."""
        file = self.root.parent / "recorded.json"
        known = json.loads(
            check(lake="lake", snapshots="../s", update_snapshots=True).manifest_json()
        )
        file.write_text(json.dumps({**known, **manifest}))
        taken = f'while [ "$1" != --manifest ]; do shift; done; cp "{file}" "$2"'
        return self.environment(taken)

    def rehearse(self, python: str, *more: str) -> tuple[int, list[str], str]:
        status = main(["rehearse", "--python", python, *more])
        told = self._capsys.readouterr()
        return status, told.out.splitlines(), told.err

    def files(self) -> dict[str, int]:
        found = (each for each in self.root.rglob("*") if each.is_file())
        return {str(each.relative_to(self.root)): each.stat().st_mtime_ns for each in found}


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    root = tmp_path / "project"
    (root / "contracts").mkdir(parents=True)
    (root / "lake").mkdir()
    write_small_lake(root / "lake")
    (root / "contracts/refs.yaml").write_text(CONTRACT)
    (root / "pytest.ini").write_text("[pytest]\ncst_lake = lake\n")
    monkeypatch.chdir(root)
    return Project(root, capsys)


def test_another_engine_is_compared_and_nothing_of_the_project_is_written(project: Project) -> None:
    site = project.root.parent / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(_OTHER_ENGINE)
    python = project.environment(f'PYTHONPATH="{site}" exec "{sys.executable}" "$@"')
    before = project.files()

    status, lines, _ = project.rehearse(os.path.relpath(python))

    assert status == ExitCode.BROKEN
    assert project.files() == before
    assert lines[0] == "the same versions here and there"
    assert lines[1].startswith("the session: differs (")
    assert lines[2:6] == [
        "    scalar function reverse: present → absent (breaking)",
        '    setting datafusion.execution.batch_size: "8192" → "4096" (compatible)',
        "refs: differs (2 fields, 8 promises)",
        "    1 promise undecided there for what is red elsewhere (breaking)",
    ]
    assert lines[6] == "turned: differs (1 promise)"
    assert lines[7].startswith(
        "    view[turned]: kept → broken: Error during planning: Invalid function 'reverse'."
    )
    assert lines[8:] == ["3 breaking, 1 compatible, 0 cosmetic"]


_OWN_SESSION = """import os
from datafusion import SessionConfig, SessionContext

def session():
    context = SessionContext(SessionConfig().with_information_schema(True))
    name = os.environ.get("REHEARSED", "refs")
    context.register_parquet("mine", f"lake/{name}.parquet")
    return context
"""


def test_each_environment_looks_at_its_own_session(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (project.root / "rehearsed_tables.py").write_text(_OWN_SESSION)
    (project.root / "contracts/refs.yaml").unlink()
    (project.root / "contracts/mine.yaml").write_text(
        "table: mine\nfields: [{name: ref_id, type: string}, {name: path, type: string}]\n"
    )
    session = ("--session", "rehearsed_tables:session")
    assert main(["check", "--quiet", *session]) == ExitCode.KEPT

    python = project.environment(f'REHEARSED=moved exec "{sys.executable}" "$@"')
    status, lines, _ = project.rehearse(python, *session)

    assert status == ExitCode.BROKEN
    assert "    path: string → int64 (breaking)" in lines
    assert project.rehearse(python, "--session", "rehearsed_tables:gone")[2].endswith(
        "Invalid value for '--session': rehearsed_tables has no function gone\n"
    )


def test_environments_that_are_alike_in_all_but_their_versions(project: Project) -> None:
    python = project.recorded(
        versions={"cst_contracts": "99.0.0", "datafusion": "56.0.0"}, functions=[]
    )
    assert project.rehearse(python)[1][-1].endswith("1 not compared")
    python = project.recorded(versions={"cst_contracts": "99.0.0", "datafusion": "56.0.0"})

    status, lines, _ = project.rehearse(python, "--lake", "lake", "--memory", "512MB")

    assert status == ExitCode.KEPT
    assert f"cst_contracts is {__version__} here and 99.0.0 there" in lines
    assert "deltalake is " in "\n".join(lines)
    assert "what differs may come from cst-contracts itself, of which the versions differ" in lines
    assert lines[-3:] == [
        "refs: alike (2 fields, 8 promises)",
        "turned: alike (2 fields, a plan, 1 promise)",
        "0 breaking, 0 compatible, 0 cosmetic",
    ]


def test_an_engine_that_fits_nothing_there_is_no_difference(project: Project) -> None:
    why = "datafusion is 56.0.0: pip install 'datafusion>=55.0.0,<56'"
    known = json.loads(check(lake="lake").manifest_json())
    promises = [{**each, "outcome": "undecided", "observed": why} for each in known["promises"]]
    python = project.recorded(promises=promises)

    status, lines, err = project.rehearse(python)

    assert (status, lines) == (ExitCode.NOT_RUN, [])
    assert err == f"cst-contracts: under {python}, nothing could be looked at: {why}\n"


def test_an_interpreter_without_the_package_says_how_to_install_it(project: Project) -> None:
    python = project.environment(f'exec "{sys.executable}" -S "$@"')

    status, lines, err = project.rehearse(python)

    assert (status, lines) == (ExitCode.NOT_RUN, [])
    assert err == (
        f"cst-contracts: {python}: cst-contracts is not installed there; "
        f"`{python} -m pip install cst-contracts=={__version__}`\n"
    )


@pytest.mark.parametrize(
    ("script", "told", "seconds"),
    [
        ("true", "the gate did not run there: it said nothing, and may be no Python", "60"),
        (
            "echo 'cst-contracts: no such lake' >&2; exit 2",
            "the gate did not run there: no such lake",
            "60",
        ),
        ("sleep 60 & sleep 60", "did not end within 0.3 seconds", "0.3"),
        (
            'while [ "$1" != --manifest ]; do shift; done; echo "{}" > "$2"',
            'expected a manifest, found no "manifest_version"',
            "60",
        ),
    ],
)
def test_an_environment_that_cannot_look(
    project: Project, script: str, told: str, seconds: str
) -> None:
    python = project.environment(script)

    status, lines, err = project.rehearse(python, "--seconds", seconds)

    assert (status, lines) == (ExitCode.NOT_RUN, [])
    assert python in err
    assert told in err
    assert err.count("\n") == 1


def test_what_is_no_interpreter(project: Project) -> None:
    (project.root / "notes").write_text("words")

    assert project.rehearse("../nowhere/python")[2] == (
        "cst-contracts: ../nowhere/python: there is no such interpreter\n"
    )
    assert project.rehearse("no-such-python")[2] == (
        "cst-contracts: no-such-python: there is no such interpreter\n"
    )
    assert project.rehearse("./notes")[2] == "cst-contracts: ./notes: no program that can be run\n"
    status, _, err = project.rehearse("../project")
    assert status == ExitCode.NOT_RUN
    assert err.startswith(
        "cst-contracts: ../project: a folder; name the interpreter in it, such as"
    )


def test_contracts_are_read_before_the_other_environment_is_asked(project: Project) -> None:
    python = project.environment("sleep 60")
    (project.root / "contracts/refs.yaml").write_text("table: refs\n")

    assert project.rehearse(python)[0] == ExitCode.ILL_FORMED

    (project.root / "contracts/refs.yaml").unlink()
    status, _, err = project.rehearse(python)
    assert status == ExitCode.NOT_RUN
    assert err == "cst-contracts: there is no contract file (.yaml, .yml) in contracts\n"


def test_both_sides_take_no_longer_for_a_query_than_they_may(project: Project) -> None:
    status, told, _ = project.rehearse(sys.executable, "--query-seconds", "1e-9")
    assert status == ExitCode.NOT_RUN
    assert "view[turned] is undecided on both sides: it took longer than the 1e-09 s" in " ".join(
        told
    )
