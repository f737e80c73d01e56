"""Manifest files: what is read and written, and what is left alone."""

import os
import stat
from pathlib import Path

import pytest

from cst_contracts.errors import ManifestError
from cst_contracts.files.manifests import read_manifest_text, write_manifest_text


def refused(file: Path) -> str:
    with pytest.raises(ManifestError) as caught:
        write_manifest_text(file, "{}")
    return str(caught.value)


def test_what_was_written_is_read_and_missing_folders_are_made(tmp_path: Path) -> None:
    file = tmp_path / "out" / "deep" / "manifest.json"
    write_manifest_text(file, "größe\n")
    assert read_manifest_text(file) == "größe\n"


def test_the_root_and_a_folder_are_no_place_for_a_manifest(tmp_path: Path) -> None:
    assert refused(Path("/")) == "/: could not be written: it is a folder, and no regular file"
    assert refused(tmp_path).endswith(": could not be written: it is a folder, and no regular file")
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_stays_one_and_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert refused(pipe) == f"{pipe}: could not be written: it is a named pipe, and no regular file"
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    with pytest.raises(ManifestError, match="it is a named pipe, and no regular file"):
        read_manifest_text(pipe)


def test_a_device_is_left_alone() -> None:
    device = Path("/dev/full")
    before = device.lstat()
    assert refused(device) == "/dev/full: could not be written: it is a device, and no regular file"
    assert device.lstat().st_rdev == before.st_rdev


def test_a_link_out_of_its_folder_is_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "kept.json", tmp_path / "out" / "manifest.json"
    link.parent.mkdir()
    target.write_text("kept")
    link.symlink_to("../kept.json")
    assert refused(link) == f"{link}: could not be written: it links out of its folder, to {target}"
    assert (target.read_text(), link.is_symlink()) == ("kept", True)


def test_a_loop_of_links_is_an_error_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "m.json").symlink_to("m.json")
    assert refused(tmp_path / "m.json").endswith("Too many levels of symbolic links")


def test_what_is_not_utf8_is_told_with_its_byte(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_bytes(b'"\xe9"')
    with pytest.raises(ManifestError, match=r"m\.json: not UTF-8 \(byte 1\), and so no manifest"):
        read_manifest_text(tmp_path / "m.json")
    with pytest.raises(ManifestError, match=r"x\.json: could not be read: No such file"):
        read_manifest_text(tmp_path / "x.json")
