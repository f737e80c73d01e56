"""Data files registered under a schema that is known, beside those of which the engine infers it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.contract.model import SourceContract, SourceFormat
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.location import Location
from cst_contracts.sql.external_tables import external_folder
from cst_contracts.sql.selects import select, select_all

STRINGS = {"datafusion.execution.parquet.schema_force_view_types": "false"}
SPAN = pa.field(
    "s", pa.struct([pa.field("x", pa.int64(), nullable=False)]), metadata={"is": "Span"}
)
SCHEMA = pa.schema(
    [pa.field("t", pa.string(), nullable=False), SPAN, ("b", pa.binary())],
    metadata={"owner": "me"},
)
OTHER = pa.schema([("t", pa.string()), ("n", pa.list_(pa.int32()))], metadata={"owner": "me"})


def write(file: Path, schema: pa.Schema = SCHEMA) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"t": "a", "s": {"x": 1}, "b": b"z", "n": [1]}] * 3
    pq.write_table(pa.Table.from_pylist(rows, schema), file)


def source(folder: Path, location: str, settings: dict[str, str]) -> ScannableFiles:
    at = SourceContract(SourceFormat.PARQUET, Location("t.yaml", 1, 1), location)
    lake = Lake(str(folder))
    relations = Relations({"t": at}, {}, {})
    registry = Registry(open_session(settings), relations, lake, supplied=False)
    found = RowAccess(registry).source("t")
    assert found is not None
    return found


@pytest.mark.parametrize("settings", [{}, STRINGS])
@pytest.mark.parametrize(
    ("files", "location"),
    [
        (["t/1.parquet"], "t"),
        (["t/1.parquet", "t/2.parquet"], "t/"),
        (["t/k=1/l=a b/1.parquet", "t/k=2/l=c/1.parquet"], "t"),
        (["t of any name"], "t of any name"),
        (["t/1.parquet", "t/none.pq"], "t"),
    ],
)
def test_files_are_registered_as_the_engine_would(
    tmp_path: Path, files: list[str], location: str, settings: dict[str, str]
) -> None:
    for number, file in enumerate(files):
        write(tmp_path / file, OTHER if number else SCHEMA)
    found = source(tmp_path, location, settings)
    inferring = open_session({})
    inferring.sql(external_folder("t", found.storage.engine_url))
    expected = live_schema(inferring, "t")
    for folder in found.storage.hive_partitions:
        at = expected.get_field_index(folder)
        expected = expected.set(at, pa.field(folder, pa.string_view()))
    assert found.schema.equals(expected, check_metadata=True)
    rows = [
        sorted(map(str, context.sql(select_all("t")).to_pylist()))
        for context in (found.context, inferring)
    ]
    assert rows[0] == rows[1]
    plans = [
        context.sql(select(found.stored_schema.names, "t")).execution_plan().display_indent()
        for context in (found.context, inferring)
    ]
    assert plans[0] == plans[1]


def test_a_file_that_came_later_is_seen(tmp_path: Path) -> None:
    write(tmp_path / "t" / "1.parquet")
    found = source(tmp_path, "t", {})
    write(tmp_path / "t" / "2.parquet")
    assert found.frame().count() == 6
