"""What only a Delta table's log tells of rows stands beside what its files hold."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from msgspec.structs import replace

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.access.delta_rows import with_log_fields
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.trouble import IntrospectionError

ROWS = pa.table({"a": [1, 2, 3], "k": ["x/y", None, "é %"]})


@pytest.fixture
def table(tmp_path: Path, registry: Callable[..., Registry]) -> tuple[ScannableFiles, DeltaTable]:
    """Partitioned by `k`."""
    write_deltalake(tmp_path / "t", ROWS, partition_by=["k"])
    relations = registry("t", SourceFormat.DELTA)
    source, opened = RowAccess(relations).source("t"), relations.open("t").delta
    assert source is not None
    assert opened is not None
    assert source.schema.names == ["a"]
    return source, opened


def test_each_row_has_the_partition_values_of_its_file(
    table: tuple[ScannableFiles, DeltaTable],
) -> None:
    frame = with_log_fields(*table)
    assert frame is not None
    rows = frame.select("a", "k").sort("a").to_arrow_table().to_pylist()
    assert rows == ROWS.to_pylist()


def test_an_error_is_about_the_table_where_it_lies(
    table: tuple[ScannableFiles, DeltaTable],
) -> None:
    source, opened = table
    numbers = pa.schema([("a", pa.int64()), ("k", pa.int32())])
    wrong = replace(source, storage=replace(source.storage, schema=numbers))
    with pytest.raises(IntrospectionError, match="Failed to parse string") as caught:
        with_log_fields(wrong, opened)
    error = caught.value
    assert (error.relation, error.location) == ("t", source.storage.location)


def test_where_the_log_names_files_otherwise_nothing_is_said_of_their_rows(
    table: tuple[ScannableFiles, DeltaTable],
) -> None:
    source, opened = table
    files = (*source.storage.files, f"{source.storage.location}other.parquet")
    assert (
        with_log_fields(replace(source, storage=replace(source.storage, files=files)), opened)
        is None
    )
