"""Tallies in a folder: what comes back of them, and what does not."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cst_contracts.errors import CstContractsError
from cst_contracts.files.proofs import ProofFolder, open_proofs

URL, STAMP = "file:///lake/t/0.parquet", b"s" * 16
ONE, TWO = b"1" * 16, b"2" * 16
TALLIES = {ONE: b"nulls", TWO: b"rules"}


@pytest.fixture
def folder(tmp_path: Path) -> ProofFolder:
    found = open_proofs(tmp_path / "below" / "proofs", {"a": "1", "b": "2"})
    found.keep(URL, STAMP, TALLIES)
    return found


def file_of(folder: ProofFolder) -> Path:
    (file,) = folder.folder.glob("*.proofs")
    return file


def test_what_is_kept_comes_back_by_its_digest(folder: ProofFolder) -> None:
    assert folder.kept(URL, STAMP, [ONE, TWO]) == TALLIES
    assert folder.kept(URL, STAMP, [TWO, b"3" * 16]) == {TWO: b"rules"}
    assert folder.kept("file:///lake/t/1.parquet", STAMP, [ONE]) == {}


def test_more_is_kept_beside_it_and_another_one_instead(folder: ProofFolder) -> None:
    folder.keep(URL, STAMP, {b"3" * 16: b"more", ONE: b"other"})
    assert folder.kept(URL, STAMP, [ONE, TWO]) == {ONE: b"other", TWO: b"rules"}
    folder.keep(URL, b"t" * 16, {TWO: b"of a rewritten file"})
    assert folder.kept(URL, STAMP, [ONE, TWO]) == {}
    assert folder.kept(URL, b"t" * 16, [ONE, TWO]) == {TWO: b"of a rewritten file"}


def test_other_versions_have_kept_nothing(folder: ProofFolder) -> None:
    later = open_proofs(folder.folder, {"a": "1", "b": "3"})
    assert later.kept(URL, STAMP, [ONE]) == {}
    later.keep(URL, STAMP, {ONE: b"later"})
    assert later.kept(URL, STAMP, [ONE, TWO]) == {ONE: b"later"}
    assert folder.kept(URL, STAMP, [ONE, TWO]) == {}


def test_a_file_that_is_cut_anywhere_is_no_proof(folder: ProofFolder) -> None:
    file = file_of(folder)
    whole = file.read_bytes()
    for size in range(len(whole)):
        file.write_bytes(whole[:size])
        found = folder.kept(URL, STAMP, [ONE, TWO])
        assert found == ({ONE: b"nulls"} if size >= len(whole) - len(b"rules") else {})


def test_no_other_byte_anywhere_is_believed(folder: ProofFolder) -> None:
    file = file_of(folder)
    whole = file.read_bytes()
    for at in range(len(whole)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        found = folder.kept(URL, STAMP, [ONE, TWO])
        assert found.items() < TALLIES.items()


def test_a_folder_in_its_place_is_no_proof(folder: ProofFolder) -> None:
    file = file_of(folder)
    file.unlink()
    file.mkdir()
    assert folder.kept(URL, STAMP, [ONE]) == {}
    with pytest.raises(OSError, match=r"\.proofs"):
        folder.keep(URL, STAMP, TALLIES)


def test_nothing_in_the_folder_names_a_place_and_git_leaves_it_alone(folder: ProofFolder) -> None:
    assert b"lake" not in file_of(folder).read_bytes()
    assert "lake" not in file_of(folder).name
    assert (folder.folder / ".gitignore").read_text(encoding="utf-8").endswith("\n*\n")
    assert sorted(each.name for each in folder.folder.iterdir())[1:] == [file_of(folder).name]


def test_a_folder_that_cannot_be_had_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here already", encoding="utf-8")
    with pytest.raises(CstContractsError, match="no folder of proofs can be had there: "):
        open_proofs(tmp_path / "file", {})


def test_runs_that_write_at_once_leave_a_file_that_can_be_read(folder: ProofFolder) -> None:
    """The last one wins whole: what it has not met is lost."""
    digests = [bytes([number]) * 16 for number in range(8)]

    def keep(digest: bytes) -> None:
        folder.keep(URL, STAMP, {digest: digest * 1000})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, digests))
    found = folder.kept(URL, STAMP, digests)
    assert found
    assert found == {digest: digest * 1000 for digest in found}
    assert [each.name for each in folder.folder.glob(".write-*")] == []
