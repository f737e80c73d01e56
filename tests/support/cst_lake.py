"""Fixtures: a small lake of real LibCST tables, and this repository's own contracts, to do harm to."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import WriterProperties, write_deltalake

from cst_contracts.extract.lake import write_lake
from cst_contracts.extract.schema import ORDER
from cst_contracts.extract.sources import SourceRoot

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def clean_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("clean")
    write_lake([SourceRoot(ROOT / "tests" / "assets" / "source", "assets")], lake, workers=1)
    return lake


@pytest.fixture
def lake(clean_lake: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(clean_lake, tmp_path / "lake"))


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """Of the nested table and its views; the Delta tables beside them have tests of their own."""
    aside = shutil.ignore_patterns("delta_*")
    return Path(shutil.copytree(ROOT / "contracts", tmp_path / "contracts", ignore=aside))


@pytest.fixture
def rewrite(lake: Path) -> Callable[[Callable[[pa.Table], pa.Table]], None]:
    """Replaces every data file by what a function makes of its rows."""

    def rewrite_all(change: Callable[[pa.Table], pa.Table]) -> None:
        for file in sorted((lake / "libcst_files_v1").rglob("*.parquet")):
            write_as_extracted(change(pq.read_table(file, partitioning=None)), file)

    return rewrite_all


def write_as_extracted(rows: pa.Table, file: Path, codec: str = "zstd") -> None:
    """Packed, and with the claims, that the extractor's files have."""
    order = pq.SortingColumn.from_ordering(rows.schema, [(name, "ascending") for name in ORDER])
    pq.write_table(rows, file, compression=codec, sorting_columns=order)


def write_as_delta(rows: pa.Table, folder: Path) -> None:
    """Nothing that writes Delta tables claims an order in footers."""
    write_deltalake(folder, rows, writer_properties=WriterProperties(compression="ZSTD"))


def promised_of_delta(text: str) -> str:
    """The contract of the extractor's files, about a Delta table of their rows."""
    return text.replace("format: parquet", "format: delta", 1).replace(
        ", sorting_columns: true", ""
    )
