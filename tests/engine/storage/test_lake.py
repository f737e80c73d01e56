"""Locations to URLs that the engine reads, and to the files that it finds there."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.contract.model import SourceContract, SourceFormat
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.storage.listing import data_files, entries, stored_bytes
from cst_contracts.engine.storage.urls import Lake, is_below, is_local, local_path, same_place
from cst_contracts.location import Location
from cst_contracts.sql.external_tables import external_folder
from cst_contracts.sql.selects import count_rows

ODD_NAMES = [
    "a b",
    "a%20b",
    "100%",
    "[x]",
    "{x}",
    "it's",
    '"q"',
    "st*r",
    "größe",
    "a#b",
    "a?b",
    "~",
]
ODD_NAMES += ["k=v", " lead", "a+b", "a&b", ".dot", "back\\slash", "x.parquet"]


def write(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"a": [1, 2]}), file)
    return file


def rows_at(url: str) -> int:
    context = open_session({})
    context.sql(external_folder("t", url))
    return int(context.sql(count_rows("t")).to_arrow_table().column(0)[0].as_py())


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_folder_of_any_name_is_what_the_engine_reads(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name / "f.parquet")
    url = Lake(str(tmp_path)).locate(name)
    assert url.endswith("/")
    assert [local_path(each.url) for each in data_files(url, ".parquet")] == [file]
    assert rows_at(url) == 2


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_file_of_any_name_is_what_the_engine_reads(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name)
    url = Lake(str(tmp_path)).locate(name)
    assert [(local_path(each.url), each.relative) for each in data_files(url, ".parquet")] == [
        (file, name)
    ]
    assert rows_at(url) == 2


@pytest.mark.parametrize(
    ("root", "location", "url"),
    [
        ("s3://bucket/lake", "cst refs", "s3://bucket/lake/cst%20refs"),
        ("s3://bucket/lake/", "a/b%c", "s3://bucket/lake/a/b%25c"),
        ("/lake", "s3://bucket/refs/", "s3://bucket/refs/"),
        ("s3://bucket", "file:///refs", "file:///refs"),
        ("/no/such/lake", "refs", "file:///no/such/lake/refs"),
        ("/no/such/lake", "/elsewhere/refs", "file:///elsewhere/refs"),
        ("/no/such/lake", "../refs", "file:///no/such/refs"),
    ],
)
def test_a_location_is_relative_to_the_lake_unless_it_says_otherwise(
    root: str, location: str, url: str
) -> None:
    assert Lake(root).locate(location) == url


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_lake_may_be_a_file_url(tmp_path: Path, slash: str) -> None:
    write(tmp_path / "a b" / "k=1" / "f.parquet")
    url = Lake(tmp_path.as_uri() + slash).locate("a b" + slash)
    assert [each.partitions for each in data_files(url, ".parquet")] == [(("k", "1"),)]
    context = open_session({})
    source = SourceContract(SourceFormat.PARQUET, Location("t.yaml", 1, 1), "a b" + slash)
    lake = Lake(tmp_path.as_uri() + slash)
    registry = Registry(context, Relations({"t": source}, {}, {}), lake, supplied=False)
    storage = registry.open("t").storage
    assert storage is not None
    assert (storage.location, storage.hive_partitions) == (url, frozenset({"k"}))
    assert context.sql(count_rows("t")).to_arrow_table().to_pydict() == {"count(*)": [2]}


def test_files_are_sorted_by_path_and_others_are_left_out(tmp_path: Path) -> None:
    for name in ("b.parquet", "plain/z.parquet", "plain/k=1/z.parquet", "_c.parquet", ".d.parquet"):
        write(tmp_path / "t" / name)
    (tmp_path / "t" / "_SUCCESS").write_bytes(b"")
    (tmp_path / "t" / "e.pq").write_bytes(b"")
    url = Lake(str(tmp_path)).locate("t")
    found = [each.relative for each in data_files(url, ".parquet")]
    assert found == [".d.parquet", "_c.parquet", "b.parquet"]
    assert rows_at(url) == 6


def test_files_of_folders_stand_together(tmp_path: Path) -> None:
    names = ["k=1/b.parquet", "k=1/l=0/a.parquet", "k=1-x/a.parquet"]
    for name in names:
        write(tmp_path / "t" / name)
    found = [each.relative for each in data_files(Lake(str(tmp_path)).locate("t"), ".parquet")]
    assert found == names


def test_a_file_whose_own_name_has_an_equals_sign_is_passed_over(tmp_path: Path) -> None:
    for name in ("f.parquet", "a=1.parquet", "_tmp/attempt=1.parquet"):
        write(tmp_path / "t" / name)
    url = Lake(str(tmp_path)).locate("t")
    assert [each.relative for each in data_files(url, ".parquet")] == ["f.parquet"]
    assert rows_at(url) == 2


@pytest.mark.parametrize(
    ("folder", "partitions"),
    [
        ("k=a%2Fb", (("k", "a/b"),)),
        ("k=x=y/l=é", (("k", "x=y"), ("l", "é"))),
        ("k=", (("k", ""),)),
        ("k=a+b", (("k", "a+b"),)),
        (".", ()),
    ],
)
def test_hive_folders_are_decoded(
    tmp_path: Path, folder: str, partitions: tuple[tuple[str, str], ...]
) -> None:
    write(tmp_path / "t=0" / folder / "f.parquet")
    url = Lake(str(tmp_path)).locate("t=0")
    assert [each.partitions for each in data_files(url, ".parquet")] == [partitions]


@pytest.mark.parametrize("name", ["none", "none/"])
def test_nothing_there_is_no_file(tmp_path: Path, name: str) -> None:
    assert data_files(Lake(str(tmp_path)).locate(name), ".parquet") == ()


def test_links_are_followed_as_the_engine_does(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "f.parquet")
    write(tmp_path / "t" / "k=0" / "g.parquet")
    (tmp_path / "t" / "k=1").symlink_to(tmp_path / "elsewhere")
    url = Lake(str(tmp_path)).locate("t")
    found = [each.relative for each in data_files(url, ".parquet")]
    assert found == ["k=0/g.parquet", "k=1/f.parquet"]
    assert rows_at(url) == 4


def test_a_link_to_a_folder_around_it_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "t" / "f.parquet")
    for name in ("k=1", "k=2"):
        (tmp_path / "t" / name).symlink_to(tmp_path / "t")
    with pytest.raises(OSError, match="links to a folder that it lies in"):
        data_files(Lake(str(tmp_path)).locate("t"), ".parquet")


def test_a_file_without_bytes_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "t" / "f.parquet")
    (tmp_path / "t" / "g.parquet").write_bytes(b"")
    with pytest.raises(OSError, match=r"g\.parquet is empty"):
        data_files(Lake(str(tmp_path)).locate("t"), ".parquet")


def test_other_file_systems_are_listed_by_way_of_arrow(tmp_path: Path) -> None:
    """`file:` without slashes is no URL that we read ourselves, and one that Arrow does."""
    for name in ("k=a%2Fb/f.parquet", "e.parquet", "no.txt", "plain/f.parquet"):
        write(tmp_path / "t" / name)
    url = f"file:{tmp_path}/t"
    assert not is_local(url)
    assert [(each.relative, each.partitions) for each in data_files(url, ".parquet")] == [
        ("e.parquet", ()),
        ("k=a%2Fb/f.parquet", (("k", "a/b"),)),
    ]
    assert data_files(url, ".parquet")[1].url == f"{url}/k%3Da%252Fb/f.parquet"
    assert [each.relative for each in data_files(f"{url}/e.parquet", ".parquet")] == ["e.parquet"]
    assert data_files(f"{url}/none", ".parquet") == ()


@pytest.mark.parametrize("scheme", ["file://", "file:"])
def test_a_folder_is_listed_by_name(tmp_path: Path, scheme: str) -> None:
    """Without slashes by way of Arrow, as other file systems are."""
    for name in ("t/a b/f.parquet", "t/c.parquet", "t/.d"):
        write(tmp_path / name)
    url = f"{scheme}{tmp_path}/t"
    found = [(each.name, each.is_folder) for each in entries(url)]
    assert found == [(".d", False), ("a b", True), ("c.parquet", False)]
    assert entries(url)[1].url == f"{url}/a%20b/"
    size = (tmp_path / "t" / "c.parquet").stat().st_size
    assert stored_bytes([f"{url}/c.parquet"]) == size
    with pytest.raises(OSError, match="none"):
        entries(f"{scheme}{tmp_path}/none")


def test_places_are_told_apart_whatever_their_spelling(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "t")
    here = tmp_path.as_uri()
    assert same_place(f"{here}/t", f"{here}/link/")
    assert not same_place(f"{here}/t", here)
    assert same_place("s3://b/a%20b/", "s3://b/a b")
    assert is_below(f"{here}/link/x", f"{here}/t/")
    assert is_below("s3://b/t/x", "s3://b/t")
    assert not is_below("s3://b/tt", "s3://b/t")


def test_a_lakes_own_root_is_a_location() -> None:
    assert Lake("s3://bucket/lake").locate(".") == "s3://bucket/lake/"
    assert Lake("/no/such").locate(".") == "file:///no/such"
