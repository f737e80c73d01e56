"""Which contract files a folder holds, and what is said of those that cannot be read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cst_contracts.files.contracts import (
    UnreadableContract,
    contract_lines,
    is_out_of_sight,
    links_to_itself,
    list_contracts,
    read_contract,
)


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("table: t\n")
    return folder


def listed(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in list_contracts(folder)]


def refusal(file: Path) -> str:
    with pytest.raises(UnreadableContract) as caught:
        read_contract(file)
    assert str(caught.value) == f"{file}: {caught.value.why}"
    return caught.value.why


def test_contracts_are_listed_in_order_and_hidden_ones_are_none(tmp_path: Path) -> None:
    made(tmp_path, "b.yml", "a.yaml", "sub/C.YAML", "notes.md", ".x.yaml", ".git/y.yaml")
    assert listed(tmp_path) == ["a.yaml", "b.yml", "sub/C.YAML"]
    assert list_contracts(tmp_path / "none") == ()


def test_a_dangling_link_is_listed_and_says_where_it_leads(tmp_path: Path) -> None:
    for name in ("refs.yaml", "folder", "notes.md"):
        (tmp_path / name).symlink_to("../not-checked-out")
    assert listed(tmp_path) == ["folder", "refs.yaml"]
    why = "could not be read: it links to ../not-checked-out, which is not there"
    assert refusal(tmp_path / "refs.yaml") == refusal(tmp_path / "folder") == why


def test_a_link_to_itself_is_listed_and_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to("a.yaml")
    assert listed(tmp_path) == ["a.yaml"]
    assert refusal(tmp_path / "a.yaml").endswith("Too many levels of symbolic links")


def test_a_pipe_is_listed_and_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "z.yaml")
    assert listed(tmp_path) == ["z.yaml"]
    assert is_out_of_sight(tmp_path / "z.yaml")
    why = "could not be read: it is a named pipe, and no regular file"
    assert refusal(tmp_path / "z.yaml") == why
    assert contract_lines(tmp_path / "z.yaml") == []


def test_a_link_to_an_endless_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    assert listed(tmp_path) == ["zero.yaml"]
    why = "could not be read: it is a device, and no regular file"
    assert refusal(tmp_path / "zero.yaml") == why


def test_folders_that_link_to_each_other_are_walked_once_each(tmp_path: Path) -> None:
    made(tmp_path, "p/a.yaml", "q/b.yaml")
    for name in ("x", "y"):
        (tmp_path / "p" / name).symlink_to("../q")
        (tmp_path / "q" / name).symlink_to("../p")
    assert listed(tmp_path) == [
        *("p/a.yaml", "p/x/b.yaml", "p/y/b.yaml"),
        *("q/b.yaml", "q/x/a.yaml", "q/y/a.yaml"),
    ]


def test_a_link_to_a_folder_above_leads_to_itself_and_another_does_not(tmp_path: Path) -> None:
    made(tmp_path, "contracts/sub/a.yaml", "elsewhere/b.yaml")
    (tmp_path / "contracts/sub/up").symlink_to(tmp_path / "contracts")
    (tmp_path / "contracts/more").symlink_to(tmp_path / "elsewhere")
    assert links_to_itself(tmp_path / "contracts/sub/up")
    assert not links_to_itself(tmp_path / "contracts/more")
    assert not links_to_itself(tmp_path / "contracts/sub")
    assert listed(tmp_path / "contracts") == ["more/b.yaml", "sub/a.yaml"]


LIST_AND_READ = """
import sys
from pathlib import Path
from cst_contracts.files.contracts import UnreadableContract, list_contracts, read_contract
for path in list_contracts(Path(sys.argv[1])):
    try:
        read_contract(path)
    except UnreadableContract as error:
        print(path.name, error.why, sep=": ")
"""


def as_anybody(*command: str) -> list[str]:
    """The command, without root's right to read everything."""
    if os.geteuid() == 0:
        return ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    return list(command)


def test_a_file_and_a_folder_that_may_not_be_read_are_listed_and_say_so(tmp_path: Path) -> None:
    made(tmp_path, "a.yaml", "closed/b.yaml")
    (tmp_path / "a.yaml").chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        ran = subprocess.run(
            as_anybody(sys.executable, "-c", LIST_AND_READ, str(tmp_path)),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    finally:
        (tmp_path / "closed").chmod(0o700)
    why = "could not be read: Permission denied"
    assert ran.stdout.splitlines() == [f"a.yaml: {why}", f"closed: {why}"]


def test_lines_are_quoted_whatever_bytes_they_hold(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"table: t\n# \xff\n")
    assert contract_lines(tmp_path / "a.yaml") == ["table: t", "# \ufffd"]
    assert contract_lines(tmp_path / "none.yaml") == []
