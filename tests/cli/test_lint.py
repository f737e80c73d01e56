"""`lint`: every problem of contract files, without data."""

import json
from pathlib import Path

import pytest

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main

_GOOD = "table: {name}\nfields: [{{name: a, type: int64}}]\n"
_BAD = "table: t\nfields:\n  - {name: a, type: int46}\n  - {name: b, type: string, nulable: true}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with an empty folder of contracts in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    return tmp_path


def test_files_without_a_problem_are_kept(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "contracts" / "deeper").mkdir()
    (project / "contracts" / "a.yaml").write_text(_GOOD.format(name="a"))
    (project / "contracts" / "deeper" / "b.yml").write_text(_GOOD.format(name="b"))

    assert main(["lint"]) == ExitCode.KEPT

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "no problem in 2 contract files\n"


def test_every_problem_is_told_with_its_place_and_the_way_out(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "contracts" / "a.yaml").write_text(_BAD)
    (project / "contracts" / "b.yaml").write_text(_GOOD.format(name="b"))

    assert main(["lint", "contracts"]) == ExitCode.ILL_FORMED

    captured = capsys.readouterr()
    first, second = captured.out.splitlines()
    assert first.startswith("contracts/a.yaml:3:21: ")
    assert "int64" in first
    assert second.startswith(
        "contracts/a.yaml:4:29: unknown key `nulable`; did you mean `nullable`?"
    )
    assert captured.err == "2 problems in 1 of 2 contract files\n"


def test_a_problem_that_only_planning_finds_is_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waiver = "waivers: [{check: row, reason: r, owner: o, expires: 2027-01-31}]\n"
    (project / "contracts" / "a.yaml").write_text(_GOOD.format(name="a") + waiver)

    assert main(["lint"]) == ExitCode.ILL_FORMED

    told = capsys.readouterr().out
    assert "names no promise of this contract: `row`; did you mean `rows`?" in told


def test_two_files_of_one_snapshot_are_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for suffix in ("yaml", "yml"):
        (project / "contracts" / f"a.{suffix}").write_text(_GOOD.format(name="a"))

    assert main(["lint"]) == ExitCode.ILL_FORMED

    told = capsys.readouterr().out
    assert told == (
        "contracts/a.yml:1:1: it has the snapshot of a.yaml, a.json; rename one of the two files\n"
    )


def test_what_cannot_be_read_is_a_problem(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "contracts" / "a.yaml").symlink_to("nowhere.yaml")

    assert main(["lint"]) == ExitCode.ILL_FORMED

    told = capsys.readouterr().out
    assert told.startswith("contracts/a.yaml:1:1: it could not be read: it links to nowhere.yaml, ")
    assert told.endswith("; make it a file that can be read\n")


def test_a_file_is_read_once_however_often_it_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "contracts" / "a.txt"
    file.write_text(_GOOD.format(name="a"))

    assert main(["lint", "contracts/a.txt", "contracts/a.txt"]) == ExitCode.KEPT

    assert capsys.readouterr().err == "no problem in 1 contract file\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "there is no contract file, *.yaml or *.yml, in contracts"),
        (["elsewhere"], "there is no file or folder elsewhere"),
    ],
)
def test_nothing_looked_at_is_an_error(
    project: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list((project / "contracts").iterdir()) == []

    assert main(["lint", *arguments]) == ExitCode.NOT_RUN

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith(f"Error: {told}\n")


def test_as_json_the_count_of_files_stands_beside_the_problems(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "contracts" / "a.yaml").write_text(_BAD)

    assert main(["lint", "--format", "json"]) == ExitCode.ILL_FORMED

    told = json.loads(capsys.readouterr().out)
    assert told["files"] == 1
    assert [(each["file"], each["line"], each["column"]) for each in told["problems"]] == [
        ("contracts/a.yaml", 3, 21),
        ("contracts/a.yaml", 4, 29),
    ]
    assert told["problems"][1]["instead"] == "did you mean `nullable`?"


def test_github_is_told_by_annotations(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "contracts" / "a.yaml").write_text(_BAD)

    assert main(["lint", "--format", "github"]) == ExitCode.ILL_FORMED

    assert capsys.readouterr().out.splitlines()[1] == (
        "::error file=contracts/a.yaml,line=4,col=29,title=ill-formed contract"
        "::unknown key `nulable`; did you mean `nullable`?"
    )
