"""The newest row of real tables, read from the rows whatever footers say."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

TEXT = """\
table: t
source: {{format: {format_}, location: t}}
fields: [{{name: at, type: "timestamp[us]"}}]
freshness: {{field: at, within: 24h, zone: UTC}}
"""


def table(*ages: timedelta) -> pa.Table:
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    return pa.table({"at": pa.array([*(now - age for age in ages), None], pa.timestamp("us"))})


def write(folder: Path, format_: str, rows: pa.Table) -> None:
    if format_ == "delta":
        write_deltalake(folder / "t", rows, mode="append")
        return
    (folder / "t").mkdir(exist_ok=True)
    file = folder / "t" / f"{len(list((folder / 't').iterdir()))}.{format_}"
    if format_ == "csv":
        pyarrow.csv.write_csv(rows, file)
    else:
        pq.write_table(rows, file)


@pytest.mark.parametrize("format_", ["parquet", "delta", "csv"])
def test_the_newest_of_all_files_decides(
    tmp_path: Path, judge: Callable[..., Any], format_: str
) -> None:
    write(tmp_path, format_, table(timedelta(days=9), timedelta(days=4)))
    old = judge(TEXT.format(format_=format_), only="freshness[at]")
    assert old.red == {"freshness[at]": ("rows-stale",)}
    assert old.finding("freshness[at]").observed.endswith(", 4 days ago")

    write(tmp_path, format_, table(timedelta(hours=2), timedelta(days=20)))
    assert judge(TEXT.format(format_=format_), only="freshness[at]").red == {}


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_rows_without_a_time_are_never_fresh(
    tmp_path: Path, judge: Callable[..., Any], format_: str
) -> None:
    write(tmp_path, format_, table())
    judged = judge(TEXT.format(format_=format_), only="freshness[at]")
    assert judged.outcomes == {"freshness[at]": "vacuous"}
    assert judged.red == {"freshness[at]": ("nothing-to-count",)}
    assert judged.finding("freshness[at]").observed == "no value of at"
