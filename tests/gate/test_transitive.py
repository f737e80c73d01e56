"""Contracts whose `evolution` is of all versions before, not only of the last one."""

from datetime import date
from pathlib import Path

import pytest
from support.repository import Repository

from cst_contracts.api import Difference, check, diff
from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main
from cst_contracts.errors import CstContractsError

TODAY, LATER = date(2026, 6, 1), date(2100, 6, 1)
FIELD = "  - {{name: a, type: {}}}\n"


def contract(*types: str, version: str = "1.0.0", word: str = "backward_transitive") -> str:
    """With a field `a` of a type, or without one."""
    fields = "".join(map(FIELD.format, types))
    head = f"table: t\nversion: {version}\nevolution: {word}\n"
    return f"{head}fields:\n  - {{name: id, type: int64}}\n{fields}"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Of three commits: a field goes in the second, and the third says nothing of it."""
    repository = Repository(tmp_path / "project")
    monkeypatch.chdir(repository.folder)
    repository.commit(t=contract("int32"))
    repository.commit(t=contract())
    repository.commit(t=contract().replace("table: t", "table: t  # again"))
    return repository


def notes(told: Difference) -> list[str]:
    return [f"{note.code} {note.place}: {note.what}; {note.instead}" for note in told.notes]


@pytest.mark.parametrize(
    ("word", "type_", "red"),
    [
        ("backward_transitive", "int32", False),  # as it was at first
        ("backward_transitive", "string", True),
        ("backward_transitive", "int64", False),  # reads all that was written at first
        ("forward_transitive", "int64", True),
        ("full_transitive", "int64", True),
        ("full_transitive", "string", True),
        ("backward", "string", False),
        ("none", "string", False),
    ],
)
def test_a_field_that_comes_back(
    repository: Repository, word: str, type_: str, *, red: bool
) -> None:
    repository.commit(t=contract(type_, version="1.1.0", word=word))

    told = diff("HEAD~1", today=TODAY)

    assert told.is_red is red
    assert [note.code for note in told.notes] == ["breaks-earlier-version"] * red


def test_what_is_told_of_it(repository: Repository) -> None:
    first = repository.git("rev-parse", "--short=12", "HEAD~2")
    repository.commit(t=contract("string", version="1.1.0"))

    told = diff("HEAD~1", today=TODAY)

    fingerprint = notes(told)[0].rpartition(" ")[2]
    assert notes(told) == [
        f"breaks-earlier-version contracts/t.yaml:3:12: t since {first} (version 1.0.0): "
        "a: int32 → string [type-changed, breaking]; step `version` to 2.0.0; or take the change back, "
        f"or waive change {fingerprint}"
    ]


def test_a_major_step_since_then_allows_it(repository: Repository) -> None:
    repository.commit(t=contract("string", version="2.0.0"))
    assert not diff("HEAD~1", today=TODAY).is_red

    repository.commit(t=contract(version="2.0.0"))
    repository.commit(t=contract("bool", version="2.1.0"))
    told = diff("HEAD~1", today=TODAY)
    assert told.is_red
    assert "(version 2.0.0): a: string → bool" in notes(told)[0]


def test_a_waiver_of_the_change_holds_until_it_expires(repository: Repository) -> None:
    text = contract("string", version="1.1.0")
    repository.commit(t=text)
    fingerprint = notes(diff("HEAD~1", today=TODAY))[0].rpartition(" ")[2]
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    repository.write("contracts/t.yaml", text)
    words = ["--reason", "agreed", "--owner", "me", "--expires", "2099-12-31"]
    assert main(["waive", fingerprint, "--base", "HEAD", *words]) == ExitCode.KEPT
    repository.commit()

    assert notes(diff("HEAD~1", today=TODAY)) == []
    expired = diff("HEAD~1", today=LATER)

    assert expired.is_red
    assert {note.code for note in expired.notes} == {"breaks-earlier-version", "waiver-expired"}


def test_what_the_base_broke_already_is_not_told_again(repository: Repository) -> None:
    repository.commit(t=contract("string", version="1.1.0"))
    repository.commit(t=contract("string", version="1.1.1"))

    assert notes(diff("HEAD~1", today=TODAY)) == []
    assert diff("HEAD~2", today=TODAY).is_red


def test_the_last_version_counts_for_what_was_written_before_too(repository: Repository) -> None:
    tightened = contract().replace("type: int64}", "type: int64, nullable: false}")
    repository.commit(t=tightened.replace("1.0.0", "1.1.0"))

    told = diff("HEAD~1", today=TODAY)

    assert told.is_red
    assert "t since HEAD~1 (version 1.0.0): id: " in notes(told)[0]
    assert "[nullability-tightened, forward]" in notes(told)[0]


def test_without_a_version_nothing_can_announce_it(repository: Repository) -> None:
    repository.commit(t=contract("string").replace("version: 1.0.0\n", ""))

    assert "; give it a `version`, whose major step can announce it; " in notes(diff("HEAD~1"))[0]


def test_a_folder_has_no_history_and_a_shallow_clone_lacks_some(
    repository: Repository, tmp_path: Path
) -> None:
    folder = diff(".", today=TODAY)
    assert folder.is_red
    assert (
        "`evolution` is of all versions, and . is a folder, which has no history; "
        in notes(folder)[0]
    )

    shallow = Repository(tmp_path / "shallow")
    shallow.git("fetch", "--quiet", "--depth=2", f"file://{repository.folder}", "main")
    shallow.git("reset", "--quiet", "--hard", "FETCH_HEAD")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(shallow.folder)
        told = diff("HEAD~1", today=TODAY)
    assert told.is_red
    assert [note.code for note in told.notes] == ["history-missing"]


def test_an_older_state_that_is_ill_formed_is_named_and_left_out(repository: Repository) -> None:
    repository.commit(t="table: t\n")
    repository.commit(t=contract())
    repository.commit(t=contract("string", version="1.1.0"))

    told = diff("HEAD~1", today=TODAY)

    assert [str(note.code) for note in told.notes] == [
        "breaks-earlier-version",
        "history-unreadable",
    ]
    assert [note.code.is_red for note in told.notes] == [True, False]


def test_a_transitive_word_is_written_in_a_contract_only(repository: Repository) -> None:
    with pytest.raises(
        CstContractsError, match="evolution is 'full_transitive'; write one of backward,"
    ):
        check(repository.folder / "contracts", evolution="full_transitive")
