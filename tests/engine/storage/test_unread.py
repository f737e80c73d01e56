"""Data files that lie in a table's folder, and that nobody reads."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.engine.storage.listing import data_files
from cst_contracts.engine.storage.stored import PARQUET, Beside, Capabilities
from cst_contracts.engine.storage.unread import beside

CSV = Capabilities((".csv",), is_text=True)


def write(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"a": [1, 2]}), file)


def found(
    folder: Path, *ignore: str, capabilities: Capabilities = PARQUET, scheme: str = "file://"
) -> Beside:
    url = f"{scheme}{folder}"
    return beside(url, data_files(url, capabilities.suffix), capabilities, ignore)


@pytest.mark.parametrize("scheme", ["file://", "file:"])
@pytest.mark.parametrize(
    "name",
    [
        "b.PARQUET",
        "c.parq",
        "part-00000",
        "d.parquet.bak",
        "e.csv.gz",
        "f=1.parquet",
        "plain/f.parquet",
        "plain/k=1/f.parquet",
        "k=1/plain/f.parquet",
        "k=2/part-00000",
    ],
)
def test_a_data_file_that_the_engine_passes_over_is_told(
    tmp_path: Path, scheme: str, name: str
) -> None:
    for each in ("f.parquet", "k=1/f.parquet", name):
        write(tmp_path / each)
    assert found(tmp_path, scheme=scheme) == Beside(alone=False, unread=(name,))


@pytest.mark.parametrize("name", ["_SUCCESS", ".DS_Store", "README.md", "LICENSE", "k=1/_metadata"])
def test_what_is_no_data_is_not_told(tmp_path: Path, name: str) -> None:
    write(tmp_path / "k=1" / "f.parquet")
    (tmp_path / name).write_text("no data")
    assert found(tmp_path) == Beside(alone=False)


def test_what_lies_below_a_hidden_name_is_not_told(tmp_path: Path) -> None:
    for name in ("f.parquet", "_x/plain/f.parquet", "plain/.x/f.parquet", "_tmp/attempt=1.parquet"):
        write(tmp_path / name)
    assert found(tmp_path) == Beside(alone=False)


def test_a_folder_of_data_files_alone_has_nothing_beside_them(tmp_path: Path) -> None:
    write(tmp_path / "k=1" / "f.parquet")
    assert found(tmp_path) == Beside()
    assert found(tmp_path / "k=1" / "f.parquet") == Beside()
    assert found(tmp_path / "none") == Beside()


@pytest.mark.parametrize("scheme", ["file://", "file:"])
def test_a_partition_without_a_file_is_told_by_its_topmost_folder(
    tmp_path: Path, scheme: str
) -> None:
    write(tmp_path / "k=1" / "l=1" / "f.parquet")
    for name in ("k=1/l=2", "k=2/l=1", "k=2/l=2", "_tmp/k=3"):
        (tmp_path / name).mkdir(parents=True)
    assert found(tmp_path, scheme=scheme).unread == ("k=1/l=2/", "k=2/")
    assert found(tmp_path, "k=2", "l=2").unread == ()


@pytest.mark.parametrize("name", ["f.CSV", "f.csv.gz", "f.tsv", "part-00000", "f.csv.bak"])
def test_text_is_told_by_its_name(tmp_path: Path, name: str) -> None:
    for each in ("a.csv", name, "README.md"):
        (tmp_path / each).write_text("a\n1\n")
    assert found(tmp_path, capabilities=CSV).unread == (name,)


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("*.bak", ("old/a/f.parquet", "old/x.PARQUET", "x.PARQUET")),
        ("old/**", ("f.parquet.bak", "x.PARQUET")),
        ("old", ("f.parquet.bak", "x.PARQUET")),
        ("old/*", ("f.parquet.bak", "x.PARQUET")),
        ("old/*.PARQUET", ("f.parquet.bak", "old/a/f.parquet", "x.PARQUET")),
        ("**/x.PARQUET", ("f.parquet.bak", "old/a/f.parquet")),
        ("?.PARQUET", ("f.parquet.bak", "old/a/f.parquet")),
        ("/x.PARQUET", ("f.parquet.bak", "old/a/f.parquet", "old/x.PARQUET")),
        ("ld", ("f.parquet.bak", "old/a/f.parquet", "old/x.PARQUET", "x.PARQUET")),
    ],
)
def test_what_a_pattern_names_is_meant_to_be_left_unread(
    tmp_path: Path, pattern: str, left: tuple[str, ...]
) -> None:
    for name in ("f.parquet", "f.parquet.bak", "x.PARQUET", "old/x.PARQUET", "old/a/f.parquet"):
        write(tmp_path / name)
    assert found(tmp_path, pattern).unread == left


def test_a_file_that_a_pattern_names_and_that_is_read_is_told(tmp_path: Path) -> None:
    for name in ("f.parquet", "old.parquet"):
        write(tmp_path / name)
    assert found(tmp_path, "old.*") == Beside(ignored=("old.parquet",))
