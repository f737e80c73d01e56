"""Which tables are found below a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake

from cst_contracts.engine.relations.found import format_named, session_tables, tables_below
from cst_contracts.engine.session.trouble import IntrospectionError


def write(file: Path, columns: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), file)


def found(folder: Path, *, as_lake: bool = False) -> dict[str, str]:
    """By their places below the folder, the formats."""
    url = f"{folder.as_uri()}/"
    tables = tables_below(url, as_lake=as_lake)
    return {table.url.removeprefix(url): str(table.format) for table in tables}


def test_files_of_a_lake_are_tables_and_so_are_folders(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", {"x": [1]})
    write(tmp_path / "b.parquet", {"x": [1]})
    (tmp_path / "c.csv.gz").write_bytes(b"x")
    (tmp_path / "d.ndjson").write_text("{}")
    (tmp_path / "e.arrow").write_bytes(b"x")
    (tmp_path / "README.md").write_text("no table")
    write_deltalake(tmp_path / "log", pa.table({"x": [1]}))
    write(tmp_path / "hive/a=1/b=2/part-0.parquet", {"x": [1]})
    write(tmp_path / "deep/er/part-0.parquet", {"x": [1]})
    write(tmp_path / "_hidden/part-0.parquet", {"x": [1]})
    (tmp_path / "bare/k=1").mkdir(parents=True)

    assert found(tmp_path, as_lake=True) == {
        "a.parquet": "parquet",
        "b.parquet": "parquet",
        "c.csv.gz": "csv",
        "d.ndjson": "json",
        "e.arrow": "arrow",
        "deep/er/": "parquet",
        "hive/": "parquet",
        "log/": "delta",
    }


def test_a_folder_of_parts_is_one_table(tmp_path: Path) -> None:
    write(tmp_path / "part-00000-0123456789abcdef.parquet", {"x": [1]})
    write(tmp_path / "part-00001-fedcba9876543210.parquet", {"y": [1]})

    assert found(tmp_path) == {"": "parquet"}


def test_a_folder_of_files_with_the_same_fields_is_one_table(tmp_path: Path) -> None:
    write(tmp_path / "one/monday.parquet", {"x": [1]})
    write(tmp_path / "one/tuesday.parquet", {"x": [1]})
    (tmp_path / "text").mkdir()
    (tmp_path / "text/monday.csv").write_text("a,b\n1,2\n")
    (tmp_path / "text/tuesday.csv").write_text("a,b\n1,2\n")

    assert found(tmp_path) == {"one/": "parquet", "text/": "csv"}


def test_a_folder_of_files_with_other_fields_or_formats_is_several(tmp_path: Path) -> None:
    write(tmp_path / "s/items.parquet", {"x": [1]})
    write(tmp_path / "s/orders.parquet", {"y": [1]})
    write(tmp_path / "m/part-0.parquet", {"x": [1]})
    (tmp_path / "m/part-1.csv").write_text("a\n")
    (tmp_path / "j").mkdir()
    (tmp_path / "j/one.json").write_text("{}")
    (tmp_path / "j/two.json").write_text("{}")
    write(tmp_path / "bad/one.parquet", {"x": [1]})
    (tmp_path / "bad/two.parquet").write_bytes(b"")

    assert sorted(found(tmp_path)) == [
        "bad/one.parquet",
        "bad/two.parquet",
        "j/one.json",
        "j/two.json",
        "m/part-0.parquet",
        "m/part-1.csv",
        "s/items.parquet",
        "s/orders.parquet",
    ]


def test_links_that_lead_back_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "a/part-0.parquet", {"x": [1]})
    (tmp_path / "a/back").symlink_to(tmp_path, target_is_directory=True)

    assert found(tmp_path) == {"a/": "parquet"}


def test_a_file_is_a_table_by_itself(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", {"x": [1]})

    (table,) = tables_below((tmp_path / "a.parquet").as_uri())
    assert (table.url, table.format) == ((tmp_path / "a.parquet").as_uri(), "parquet")


def test_a_file_in_a_store_is_known_by_its_name() -> None:
    (table,) = tables_below("s3://bucket/lake/a.csv")

    assert (table.url, table.format) == ("s3://bucket/lake/a.csv", "csv")


def test_what_is_not_there_or_no_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("")

    with pytest.raises(IntrospectionError, match=r"there is no such file or folder"):
        tables_below((tmp_path / "gone").as_uri())
    with pytest.raises(IntrospectionError, match=r"its name ends in none of \.parquet, \.csv, "):
        tables_below((tmp_path / "README.md").as_uri())


def test_formats_by_the_ends_of_names() -> None:
    assert format_named("a.csv.zst") == "csv"
    assert format_named("a.jsonl") == "json"
    assert format_named("a.parquet.bak") is None


def test_tables_of_a_session_are_named_as_contracts_name_them() -> None:
    session = SessionContext()
    session.sql("CREATE SCHEMA shop")
    session.sql("CREATE VIEW shop.v AS SELECT 1 AS a")
    session.sql('CREATE VIEW "Plain" AS SELECT 1 AS a')

    assert session_tables(session) == ("Plain", "shop.v")
