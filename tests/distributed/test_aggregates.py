"""Aggregates that workers compute of their files: all that is told of them is what one machine tells."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from support.rows import observing, table_contract
from support.sail_server import Sail

from cst_contracts.contract.model import AggregateContract
from cst_contracts.engine.rows.plan import RowPlan
from cst_contracts.facts import AggregateCount, CouldNotLook
from cst_contracts.location import Location
from cst_contracts.needs import AggregateNeed

FILES, ROWS = 3, 20_000
_CONTRACT = """
table: lake.t
source: {format: parquet, location: t, partitioned_by: [part]}
fields:
  - {name: id, type: int64}
  - {name: kind, type: string}
  - {name: size, type: float64}
"""
ASKED: list[tuple[str, tuple[str, ...]]] = [
    ("count(*) = 60000 AND max(size) < 300", ()),
    ("count(*) > 60000 OR min(id) FILTER (WHERE kind = 'k3') > 3", ()),
    ("count(*) >= 8574", ("kind",)),
    ("sum(id) < 85700000 OR kind IS NULL", ("kind",)),
    ("count(*) >= 2", ("id",)),
    ("count(*) < 100", ("size", "kind")),
    ("sum(id) / (count(*) - 8574) > 1", ("kind",)),
    ("avg(size) = 74.75 AND count(DISTINCT id) > 20002 AND count(*) > 1", ()),
    ("avg(size) < 74.75 AND count(DISTINCT id) > 17000", ("kind",)),
    ("count(*) > 1 AND count(DISTINCT part) = 1", ("part",)),
    ("count(DISTINCT id) + count(DISTINCT kind) = 2859 OR median(id) > 9999", ("kind",)),
]
HERE: dict[tuple[str, tuple[str, ...]], str] = {
    ("median(size) < 100", ()): "median(size) of all rows does not follow from that of parts",
    ("id > 1", ()): "the engine refuses it",
}


def write(folder: Path) -> None:
    """Of the last ids, each is in one file alone."""
    for number in range(FILES):
        ids = [each + number for each in range(ROWS)]
        rows = {
            "id": ids,
            "kind": [None if each % 7 == 0 else f"k{each % 7}" for each in range(ROWS)],
            "size": [each % 300 / 2 for each in ids],
        }
        place = folder / "t" / f"part={number}"
        place.mkdir(parents=True)
        pq.write_table(pa.table(rows), place / "f.parquet")


def test_every_group_is_counted_and_named_as_on_one_machine(tmp_path: Path, sail: Sail) -> None:
    write(tmp_path)
    at = Location("t.yaml", 1, 1)
    needs = [
        AggregateNeed("lake.t", AggregateContract(f"a{number}", sql, at, per))
        for number, (sql, per) in enumerate([*ASKED, *HERE])
    ]
    contracts = [table_contract(_CONTRACT)]
    here, there = (observing(tmp_path, contracts, needs, cluster=url) for url in ("", sail.url))

    answers = [there.answer(need) for need in needs]

    assert answers == [here.answer(need) for need in needs]
    (plan,) = there.plans()
    assert isinstance(plan, RowPlan)
    assert plan.sent is not None
    assert plan.sent.needs == set(needs[: len(ASKED)])
    assert list(plan.sent.here.values()) == list(HERE.values())
    way = f"aggregated by each task, and put together by group, on the cluster {sail.url}"
    assert f"  aggregate[a0]: {way}" in str(plan).splitlines()
    kept, red, *grouped = answers[:6]
    divided, distinct = answers[6:8]
    assert isinstance(kept, AggregateCount)
    assert (kept.rows, kept.violations) == (FILES * ROWS, 0)
    assert isinstance(red, AggregateCount)
    assert red.computed[0] == ("count(*)", "60000")
    found = [(each.groups, each.violations) for each in grouped if isinstance(each, AggregateCount)]
    assert found == [(7, 6), (7, 5), (20_002, 2), (2_100, 0)]
    assert isinstance(distinct, AggregateCount)
    assert dict(distinct.computed)["count(DISTINCT id)"] == "20002"
    assert isinstance(divided, CouldNotLook)
    assert divided.reason == "Arrow error: Divide by zero error"
