"""A write is whole or has not happened."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cst_contracts.files.atomic import LinkedElsewhere, write_atomic
from cst_contracts.files.regular import NotRegular
from cst_contracts.files.snapshots import list_snapshots

SIZE = 1_000_000

WRITE_FOR_EVER = f"""
import sys
from pathlib import Path
from cst_contracts.files.atomic import write_atomic

file = Path(sys.argv[1])
write_atomic(file, "a" * {SIZE})
print("started", flush=True)
while True:
    write_atomic(file, "b" * {SIZE})
    write_atomic(file, "a" * {SIZE})
"""

DIE_BEFORE_THE_RENAME = """
import os, sys
from pathlib import Path
from cst_contracts.files.atomic import write_atomic

def die(event, _):
    if event == "os.rename":
        os._exit(9)

sys.addaudithook(die)
write_atomic(Path(sys.argv[1]), "new")
"""


def permissions(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize("content", ["naïve\r\nlines\n", "", b"\x00\xff\r\n"])
def test_content_is_written_as_it_is(tmp_path: Path, content: str | bytes) -> None:
    file = tmp_path / "x.json"
    write_atomic(file, content)
    assert file.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("old")
    file.chmod(0o640)
    write_atomic(file, "new")
    assert file.read_text() == "new"
    assert permissions(file) == 0o640


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    write_atomic(tmp_path / "x.json", "new")
    assert permissions(tmp_path / "x.json") == permissions(usual)


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    write_atomic(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_dangling_link_within_its_folder_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to("target.json")
    write_atomic(tmp_path / "link.json", "new")
    assert (tmp_path / "target.json").read_text() == "new"
    assert (tmp_path / "link.json").is_symlink()


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_out_of_its_folder_is_refused(tmp_path: Path, *, exists: bool) -> None:
    target, link = tmp_path / "target.json", tmp_path / "sub" / "link.json"
    link.parent.mkdir()
    if exists:
        target.write_text("old")
    link.symlink_to(target)
    with pytest.raises(LinkedElsewhere, match="it links out of its folder, to"):
        write_atomic(link, "new")
    assert target.exists() is exists
    assert list(link.parent.iterdir()) == [link]


def lowest_free_descriptor() -> int:
    descriptor = os.open(__file__, os.O_RDONLY)
    os.close(descriptor)
    return descriptor


def test_writing_leaves_no_file_open(tmp_path: Path) -> None:
    before = lowest_free_descriptor()
    write_atomic(tmp_path / "x.json", "new")
    assert lowest_free_descriptor() == before


def test_a_name_as_long_as_the_disk_allows_is_written(tmp_path: Path) -> None:
    file = tmp_path / f"{'x' * 250}.json"
    write_atomic(file, "new")
    assert file.read_text() == "new"


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "x.json"
    folder.mkdir()
    with pytest.raises(NotRegular, match=r"it is a folder, and no regular file: '.*x\.json'"):
        write_atomic(folder, "new")
    assert list(tmp_path.iterdir()) == [folder]


def test_a_write_that_dies_before_the_rename_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("old")
    died = subprocess.run([sys.executable, "-c", DIE_BEFORE_THE_RENAME, str(file)], check=False)
    assert died.returncode == 9
    assert file.read_text() == "old"
    leftovers = [found for found in tmp_path.iterdir() if found != file]
    assert [left.read_text() for left in leftovers] == ["new"]
    assert [str(name) for name in list_snapshots(tmp_path)] == ["x.json"]


@pytest.mark.parametrize("milliseconds", [0, 3, 11, 29])
def test_a_killed_writer_leaves_one_whole_content(tmp_path: Path, milliseconds: int) -> None:
    file = tmp_path / "x.json"
    command = [sys.executable, "-c", WRITE_FOR_EVER, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "started\n"
        time.sleep(milliseconds / 1000)
        writer.kill()
    assert file.read_text() in {"a" * SIZE, "b" * SIZE}
    assert [str(name) for name in list_snapshots(tmp_path)] == ["x.json"]
