"""Keys and references that meet on a cluster: all that is told of them is what one machine tells."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from support.project import Project
from support.sail_server import Sail

from cst_contracts.api import RunResult
from cst_contracts.distributed import sharing
from cst_contracts.engine.rows.key_tally import hash_of
from cst_contracts.report.manifest_file import Outcome

P1, P2, P5 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x27D4EB2F165667C5
ALL = (1 << 64) - 1

_PEOPLE = """
table: people
source: {format: parquet, location: people}
fields:
  - {name: id, type: int32}
  - {name: name, type: string}
  - {name: born, type: date32}
keys: [[id], [name, born]]
"""
_ORDERS = """
table: orders
source: {format: parquet, location: orders, ordered_by: [id]}
fields:
  - {name: id, type: int64, nullable: false}
  - {name: one, type: int64}
  - {name: other, type: int64}
  - {name: person, type: uint64}
  - {name: name, type: string}
  - {name: born, type: date32}
  - {name: price, type: float64}
  - name: lines
    type: list<struct>
    fields:
      - {name: sku, type: string}
      - {name: person, type: int64}
keys: [[id], [one, other], [id, "lines[].sku"], [price], [name]]
references:
  - {fields: [person], table: people, to: [id]}
  - {fields: ["lines[].person"], table: people, to: [id]}
  - {fields: [name, born], table: people, to: [name, born]}
  - {fields: [price], table: orders, to: [price]}
  - {fields: [name], table: people, to: [id]}
"""
LINE = pa.struct([("sku", pa.string()), ("person", pa.int64())])


def hashed(values: Sequence[int]) -> list[int]:
    table = pa.table({"v": pa.array(values, pa.int64())})
    frame = SessionContext().from_arrow(table).select(hash_of(["v"]))
    return [each & ALL for each in frame.to_arrow_table().column(0).to_pylist()]


def rotated(value: int, bits: int) -> int:
    return (value << bits | value >> (64 - bits)) & ALL


def colliding(one: int, other: int, instead: int) -> int:
    """With which `instead` has the 64-bit hash of `one` and `other`: xxHash mixes eight bytes into the hash
    of those before them by steps that can all be undone."""
    before, now = hashed([one, instead])
    mixed = rotated(other * P2 & ALL, 31) * P1 & ALL
    mixed ^= (before + P5 + 8 & ALL) ^ (now + P5 + 8 & ALL)
    value = rotated(mixed * pow(P1, -1, 1 << 64) & ALL, 33) * pow(P2, -1, 1 << 64) & ALL
    return value - (1 << 64) if value >> 63 else value


COLLIDING = colliding(7, 9, 8)


def orders(first: int, rows: int) -> dict[str, list[object]]:
    ids = range(first, first + rows)
    return {
        "id": list(ids),
        "one": [7, 8, *ids[2:]],
        "other": [9, COLLIDING, *ids[2:]] if first == 0 else [-each for each in ids],
        "person": [None if each % 5 == 0 else each % 7 for each in ids],
        "name": [f"n{each}" for each in ids],
        "born": [None if each % 3 == 0 else each for each in ids],
        "price": [each / 2 for each in ids],
        "lines": [[{"sku": f"s{each % 2}", "person": each % 9}] * (each % 3) for each in ids],
    }


def write(project: Project) -> None:
    schema = pa.schema(
        [
            ("id", pa.int64()),
            ("one", pa.int64()),
            ("other", pa.int64()),
            ("person", pa.uint64()),
            ("name", pa.string()),
            ("born", pa.date32()),
            ("price", pa.float64()),
            ("lines", pa.list_(LINE)),
        ]
    )
    for folder in ("orders", "people"):
        (project.lake / folder).mkdir(parents=True)
    for number in range(2):
        table = pa.table(orders(number * 100, 2_200), schema)
        file = project.lake / "orders" / f"{number}.parquet"
        pq.write_table(table, file, row_group_size=300, write_statistics=False)
    for number in range(2):
        ids = range(number * 4, number * 4 + 4)
        columns = {"id": ids, "name": [f"n{each}" for each in ids], "born": ids}
        types = {"id": pa.int32(), "name": pa.string(), "born": pa.date32()}
        table = pa.table({name: pa.array(columns[name], types[name]) for name in types})
        pq.write_table(table, project.lake / "people" / f"{number}.parquet")
    project.write(orders=_ORDERS, people=_PEOPLE)


def told(result: RunResult) -> dict[str, Any]:
    return {each.id: each for each in result.promises}


def test_keys_and_references_are_counted_and_placed_as_here(
    tmp_path: Path, sail: Sail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are cut into shares of few row groups: the rows of one meet those of the next."""
    project = Project(tmp_path)
    write(project)
    monkeypatch.setattr(sharing, "_BYTES_A_TASK", 20_000)

    there = project.check(cluster=sail.url)

    assert told(there) == told(project.check())
    (plan,) = [each for each in there.plans if each.startswith("orders")]
    assert [line.strip() for line in plan.splitlines() if "[" in line] == [
        f"order[measured] by id asc nulls last: in the scan, on the cluster {sail.url}",
        f"nulls[id]: in the scan, on the cluster {sail.url}",
        "unique[id]: neighbours in the scan; where files overlap, hashes, grouped; equal ones looked up",
        f"unique[one,other]: hashes, grouped; equal ones looked up, on the cluster {sail.url}",
        f"unique[id,lines[].sku]: hashes, grouped; equal ones looked up, on the cluster {sail.url}",
        "unique[price]: a query of its own, since equal values of its types need not have equal hashes, here",
        f"unique[name]: hashes, grouped; equal ones looked up, on the cluster {sail.url}",
        f"reference[person→people.id]: the keys of both tables, grouped, on the cluster {sail.url}",
        f"reference[lines[].person→people.id]: the keys of both tables, grouped, on the cluster {sail.url}",
        f"reference[name,born→people.name,born]: the keys of both tables, grouped, on the cluster {sail.url}",
        "reference[price→orders.price]: a query of its own, since it reads two relations, here, "
        "since equal values of price and price need not be stored alike",
        "reference[name→people.id]: a query of its own, since it reads two relations, here, "
        "since equal values of name and id need not be stored alike",
    ]
    found = told(there)
    assert found["contracts/orders.yaml::unique[one,other]"].outcome is Outcome.KEPT, "equal hashes"
    assert found["contracts/orders.yaml::unique[name]"].violations == 2_100, "too many to look up"
    assert found["contracts/orders.yaml::unique[id]"].violations == 2_100
    assert found["contracts/orders.yaml::reference[person→people.id]"].outcome is Outcome.KEPT


def test_the_keys_collide() -> None:
    table = pa.table({"one": [7, 8], "other": [9, COLLIDING]})
    frame = SessionContext().from_arrow(table).select(hash_of(["one", "other"]))

    one, other = frame.to_arrow_table().column(0).to_pylist()
    assert one == other
