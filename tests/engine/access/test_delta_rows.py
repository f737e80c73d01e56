"""What only a Delta table's log tells of rows stands beside what its files hold."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.schema import Field, PrimitiveType, StructType
from msgspec.structs import replace

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.access.delta_rows import log_fields, with_log_fields
from cst_contracts.engine.access.one_file import rows_of_file, session_of_shares
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
    return source, opened


def test_each_row_has_the_partition_values_of_its_file(
    table: tuple[ScannableFiles, DeltaTable],
) -> None:
    source, _ = table
    assert source.schema.names == ["a", "k"]
    assert source.stored_schema.names == ["a"]
    rows = source.frame().sort("a").to_arrow_table().to_pylist()
    assert rows == ROWS.to_pylist()
    assert {each["k"] for each in source.values_outside()} == {"x/y", None, "é %"}


def without_log(source: ScannableFiles, schema: pa.Schema) -> ScannableFiles:
    """As the files alone are, of a table that has this schema."""
    stored = replace(source.storage, schema=schema)
    return replace(source, schema=source.stored_schema, storage=stored, beside=None)


def test_an_error_is_about_the_table_where_it_lies(
    table: tuple[ScannableFiles, DeltaTable],
) -> None:
    source, opened = table
    numbers = pa.schema([("a", pa.int64()), ("k", pa.int32())])
    with pytest.raises(IntrospectionError, match="Failed to parse string") as caught:
        log_fields(without_log(source, numbers), opened)
    error = caught.value
    assert (error.relation, error.location) == ("t", source.storage.location)


def test_where_the_log_names_files_otherwise_nothing_is_said_of_their_rows(
    table: tuple[ScannableFiles, DeltaTable],
) -> None:
    source, opened = table
    files = (*source.storage.files, f"{source.storage.location}other.parquet")
    other = without_log(source, source.storage.schema)
    other = replace(other, storage=replace(other.storage, files=files))
    assert log_fields(other, opened) is None


def test_rows_of_a_file_that_the_log_does_not_name_are_an_error(
    table: tuple[ScannableFiles, DeltaTable],
) -> None:
    source, opened = table
    files = without_log(source, source.storage.schema)
    fields = log_fields(files, opened)
    assert fields is not None
    fewer = replace(files, storage=replace(files.storage, files=files.storage.files[1:]))
    files.context.deregister_table("t")
    pq_rows = files.context.read_parquet(
        files.storage.location, file_extension=".parquet", schema=files.schema
    )
    files.context.register_view("t", pq_rows)
    with pytest.raises(Exception, match="which the log does not name"):
        with_log_fields(fewer, fields.slice(1)).collect()


def test_what_stands_in_no_file_is_written_so_that_one_file_can_be_read_with_it(
    tmp_path: Path, registry: Callable[..., Registry]
) -> None:
    """Decimals without an exponent; and nulls of nested fields that no file has yet."""
    decimals = pa.array([Decimal("0E-8"), Decimal("1E-8"), None], pa.decimal128(18, 8))
    rows = pa.table({"a": [1, 2, 3], "k": decimals})
    write_deltalake(tmp_path / "t", rows, partition_by=["k"])
    new = StructType([Field("n", PrimitiveType("string"))])
    DeltaTable(tmp_path / "t").alter.add_columns([Field("later", new)])
    source = RowAccess(registry("t", SourceFormat.DELTA)).source("t")
    assert source is not None
    files = zip(source.storage.files, source.values_outside(), strict=True)

    found = [
        row
        for url, outside in files
        for row in rows_of_file(
            session_of_shares(1, [url]), "t", source.schema, url, outside
        ).to_pylist()
    ]

    expected = [{**row, "later": None} for row in rows.to_pylist()]
    assert sorted(found, key=lambda row: row["a"]) == expected
