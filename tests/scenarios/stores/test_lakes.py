"""A lake in an object store is judged as it would be on a disk: promise by promise, word by word."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.alike import both
from support.project import Project, red
from support.s3_server import S3Server
from support.small_lake import write_small_lake

FLAT = """\
table: {name}
source: {{format: {format}, location: {location}, ordered_by: [ref_id]{more}}}
fields:
  - {{name: ref_id, type: string, nullable: false}}
  - {{name: path, type: string, nullable: false}}
keys: [[ref_id]]
rules: [{{name: named, sql: length(ref_id) = 1}}]
views: [{{name: {name}_view, sql: SELECT ref_id FROM {name} WHERE path <> ''}}]
"""
NESTED = """\
table: nested
source: {format: parquet, location: nested.parquet}
fields:
  - {name: ref_id, type: string}
  - {name: attrs, type: "map<string, string>"}
  - name: refs
    type: list<struct>
    fields: [{name: bstart, type: int64, nullable: false}]
views: [{name: exploded, of: nested, explode: refs}]
"""
PARTS = """\
table: {name}
source: {{format: {format}, location: {name}, partitioned_by: [{{name: day, type: date32}}]{more}}}
fields:
  - {{name: id, type: int64, nullable: false}}
  - {{name: day, type: date32}}
keys: [[id]]
"""
SESSION = """\
session: mounted
catalog: {location: mounted/, format: parquet, tables: [one, two]}
"""


def flat(name: str, format_: str = "parquet", location: str = "", more: str = "") -> str:
    found = location or (name if format_ == "delta" else f"{name}.parquet")
    return FLAT.format(name=name, format=format_, location=found, more=more)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = Project(tmp_path)
    found.lake.mkdir()
    return found


def test_files_and_tables_of_both_formats_are_judged_alike(
    project: Project, server: S3Server
) -> None:
    write_small_lake(project.lake)
    write_deltalake(project.lake / "lost_delta", pq.read_table(project.lake / "lost.parquet"))
    names = {"refs": "parquet", "lost": "parquet", "bare": "parquet", "moved": "parquet"}
    names |= {"delta": "delta", "lost_delta": "delta"}
    project.write({name: flat(name, format_) for name, format_ in names.items()}, nested=NESTED)
    result = both(project, server)
    found = red(result)
    assert found["lost", "nulls[path]"] == found["lost_delta", "nulls[path]"] == ("null-values",)
    assert {subject for subject, _ in found} == {"lost", "lost_delta", "bare", "moved"}


def write_parts(lake: Path) -> pa.Table:
    rows = pa.table(
        {
            "id": [1, 2, 3, 4, 5, 6],
            "day": pa.array([date(2026, 1, 1 + at // 2) for at in range(6)]),
        }
    )
    for day in range(3):
        folder = lake / "parts" / f"day=2026-01-0{day + 1}"
        folder.mkdir(parents=True)
        part = rows.slice(2 * day, 2).drop_columns("day")
        pq.write_table(part, folder / "a file.parquet")
    write_deltalake(lake / "past", rows.slice(0, 4), partition_by=["day"])
    write_deltalake(lake / "past", rows.slice(4), mode="append", partition_by=["day"])
    return rows


def test_partitions_and_versions_are_judged_alike(project: Project, server: S3Server) -> None:
    write_parts(project.lake)
    project.write(
        parts=PARTS.format(name="parts", format="parquet", more=""),
        past=PARTS.format(name="past", format="delta", more=", as_of: {version: 0}"),
        future=PARTS.format(name="past", format="delta", more=", as_of: {version: 7}").replace(
            "table: past", "table: future"
        ),
    )
    result = both(project, server)
    assert {subject for subject, _ in red(result)} == {"future"}
    assert {"version-missing"} in [set(codes) for codes in red(result).values()]
    rows = {each.table: each.rows for each in result.manifest().tables}
    assert rows["parts"] == 6
    assert rows["past"] == 4


def test_a_catalog_is_judged_alike(project: Project, server: S3Server) -> None:
    folder = project.lake / "mounted"
    folder.mkdir()
    for name in ("one", "three"):
        pq.write_table(pa.table({"a": [1]}), folder / f"{name}.parquet")
    project.write(session=SESSION)
    result = both(project, server)
    assert set(red(result)["mounted", "catalog"]) == {"catalog-missing", "catalog-unexpected"}


def test_text_is_judged_alike(project: Project, server: S3Server) -> None:
    (project.lake / "lines.csv").write_text("id,name\n1,a\n2,b\n")
    (project.lake / "lines.json").write_text('{"id": 1}\n{"id": null}\n')
    (project.lake / "torn.csv").write_text("id,name\n1,a\n2\n")
    with pa.OSFile(str(project.lake / "rows.arrow"), "wb") as file:
        table = pa.table({"id": [1, 2]})
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    text = (
        "table: {0}\nsource: {{format: {1}, location: {2}, ordered_by: [id]}}\n"
        "fields:\n  - {{name: id, type: int64, nullable: false}}\n"
    )
    more = "  - {name: name, type: string}\n"
    project.write(
        csv=text.format("csv", "csv", "lines.csv") + more,
        torn=text.format("torn", "csv", "torn.csv") + more,
        json=text.format("json", "json", "lines.json"),
        arrow=text.format("arrow", "arrow", "rows.arrow"),
    )
    result = both(project, server)
    assert red(result)["json", "nulls[id]"] == ("null-values",)
    assert {subject for subject, _ in red(result)} == {"json", "torn"}
