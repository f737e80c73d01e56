"""Snapshot files: one a contract, under a folder that mirrors the contracts'."""

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cst_contracts.errors import SnapshotError
from cst_contracts.files.snapshots import (
    delete_snapshot,
    list_snapshots,
    orphans,
    read_snapshot,
    snapshot_name,
    write_snapshot,
)

NAMES = st.lists(st.sampled_from(["a", "b", "c.d"]), min_size=1, max_size=3).map("/".join)


@pytest.mark.parametrize(
    ("contract", "snapshot"),
    [("cst_refs.yaml", "cst_refs.json"), ("lake/refs.v1.yml", "lake/refs.v1.json")],
)
def test_a_snapshot_is_named_after_its_contract(contract: str, snapshot: str) -> None:
    assert str(snapshot_name(PurePosixPath(contract))) == snapshot
    assert str(snapshot_name(PureWindowsPath(contract.replace("/", "\\")))) == snapshot


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "lake" / "deep" / "größe.json"
    write_snapshot(file, "größe\n")
    assert file.read_bytes() == "größe\n".encode()
    assert read_snapshot(file) == "größe\n"


def test_no_file_is_no_snapshot(tmp_path: Path) -> None:
    assert read_snapshot(tmp_path / "none" / "x.json") is None


def test_line_ends_of_a_checkout_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b"{\r\n}\r\n")
    assert read_snapshot(tmp_path / "x.json") == "{\n}\n"


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(b'"\xe9"')
    with pytest.raises(SnapshotError) as caught:
        read_snapshot(file)
    assert str(caught.value) == (
        f"{file}: not UTF-8 (byte 1); regenerate it with `pytest --snapshot-update`"
    )


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.mkdir()
    with pytest.raises(SnapshotError) as caught:
        read_snapshot(file)
    assert str(caught.value) == f"{file}: could not be read: it is a folder, and no regular file"
    with pytest.raises(SnapshotError) as caught:
        write_snapshot(file, "{}")
    assert str(caught.value) == f"{file}: could not be written: it is a folder, and no regular file"


def test_a_pipe_in_place_of_a_file_is_named_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    os.mkfifo(file)
    with pytest.raises(SnapshotError, match="could not be read: it is a named pipe"):
        read_snapshot(file)
    with pytest.raises(SnapshotError, match="could not be written: it is a named pipe"):
        write_snapshot(file, "{}")
    assert file.is_fifo()


def test_a_link_out_of_the_folder_is_read_and_not_written(tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    file = tmp_path / "snapshots" / "x.json"
    file.symlink_to("../other.json")
    assert read_snapshot(file) is None
    (tmp_path / "other.json").write_text("kept")
    assert read_snapshot(file) == "kept"
    with pytest.raises(SnapshotError, match="it links out of its folder, to"):
        write_snapshot(file, "{}")
    assert (tmp_path / "other.json").read_text() == "kept"


def test_a_file_in_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "lake").touch()
    file = tmp_path / "lake" / "x.json"
    with pytest.raises(SnapshotError, match=r"x\.json: could not be read: Not a directory"):
        read_snapshot(file)
    with pytest.raises(SnapshotError, match=r"x\.json: could not be written: File exists"):
        write_snapshot(file, "{}")


def test_snapshots_are_listed_in_order_and_nothing_else_is(tmp_path: Path) -> None:
    for name in ("b.json", "lake/a.json", "a.json", "README.md", ".write-1.tmp", ".git/x.json"):
        write_snapshot(tmp_path / name, "{}")
    (tmp_path / "folder.json").mkdir()
    assert list(map(str, list_snapshots(tmp_path))) == ["a.json", "b.json", "lake/a.json"]


def test_a_missing_folder_has_no_snapshots(tmp_path: Path) -> None:
    assert list_snapshots(tmp_path / "snapshots") == ()


def test_deleting_takes_emptied_folders_along_and_no_other_file(tmp_path: Path) -> None:
    for name in ("lake/deep/x.json", "lake/y.json"):
        write_snapshot(tmp_path / name, "{}")
    delete_snapshot(tmp_path, PurePosixPath("lake/deep/x.json"))
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "lake", tmp_path / "lake" / "y.json"]
    delete_snapshot(tmp_path, PurePosixPath("lake/y.json"))
    assert list(tmp_path.iterdir()) == []


def test_deleting_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError) as caught:
        delete_snapshot(tmp_path, PurePosixPath("x.json"))
    assert str(caught.value) == (
        f"{tmp_path / 'x.json'}: could not be deleted: No such file or directory"
    )


def test_a_snapshot_without_its_contract_is_an_orphan() -> None:
    existing = list(map(PurePosixPath, ["lake/refs.json", "refs.json", "calls.json"]))
    contracts = list(map(PurePosixPath, ["refs.yaml", "lake/calls.yml"]))
    assert list(map(str, orphans(existing, contracts))) == ["calls.json", "lake/refs.json"]


@given(st.sets(NAMES))
def test_a_contracts_own_snapshot_is_never_an_orphan(names: set[str]) -> None:
    contracts = [PurePosixPath(f"{name}.yaml") for name in names]
    assert orphans([snapshot_name(contract) for contract in contracts], contracts) == ()
    assert len(orphans([PurePosixPath(f"{name}.json") for name in names], [])) == len(names)
