"""Metadata of a table's schema, as real writers keep it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import write_deltalake

TEXT = """\
table: t
source: {format: parquet, location: t}
fields: [{name: a, type: int64}]
metadata: {schema_name: cst_refs, revision: "2"}
"""


def test_the_schema_s_metadata_are_those_of_the_files(
    tmp_path: Path, judge: Callable[..., Any]
) -> None:
    (tmp_path / "t").mkdir()
    schema = pa.schema([("a", pa.int64())], {"schema_name": "cst_refs", "revision": "1"})
    pq.write_table(pa.table({"a": [1]}, schema), tmp_path / "t" / "1.parquet")

    judged = judge(TEXT)

    assert judged.red == {"metadata[revision]": ("metadata-mismatch",)}
    assert judged.finding("metadata[revision]").observed == "revision = 1"


def test_a_delta_log_keeps_none_of_them(tmp_path: Path, judge: Callable[..., Any]) -> None:
    schema = pa.schema([("a", pa.int64())], {"schema_name": "cst_refs", "revision": "2"})
    write_deltalake(tmp_path / "t", pa.table({"a": [1]}, schema))
    judged = judge(TEXT.replace("parquet", "delta"))
    wanted = {"metadata[schema_name]", "metadata[revision]"}
    assert {check: judged.red[check] for check in wanted} == dict.fromkeys(
        wanted, ("metadata-mismatch",)
    )
    assert judged.finding("metadata[revision]").observed == "no revision"
