"""References whose keys do not fit the memory are answered all the same."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from support.observing import MEMORY, answered, observer_over, registry_of
from support.rows import session_of

import cst_contracts.engine.rows.references
from cst_contracts.contract.model import (
    AggregateContract,
    ReferenceContract,
    SourceContract,
    SourceFormat,
)
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.key_queries import count_references
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.settings import settings_of
from cst_contracts.facts import KeyCount, ReferenceCount, RowPlace, Sample, ShownField, ShownRows
from cst_contracts.location import Location
from cst_contracts.needs import AggregateNeed, KeyNeed, ReferenceNeed

ROWS = 400_000
AT = Location("contracts/here.yaml", 1, 1)
KEY = ("k", "n")
KEYS = KeyNeed("here", KEY)
REFERENCE = ReferenceNeed("here", ReferenceContract(KEY, "there", KEY, AT))


def observer(folder: Path, memory: int, how: MeasuringOptions) -> DataFusionObserver:
    """`memory` is what queries may take."""
    sources = {name: SourceContract(SourceFormat.PARQUET, AT, name) for name in ("here", "there")}
    return observer_over(registry_of(Relations(sources, {}, {}), folder, memory=memory), how)


def write(folder: Path, numbers: np.ndarray) -> None:
    folder.mkdir()
    keys = pa.array([f"a rather long key of a row, number {number:08}" for number in numbers])
    pq.write_table(pa.table({"k": keys, "n": numbers}), folder / "0.parquet", row_group_size=50_000)


@pytest.fixture
def partitions(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """On how many references were counted, in the order in which they were."""
    seen: list[str | None] = []

    def count(context: SessionContext, *arguments: Any) -> ReferenceCount:
        seen.append(settings_of(context)["datafusion.execution.target_partitions"])
        return count_references(context, *arguments)

    monkeypatch.setattr(cst_contracts.engine.rows.references, "count_references", count)
    return seen


@pytest.mark.parametrize("samples", [0, 2])
def test_keys_that_do_not_fit_are_grouped_and_spill(
    tmp_path: Path, samples: int, partitions: list[str | None]
) -> None:
    numbers = np.arange(ROWS)
    write(tmp_path / "there", numbers[::-1])
    numbers[[7, 300_000]] = ROWS
    write(tmp_path / "here", numbers)
    live = observer(tmp_path, 24 * 1024**2, MeasuringOptions(1, samples=samples))
    live.prepare([KEYS, REFERENCE])

    places = tuple(Sample(RowPlace("0.parquet", row), ()) for row in (7, 300_000)[:samples])
    assert answered(live, REFERENCE) == ReferenceCount(ROWS, 2, places)
    assert answered(live, KEYS) == KeyCount(ROWS, 1, 0, places)
    # On several, the engine may wait for ever for what it has spilled.
    assert set(partitions) == {"1"}


def test_keys_that_fit_are_counted_on_all_partitions(
    tmp_path: Path, partitions: list[str | None]
) -> None:
    for name in ("here", "there"):
        write(tmp_path / name, np.arange(10))
    live = observer(tmp_path, MEMORY, MeasuringOptions(MEMORY))
    assert answered(live, REFERENCE) == ReferenceCount(10, 0)
    usual = settings_of(open_session({}))["datafusion.execution.target_partitions"]
    assert partitions == [usual]


FLOATS = KeyNeed("here", ("x",))
GROUPS = AggregateNeed("here", AggregateContract("few", "count(*) < 2", AT, ("n",)))


@pytest.mark.parametrize("format_", [SourceFormat.PARQUET, SourceFormat.JSON])
def test_whatever_gathers_keys_runs_on_one_partition_where_these_may_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: SourceFormat
) -> None:
    """And so does what looks for the rows, where the files are known and where they are not."""
    for name, numbers in (("here", [1, 2, 1]), ("there", [2])):
        rows = pa.table({"x": [each / 2 for each in numbers], "n": numbers})
        if format_ is SourceFormat.PARQUET:
            pq.write_table(rows, tmp_path / name)
        else:
            lines = map(json.dumps, rows.to_pylist())
            (tmp_path / name).write_text("\n".join(lines) + "\n")
    asked: list[tuple[str, ...]] = []

    def may_spill(_: RowAccess, context: SessionContext, relations: Iterable[str]) -> bool:
        asked.append((type(context).__name__, *relations))
        return True

    monkeypatch.setattr(RowAccess, "may_spill", may_spill)
    sources = {name: SourceContract(format_, AT, name) for name in ("here", "there")}
    reference = ReferenceNeed("here", ReferenceContract(("n",), "there", ("n",), AT))
    shown = {"here": ShownRows((ShownField("n", sensitive=False),))}
    how = MeasuringOptions(MEMORY, samples=1, shown=shown)
    live = observer_over(registry_of(Relations(sources, {}, {}), tmp_path), how)
    live.prepare([FLOATS, reference, GROUPS])
    place = RowPlace("here", 0) if format_ is SourceFormat.PARQUET else "here"
    sample = (Sample(place, (("n", "1"),)),)
    assert answered(live, FLOATS) == KeyCount(3, 1, 0, sample)
    assert answered(live, reference) == ReferenceCount(3, 2, sample)
    assert answered(live, GROUPS).violations == 1
    one, both = ("SessionContext", "here"), ("SessionContext", "here", "there")
    keys_and_references = [one, both, both]
    assert asked == [*keys_and_references, one, *keys_and_references, *keys_and_references]
    usual = settings_of(open_session({}))["datafusion.execution.target_partitions"]
    assert settings_of(session_of(live))["datafusion.execution.target_partitions"] == usual
