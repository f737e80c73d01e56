"""Files of a repository are read as they were, whatever is checked out."""

from pathlib import Path, PurePosixPath

import pytest
from support.repository import Repository

from cst_contracts.files.git import GitError, commit_of, is_shallow, read_files


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def named(files: dict[PurePosixPath, bytes]) -> dict[str, bytes]:
    return {str(name): content for name, content in files.items()}


def test_files_are_read_as_they_were_at_a_commit(repository: Repository) -> None:
    first = repository.commit(a="one", b="zwei\n")
    (repository.folder / "contracts/a.yaml").unlink()
    repository.write("contracts/deep/ü x.yaml", "three")
    repository.write("other/no.yaml", "four")
    second = repository.commit()
    repository.write("contracts/b.yaml", "not committed")

    assert named(read_files(repository.folder, first, ["contracts"])) == {
        "contracts/a.yaml": b"one",
        "contracts/b.yaml": b"zwei\n",
    }
    assert named(read_files(repository.folder, second, ["contracts", "nothing"])) == {
        "contracts/b.yaml": b"zwei\n",
        "contracts/deep/ü x.yaml": b"three",
    }


def test_references_of_all_kinds_name_commits(repository: Repository) -> None:
    commit = repository.commit(a="one")
    repository.git("tag", "-a", "v1", "-m", "one")

    names = ("main", "HEAD", "v1", commit[:10], "refs/heads/main", "main~0")
    assert {commit_of(repository.folder, name) for name in names} == {commit}
    for unknown in ("nope", "HEAD~1", "--all", "main:contracts"):
        assert commit_of(repository.folder, unknown) is None


def test_places_are_relative_to_the_folder_within_its_repository(repository: Repository) -> None:
    repository.write("project/contracts/a.yaml", "one")
    repository.write("contracts/b.yaml", "two")
    commit = repository.commit()
    project = repository.folder / "project"

    assert named(read_files(project, commit, ["contracts"])) == {"contracts/a.yaml": b"one"}
    assert named(read_files(project, commit, ["../contracts"])) == {"../contracts/b.yaml": b"two"}


def test_a_link_has_what_it_leads_to_and_one_that_leads_elsewhere_is_left_out(
    repository: Repository,
) -> None:
    repository.write("contracts/a.yaml", "one")
    for name, target in (("b.yaml", "a.yaml"), ("c.yaml", "/etc/passwd"), ("d.yaml", "b.yaml")):
        (repository.folder / "contracts" / name).symlink_to(target)
    commit = repository.commit()

    assert named(read_files(repository.folder, commit, ["contracts"])) == {
        "contracts/a.yaml": b"one",
        "contracts/b.yaml": b"one",
    }


def test_a_folder_in_no_repository_has_no_references(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="no git repository to read references of"):
        commit_of(tmp_path, "main")


def test_without_git_there_are_no_references(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="which is not installed"):
        commit_of(repository.folder, "main")


def test_what_git_cannot_read_is_told_in_its_words(repository: Repository) -> None:
    repository.commit(a="one")
    with pytest.raises(GitError, match=r"git ls-tree failed in .*: fatal"):
        read_files(repository.folder, "0" * 40, ["contracts"])


def test_a_clone_without_history_is_shallow(repository: Repository, tmp_path: Path) -> None:
    repository.commit(a="one")
    repository.commit(a="two")
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--depth=1", repository.folder.as_uri(), str(clone))

    assert not is_shallow(repository.folder)
    assert is_shallow(clone)
    assert commit_of(clone, "HEAD~1") is None
