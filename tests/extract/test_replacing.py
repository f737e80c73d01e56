import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cst_contracts.extract.replacing import replace_folder, replace_in_two_steps, swap

Replace = Callable[[Path, Path], None]


def folder(path: Path, text: str) -> Path:
    path.mkdir()
    (path / "text").write_text(text)
    return path


@pytest.mark.parametrize("replace", [replace_folder, replace_in_two_steps])
def test_a_folder_takes_the_place_of_another(tmp_path: Path, replace: Replace) -> None:
    table, new = folder(tmp_path / "table", "old"), folder(tmp_path / ".new", "new")

    replace(new, table)

    assert (table / "text").read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table"]


def test_a_folder_takes_a_place_that_is_free(tmp_path: Path) -> None:
    replace_folder(folder(tmp_path / ".new", "new"), tmp_path / "table")

    assert (tmp_path / "table" / "text").read_text() == "new"


def test_an_old_folder_comes_back_where_the_new_one_cannot_take_its_place(tmp_path: Path) -> None:
    table = folder(tmp_path / "table", "old")

    with pytest.raises(FileNotFoundError):
        replace_in_two_steps(tmp_path / ".gone", table)

    assert (table / "text").read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table"]


def test_readers_find_one_of_the_two_at_any_time(tmp_path: Path) -> None:
    table, other = folder(tmp_path / "table", "old"), folder(tmp_path / ".other", "new")
    if not swap(other, table):
        return_to_two_steps(tmp_path, table)
        return
    missed: list[bool] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            missed.append(not table.exists())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(2000):
        assert swap(other, table)
    done.set()
    reader.join()

    assert missed
    assert not any(missed)


def return_to_two_steps(tmp_path: Path, table: Path) -> None:
    """Where the system cannot swap, nothing may have moved."""
    assert (table / "text").read_text() == "old"
    assert (tmp_path / ".other" / "text").read_text() == "new"
