from pathlib import Path

import pytest

from cst_contracts.errors import CstContractsError
from cst_contracts.extract.sources import SourceRoot, files_below, find_sources


def tree(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1\n")
    return root


def paths(*roots: SourceRoot) -> list[str]:
    return [source.path for source in find_sources(roots)]


def test_python_files_and_stubs_are_found_in_binary_order(tmp_path: Path) -> None:
    root = tree(tmp_path, "b.py", "a/z.pyi", "a.py", "B.py", "a-b/x.py", "é.py", "notes.txt")

    found = paths(SourceRoot(root))

    assert found == ["B.py", "a-b/x.py", "a.py", "a/z.pyi", "b.py", "é.py"]
    assert found == sorted(found, key=str.encode)


def test_hidden_folders_and_caches_are_left_out(tmp_path: Path) -> None:
    root = tree(tmp_path, "a.py", ".venv/b.py", "p/.git/c.py", "p/__pycache__/d.py")

    assert paths(SourceRoot(root)) == ["a.py"]


def test_a_link_that_goes_in_circles_is_not_followed(tmp_path: Path) -> None:
    root = tree(tmp_path, "p/a.py")
    (root / "p" / "again").symlink_to(root, target_is_directory=True)
    (root / "gone.py").symlink_to(root / "nowhere.py")

    assert paths(SourceRoot(root)) == ["p/a.py"]


def test_a_root_may_be_a_single_file(tmp_path: Path) -> None:
    root = tree(tmp_path / "project", "a.py", "b.py")

    (source,) = find_sources([SourceRoot(root / "a.py")])

    assert (source.repo, source.path) == ("project", "a.py")


def test_a_repo_is_called_as_its_folder_unless_told_otherwise(tmp_path: Path) -> None:
    root = tree(tmp_path / "project", "a.py")

    repos = {source.repo for source in find_sources([SourceRoot(root), SourceRoot(root, "mine")])}

    assert repos == {"project", "mine"}


def test_repos_may_come_one_after_the_other(tmp_path: Path) -> None:
    roots = [SourceRoot(tree(tmp_path / name, "a.py", "b.py")) for name in ("two", "one")]

    mixed = [(source.path, source.repo) for source in find_sources(roots)]
    apart = [(source.repo, source.path) for source in find_sources(roots, by_repo=True)]

    assert [path for path, _ in mixed] == ["a.py", "a.py", "b.py", "b.py"]
    assert apart == [("one", "a.py"), ("one", "b.py"), ("two", "a.py"), ("two", "b.py")]


def test_a_file_name_that_is_not_unicode_is_escaped(tmp_path: Path) -> None:
    tree(tmp_path, "x\udcff.py")

    assert paths(SourceRoot(tmp_path)) == ["x\\udcff.py"]


def test_no_source_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CstContractsError, match="no Python source found") as caught:
        find_sources([SourceRoot(tmp_path)])
    assert str(tmp_path) in str(caught.value)
    with pytest.raises(CstContractsError, match="no folder was given"):
        find_sources([])


def test_a_root_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CstContractsError, match=r"missing: no such file or folder"):
        find_sources([SourceRoot(tmp_path / "missing")])


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CstContractsError, match=r"missing: No such file or directory"):
        list(files_below(tmp_path / "missing"))


def test_one_path_of_one_repo_cannot_be_two_files(tmp_path: Path) -> None:
    one, other = (tree(tmp_path / name, "a.py") for name in ("one", "other"))

    with pytest.raises(CstContractsError, match=r"both a\.py of repo same"):
        find_sources([SourceRoot(one, "same"), SourceRoot(other, "same")])
