"""Many objects: listed page by page, and of what footers tell, footers are fetched."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.project import Project, red
from support.s3_server import Fault, S3Server

FILES = 15
NOISE = np.random.default_rng(7)
TABLE = """\
table: many
source:
  format: parquet
  location: many
  partitioned_by: [{name: part, type: int64}]
  files: {codec: uncompressed, statistics: [id], bytes: {at_least: 1MB, at_most: 2MB}}
fields:
  - {name: id, type: int64, nullable: false}
  - {name: noise, type: binary}
  - {name: part, type: int64}
"""


@pytest.fixture
def project(tmp_path: Path, server: S3Server) -> Project:
    """Of one table in many files, each far larger than its footer."""
    found = Project(tmp_path)
    for part in range(FILES):
        folder = found.lake / "many" / f"part={part}"
        folder.mkdir(parents=True)
        noise = [NOISE.bytes(40_000) for _ in range(30)]
        rows = pa.table({"id": list(range(30)), "noise": pa.array(noise, pa.binary())})
        # An id is REQUIRED in none of the files, so that the statistics are what tells.
        pq.write_table(rows, folder / "rows.parquet", compression="none")
    found.write(many=TABLE)
    server.upload(found.lake)
    return found


def test_a_listing_of_many_pages_is_a_whole_one(project: Project, server: S3Server) -> None:
    server.misbehave(Fault("page", reads=False))
    result = project.check(lake=server.url())
    assert red(result) == {}
    (table,) = result.manifest().tables
    assert (table.files, table.rows) == (FILES, 30 * FILES)
    assert any("continuation-token" in each.query for each in server.requests())


def test_what_footers_tell_costs_footers_and_many_are_fetched_at_a_time(
    project: Project, server: S3Server
) -> None:
    server.misbehave(Fault("slow"))
    result = project.check(lake=server.url())
    assert red(result) == {}
    fetched = [each for each in server.requests() if each.path.endswith(".parquet")]
    stored = sum(file.stat().st_size for file in project.lake.rglob("*.parquet"))
    # For the schema, the counts, the statistics, the schemas of the files' own and how they are written.
    assert sum(each.sent for each in fetched) <= 6 * 65536 * FILES
    assert stored > 3 * 6 * 65536 * FILES
    assert max(each.sent for each in fetched) <= 65536
    assert max(each.together for each in fetched) >= 8
