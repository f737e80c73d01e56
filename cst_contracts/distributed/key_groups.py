"""What the cluster itself computes: it groups keys that tasks send, as numbers and bytes.

Only counts come back, and the first few of what was asked for, however many keys there are.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
from msgspec import Struct

from cst_contracts.distributed.outcomes import Task, tasks_in
from cst_contracts.distributed.shipping import Ship
from cst_contracts.facts import RowPlace

if TYPE_CHECKING:
    from cst_contracts.distributed.connection import Connection

#: So many keys at most have the places of their rows looked up, the first in their order.
_FEW = 10_000
_FIRST_OF_VALUE = (
    "first_value(struct(file, row)) OVER (PARTITION BY value ORDER BY file, row) AS first"
)
_TASK = ("task", "trouble", "told")
_OF_SIDES = {
    "here": "CASE WHEN side = 0 THEN 1 END AS here",
    "there": "CASE WHEN side = 1 THEN 1 END AS there",
}


class Wanted(Struct, frozen=True):
    """Of keys that so many rows `here` and `there` have: which break the promise, and by how many rows.
    `together`: the rows of a key stand together where they are shown, where the first of them is."""

    broken: str
    rows: str
    together: bool = False


#: Keys of one table: all rows of a key but one are too many.
REPEATED = Wanted("here > 1", "here - 1", together=True)
#: Keys of a reference, which have to be there.
DANGLING = Wanted("here > 0 AND there = 0", "here")


class Repeated(Struct, frozen=True):
    """Hashes that several rows have, once each: no more than were asked for, and one."""

    tasks: list[Task]
    hashes: tuple[int, ...]


class Broken(Struct, frozen=True):
    """How many `rows` break the promise."""

    tasks: list[Task]
    rows: int


def repeated(talking: "Connection", ship: Ship, loads: Sequence[bytes], most: int) -> Repeated:
    """Of the hashes that tasks send, those that several rows have."""
    groups = talking.rows(ship, loads).groupBy(*_TASK, "hash").count()
    told = groups.where("task IS NOT NULL OR count > 1").orderBy("task", ascending=False)
    found = told.limit(len(loads) + most + 1).toArrow()
    hashes = found.filter(pc.is_null(found.column("task"))).column("hash")
    return Repeated(tasks_in(found), tuple(hashes.to_pylist()))


def broken(talking: "Connection", ship: Ship, loads: Sequence[bytes], wanted: Wanted) -> Broken:
    """Of the values that tasks send, how many rows have one that breaks the promise."""
    groups = _grouped(talking.rows(ship, loads), *_TASK, "value")
    rows = f"CASE WHEN task IS NULL AND {wanted.broken} THEN {wanted.rows} ELSE 0 END AS rows"
    counted = groups.selectExpr(*_TASK, rows).groupBy(*_TASK).sum("rows").toDF(*_TASK, "rows")
    found = counted.toArrow()
    return Broken(tasks_in(found), sum(found.column("rows").to_pylist()))


def places(
    talking: "Connection", ship: Ship, loads: Sequence[bytes], wanted: Wanted, most: int
) -> tuple[RowPlace, ...]:
    """Where the first rows are whose values break the promise, of values with their places."""
    rows = talking.rows(ship, loads).where("task IS NULL")
    few = _grouped(rows, "value").where(wanted.broken).orderBy("value").limit(_FEW)
    joined = rows.where("side = 0").join(few.select("value"), "value", "left_semi")
    first = _FIRST_OF_VALUE if wanted.together else "struct(file, row) AS first"
    placed = joined.selectExpr("file", "row", first).groupBy("file", "row").agg({"first": "min"})
    shown = placed.toDF("file", "row", "first").orderBy("first", "file", "row").limit(most)
    found = shown.select("file", "row").toArrow().to_pylist()
    return tuple(RowPlace(row["file"], row["row"]) for row in found)


def _grouped(rows: Any, *names: str) -> Any:
    """How many rows of each side have them in common."""
    counted = rows.selectExpr(*names, *_OF_SIDES.values()).groupBy(*names)
    counts = [f"`count({side})` AS {side}" for side in _OF_SIDES]
    return counted.agg(dict.fromkeys(_OF_SIDES, "count")).selectExpr(*names, *counts)
