"""The commit and branch of a checkout, beside what git itself says."""

import subprocess
from pathlib import Path

import pytest

from cst_contracts.files.revision import Revision, revision_of


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "init.defaultBranch=main"]
    ran = subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "deep").mkdir(parents=True)
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


def test_a_branch_is_told_with_its_commit_from_any_folder(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "-b", "topic/one")
    expected = Revision(git(checkout, "rev-parse", "HEAD"), "topic/one")
    assert revision_of(checkout) == revision_of(checkout / "deep") == expected


def test_packed_references_and_worktrees_are_read_too(checkout: Path, tmp_path: Path) -> None:
    commit = git(checkout, "rev-parse", "HEAD")
    git(checkout, "pack-refs", "--all")
    assert revision_of(checkout) == Revision(commit, "main")
    git(checkout, "worktree", "add", "-q", "-b", "beside", str(tmp_path / "beside"))
    assert revision_of(tmp_path / "beside") == Revision(commit, "beside")


def test_a_commit_that_is_checked_out_itself_has_no_branch(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "--detach")
    assert revision_of(checkout) == Revision(git(checkout, "rev-parse", "HEAD"), None)


def test_without_a_commit_or_a_checkout_nothing_is_known(tmp_path: Path) -> None:
    assert revision_of(tmp_path) == Revision()
    git(tmp_path, "init", "-q")
    assert revision_of(tmp_path) == Revision(None, "main")
    (tmp_path / ".git" / "HEAD").write_bytes(b"\xff")
    assert revision_of(tmp_path) == Revision()
