"""A Delta table during a run: one version throughout, and no more files than an answer needs."""

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from datafusion import SessionContext
from deltalake import write_deltalake
from support.observing import answered, null_counts

from cst_contracts.contract.model import SourceFormat, Sql, ViewContract
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.storage.pins import Pins
from cst_contracts.facts import KeyCount
from cst_contracts.location import Location
from cst_contracts.needs import KeyNeed, RowCountNeed, SchemaNeed

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]
DELTA = SourceFormat.DELTA
_FILES = re.compile(r"row_groups_pruned_statistics=(\d+) total → (\d+) matched")


def append(table: Path, first: int, count: int = 100) -> None:
    ids = list(range(first, first + count))
    write_deltalake(table, pa.table({"id": ids, "w": ["x"] * count}), mode="append")


def test_what_another_writer_appends_during_a_run_is_not_seen(
    tmp_path: Path, observer: Build
) -> None:
    """By none of the ways in which a table is read, whichever comes first."""
    append(tmp_path / "t", 0)
    view = ViewContract("v", Sql("SELECT id FROM t"), "t", AT)
    live = observer("t", DELTA, views=[view])
    facts = answered(live, SchemaNeed("t"))
    assert facts.delta is not None
    assert (facts.delta.version, facts.delta.latest, facts.files) == (0, 0, 1)
    append(tmp_path / "t", 0)
    assert answered(live, RowCountNeed("t")).rows == 100
    assert null_counts(live, "t", "id")["id"].rows == 100
    append(tmp_path / "t", 0)
    assert answered(live, RowCountNeed("v")).rows == 100
    assert answered(live, KeyNeed("t", ("id",))) == KeyCount(100, 0, 0)


def test_two_tables_at_one_location_are_of_one_version(tmp_path: Path, observer: Build) -> None:
    append(tmp_path / "u", 0)
    live = observer("u", DELTA, others=["u"])
    first = answered(live, SchemaNeed("t"))
    append(tmp_path / "u", 100)
    second = answered(live, SchemaNeed("u"))
    assert first.delta_version == second.delta_version == 0
    assert answered(live, RowCountNeed("u")).rows == 100


def test_processes_of_one_run_agree_on_the_first_version_that_any_saw(tmp_path: Path) -> None:
    one, other, alone = Pins(tmp_path), Pins(tmp_path), Pins()
    assert one.known("u") is None
    assert one.keep("u", 3) == 3
    assert (other.known("u"), other.keep("u", 5)) == (3, 3)  # it had opened a later one
    assert (alone.known("u"), alone.keep("u", 5), alone.keep("u", 6)) == (None, 5, 5)
    assert len(list(tmp_path.iterdir())) == 1


def files_read(context: SessionContext, query: str) -> tuple[int, int]:
    """How many row groups the scan considered, one a file here, and how many statistics left it."""
    plan = context.sql(f"EXPLAIN ANALYZE {query}").to_pydict()["plan"][0]
    found = _FILES.findall(plan)
    return sum(int(total) for total, _ in found), sum(int(left) for _, left in found)


def test_no_file_is_left_out_of_a_range_for_what_its_footer_says(
    tmp_path: Path, registry: Callable[..., Registry]
) -> None:
    for first in range(0, 400, 100):
        append(tmp_path / "t", first)
    session = RowAccess(registry("t", DELTA)).stored_session("t", ["id", "w"])
    assert files_read(session, "SELECT min(w) FROM t WHERE id >= 350") == (4, 4)
