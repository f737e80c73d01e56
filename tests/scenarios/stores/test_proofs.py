"""Of objects whose proofs are kept, footers are fetched, and nothing else."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from support.alike import told
from support.project import Project, red
from support.s3_server import S3Server

NOISE = np.random.default_rng(7)
TABLE = """\
table: many
source: {format: parquet, location: many, ordered_by: [id]}
fields:
  - {name: id, type: int64}
  - {name: noise, type: binary, max_length: 40000}
keys: [[id]]
rules: [{name: small, sql: id < 35}]
"""


def test_an_object_is_read_once(tmp_path: Path, server: S3Server) -> None:
    project = Project(tmp_path)
    folder = project.lake / "many"
    folder.mkdir(parents=True)
    for number in range(4):
        ids = list(range(number * 10, number * 10 + 10))
        noise = pa.array([NOISE.bytes(40_000) for _ in ids], pa.binary())
        pq.write_table(pa.table({"id": ids, "noise": noise}), folder / f"a {number}.parquet")
    project.write(many=TABLE)
    lake = server.upload(project.lake)
    plain = project.check(lake=lake)
    assert set(red(plain)) == {("many", "rule[small]")}

    first = project.check(lake=lake, proofs="proofs")
    server.misbehave()  # forgets what was asked for
    again = project.check(lake=lake, proofs="proofs")
    assert told(first) == told(again) == told(plain)
    assert "length[noise]: no row read, proofs of all 4 files" in str(again.plans)
    fetched = [each for each in server.requests() if each.path.endswith(".parquet")]
    stored = sum(file.stat().st_size for file in folder.iterdir())
    assert max(each.sent for each in fetched) <= 65536 < stored / 20
