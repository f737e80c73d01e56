"""Over seeded faults, a cluster gives each verdict, count and row that this machine gives."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.sail_server import Sail

from cst_contracts.api import RunResult, check

FILES, ROWS = 5, 40
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("kind", pa.dictionary(pa.int32(), pa.string())),
        pa.field("name", pa.string()),
        pa.field("at", pa.timestamp("ns")),
        pa.field("size", pa.uint32()),
        pa.field("parts", pa.list_(pa.struct([("part", pa.string()), ("Part", pa.int32())]))),
    ]
)
CONTRACT = """
table: {table}
source: {{format: {format}, location: {table}, ordered_by: [id]{more}}}
fields:
  - {{name: id, type: int64, nullable: false, nullability: values}}
  - {{name: kind, type: "{kind}", nullable: false, nullability: values, enum: [a, b, c]}}
  - {{name: name, type: string, nullable: false, nullability: values, pattern: "[a-z]+[0-9]*"}}
  - {{name: at, type: "{at}"}}
  - {{name: size, type: {size}, maximum: 100}}
  - name: parts
    type: list<struct>
    fields:
      - {{name: part, type: string, nullable: false, nullability: values}}
      - {{name: Part, type: int32}}
keys: [[id], [name]]
rules:
  - {{name: small, sql: "size < 90 OR kind = 'a'"}}
  - {{name: known, sql: "name IS NOT NULL"}}
  - {{name: divides, sql: "100 / (size + 1) >= 0"}}
  {rules}
aggregates:
  - {{name: enough, sql: "count(*) > 190 AND count(kind) = count(*)"}}
  - {{name: of_each, per: [kind], sql: "count(*) >= 67 AND max(size) < 90"}}
"""


def rows(file: int, **changed: Any) -> pa.Table:
    """Of one file, as they should be: the ids of no two files overlap."""
    ids = range(file * ROWS, (file + 1) * ROWS)
    columns: dict[str, Any] = {
        "id": list(ids),
        "kind": ["abc"[each % 3] for each in ids],
        "name": [f"n{each}" for each in ids],
        "at": [datetime(2024, 1, 1) + timedelta(seconds=each) for each in ids],
        "size": [each % 80 for each in ids],
        "parts": [[{"part": "p", "Part": each}] * (each % 3) for each in ids],
    }
    columns.update(changed)
    return pa.table(columns, SCHEMA)


def put(values: list[Any], **at: Any) -> list[Any]:
    """The values with some others: `at3` is the place of the third."""
    found = list(values)
    for place, value in at.items():
        found[int(place.removeprefix("at"))] = value
    return found


def faulty() -> Mapping[str, pa.Table]:
    """The third file of a table of each name, with faults that do not hide each other."""
    good = {name: rows(2).column(name).to_pylist() for name in SCHEMA.names}
    return {
        "clean": rows(2),
        "values": rows(
            2,
            name=put(good["name"], at3="9", at7=None, at9=None),
            kind=put(good["kind"], at3="z", at4="z", at5="y"),
            size=put(good["size"], at1=95, at2=95, at3=95, at30=4_000_000_000),
            parts=put(good["parts"], at5=[{"part": None, "Part": 1}] * 3),
        ),
        "unordered": rows(2, id=put(good["id"], at0=good["id"][9], at9=good["id"][0])),
        "repeated": rows(2, id=put(good["id"], at1=good["id"][0]), name=["n1", *good["name"][1:]]),
        "overlapping": rows(2, id=put(good["id"], at39=1000)),
        "all_null": rows(2, name=[None] * ROWS, size=[None] * ROWS),
        "no_rows": rows(2).slice(0, 0),
    }


def write(project: Path) -> None:
    """A table a fault, with its contract."""
    (project / "contracts").mkdir()
    for table, bad in faulty().items():
        folder = project / "lake" / table
        folder.mkdir(parents=True)
        for number in range(FILES):
            found = bad if number == 2 else rows(number)
            # Nothing is proved by footers: all of it is read.
            pq.write_table(found, folder / f"{number}.parquet", write_statistics=False)
        promise(project, table)
    write_partitioned(project)
    write_delta(project)


def write_partitioned(project: Path) -> None:
    """In folders of which one names no value, and one is quoted."""
    for table, values in {
        "texts": ["a", "x%20y", "b=c", "__HIVE_DEFAULT_PARTITION__", "é"],
        "numbers": ["1", "02", "3", "__HIVE_DEFAULT_PARTITION__", "5"],
    }.items():
        for number, value in enumerate(values):
            folder = project / "lake" / table / f"part={value}"
            folder.mkdir(parents=True)
            pq.write_table(rows(number), folder / f"{number}.parquet", write_statistics=False)
        type_ = {"numbers": ", type: int32"}.get(table, "")
        whole = "part > 1" if table == "numbers" else "part <> 'a' AND part <> 'x y'"
        rules = (
            f'- {{name: folders, sql: "{whole}"}}\n'
            '  - {name: no_null, sql: "part IS NOT NULL AND size < 200"}'
        )
        promise(project, table, more=f", partitioned_by: [{{name: part{type_}}}]", rules=rules)


def write_delta(project: Path) -> None:
    """Of several files; Delta has no names that differ in case alone."""
    for number in range(FILES):
        found = rows(number)
        if number == 3:
            found = rows(number, name=[None, "9", *found.column("name").to_pylist()[2:]])
        columns = {field.name: found.column(field.name).cast(field.type) for field in DELTA[:4]}
        columns["parts"] = pa.array([[{"part": None}]] * ROWS, DELTA[4].type)
        write_deltalake(
            str(project / "lake" / "delta"),
            pa.table(columns, pa.schema(DELTA)),
            mode="append",
        )
    text = CONTRACT.format(
        table="delta",
        format="delta",
        kind="string",
        at="-",
        size="int64",
        more="",
        rules="",
    )
    contract = project / "contracts" / "delta.yaml"
    lines = [each for each in text.splitlines() if "name: at" not in each and "Part" not in each]
    contract.write_text("\n".join(lines), encoding="utf-8")


DELTA = [
    pa.field("id", pa.int64()),
    pa.field("kind", pa.string()),
    pa.field("name", pa.string()),
    pa.field("size", pa.int64()),
    pa.field("parts", pa.list_(pa.field("element", pa.struct([("part", pa.string())])))),
]


def promise(project: Path, table: str, more: str = "", rules: str = "") -> None:
    text = CONTRACT.format(
        table=table,
        format="parquet",
        kind="dictionary<values=string, indices=int32>",
        at="timestamp[ns]",
        size="uint32",
        more=more,
        rules=rules,
    )
    (project / "contracts" / f"{table}.yaml").write_text(text, encoding="utf-8")


def promises(result: RunResult) -> dict[tuple[str, str], Any]:
    """All that is told of each, places of rows and counts included."""
    told = json.loads(result.manifest_json())["promises"]
    return {(each["contract"], each["check"]): each for each in told}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_a_cluster_tells_what_one_machine_tells(sail: Sail) -> None:
    alone = check("contracts", lake="lake")
    shared = check("contracts", lake="lake", cluster=sail.url)

    assert promises(shared) == promises(alone)
    red = {key for key, each in promises(alone).items() if each["failed"]}
    assert len(red) > 20
    for plan in shared.plans:
        assert f"one scan on the cluster {sail.url} of id, " in plan
