"""The CST tables as Delta tables of their own."""

from pathlib import Path

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.extract.flat import FLAT_TABLES, write_flat_delta
from cst_contracts.extract.lake import write_lake
from cst_contracts.extract.schema import TABLE, table_fields
from cst_contracts.extract.sources import SourceRoot

ASSETS = Path(__file__).parents[1] / "assets" / "source"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    write_lake([SourceRoot(ASSETS, "assets")], folder, workers=1, rows_per_file=4)
    write_flat_delta(folder, folder / "delta")
    return folder


def rows_of(delta: deltalake.DeltaTable) -> pa.Table:
    return pa.table(deltalake.QueryBuilder().register("t", delta).execute("SELECT * FROM t"))


@pytest.mark.parametrize("table", FLAT_TABLES)
def test_a_flat_table_has_the_rows_of_the_nested_one_and_no_more_nulls(
    lake: Path, table: str
) -> None:
    nested = pq.read_table(lake / TABLE, columns=[table]).column(table)
    delta = deltalake.DeltaTable(lake / "delta" / f"cst_{table}")
    flat = rows_of(delta)
    assert len(flat) == sum(len(rows or ()) for rows in nested.to_pylist()) > 0
    logged = pa.schema(delta.schema().to_arrow())
    for field in table_fields(table):
        assert logged.field(field.name).nullable == field.nullable
    assert not logged.field("file_id").nullable
    elements = {name: flat.column(name).to_pylist() for name in ("file_id", "path")}
    assert None not in elements["file_id"] + elements["path"]


@pytest.mark.parametrize("table", FLAT_TABLES)
def test_its_files_are_partitioned_and_writers_are_held_to_a_check(lake: Path, table: str) -> None:
    delta = deltalake.DeltaTable(lake / "delta" / f"cst_{table}")
    assert delta.metadata().partition_columns == ["repo"]
    assert [key for key in delta.metadata().configuration if key.startswith("delta.constraints.")]
    files = sorted((lake / "delta" / f"cst_{table}").rglob("*.parquet"))
    assert len(files) > 1
    assert {file.parent.name for file in files} == {"repo=assets"}


def test_a_file_of_the_lake_without_rows_of_a_table_adds_none(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.py").write_text("x = 1\n")
    (tmp_path / "source" / "b.py").write_text("import os\n")
    write_lake(
        [SourceRoot(tmp_path / "source", "r")], tmp_path / "lake", workers=1, rows_per_file=1
    )
    write_flat_delta(tmp_path / "lake", tmp_path / "delta", ["imports"])
    assert len(rows_of(deltalake.DeltaTable(tmp_path / "delta" / "cst_imports"))) == 1
