"""On a cluster, too, all data that is promised is read where somebody wants that."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.project import Project, promise
from support.sail_server import Sail

_CONTRACT = """
table: t
source: {format: parquet, location: t, partitioned_by: [part]}
fields:
  - {name: id, type: int64, nullable: false}
  - {name: note, type: string}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """No promise reads a row of it: footers tell of nulls."""
    project = Project(tmp_path)
    project.write(t=_CONTRACT)
    for number in range(2):
        folder = project.lake / "t" / f"part={number}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"id": [1, 2], "note": ["a", "b"]}), folder / "f.parquet")
    return project


def both(project: Project, sail: Sail) -> Any:
    """How many rows there are, as one machine and as the cluster tells."""
    here = promise(project.check("rows", verify_data=True), "rows")
    assert promise(project.check("rows", verify_data=True, cluster=sail.url), "rows") == here
    return here


def test_rows_are_counted_as_they_are_read(project: Project, sail: Sail) -> None:
    kept = both(project, sail)

    assert (kept.outcome.value, kept.rows, kept.looked_at.read) == ("kept", 4, 4)


def test_a_page_that_cannot_be_read_is_red(project: Project, sail: Sail) -> None:
    file = project.lake / "t" / "part=1" / "f.parquet"
    column = pq.read_metadata(file).row_group(0).column(1)
    with file.open("r+b") as opened:
        opened.seek(column.dictionary_page_offset or column.data_page_offset)
        opened.write(b"\xff" * 16)

    red = both(project, sail)

    assert red.failed
    assert "Parquet error" in red.observed
