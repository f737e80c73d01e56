"""What each kept promise of a run rests on: rows, the values at a path, or groups."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.project import Project

from cst_contracts.report.denominators import fewest_looked_at
from cst_contracts.report.manifest_file import Denominator, Unit

VALUE, GROUP = Unit.VALUE, Unit.GROUP
TABLE = pa.table(
    {
        "a": pa.array([1, 2, 3, None]),
        "b": pa.array(["x", "x", "y", "y"]),
        "c": pa.array([[1], [], None, []], pa.list_(pa.int64())),
        "m": pa.array([[("k", "v"), ("l", "v")], [], [], []], pa.map_(pa.string(), pa.string())),
        "t": pa.array([None, None, None, 0], pa.timestamp("us", "UTC")),
    }
)
CONTRACT = """\
table: t
source: {{format: {format}, location: t}}
nullability: values
fields:
  - {{name: a, type: int64, minimum: 1}}
  - {{name: b, type: string, nullable: false}}
  - {{name: c, type: list<int64>, elements: {{minimum: 1}}}}
  - {{name: m, type: "map<string, string>"}}
  - {{name: t, type: "timestamp[us, UTC]"}}
keys: [[a]]
rules: [{{name: some, sql: b <> 'z'}}]
aggregates: [{{name: two, sql: count(*) = 2, per: [b]}}]
views:
  - name: entries
    expand: m
    keep: [b]
    fields:
      - {{name: b, type: string}}
      - {{name: attr_key, type: string}}
      - {{name: attr_value, type: string}}
"""


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_values_and_groups_are_counted_where_they_are_not_the_rows(
    project: Project, format_: str
) -> None:
    folder = project.lake / "t"
    if format_ == "delta":
        write_deltalake(str(folder), TABLE)
    else:
        folder.mkdir()
        pq.write_table(TABLE, folder / "t.parquet")
    project.write(t=CONTRACT.format(format=format_))
    result = project.check()
    told = {each.check: each.decided_by for each in result.promises if each.decided_by}
    assert told == {
        "range[c[]]": Denominator(count=1, unit=VALUE),
        "range[a]": Denominator(count=3, unit=VALUE),
        "aggregate[two]": Denominator(count=2, unit=GROUP),
    }
    assert fewest_looked_at(result.promises) == (
        "kept by the fewest: t range[c[]] (1 value), t aggregate[two] (2 groups), t view[entries] (2 rows)"
    )
