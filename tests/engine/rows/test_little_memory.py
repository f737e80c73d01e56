"""References whose keys do not fit the memory are answered all the same."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from measuring import MEMORY, answers, needs, table_contract

import cst_contracts.engine.rows.asked
from cst_contracts.contract.relations import relations
from cst_contracts.engine.relations.registry import LiveCatalog
from cst_contracts.engine.rows.counts import count_references
from cst_contracts.engine.rows.measurements import Measurements, Measuring
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.settings import settings_of
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.facts import KeyCount, ReferenceCount, RowPlace, Sample

ROWS = 400_000
CONTRACT = """table: {name}
source: {{format: parquet, location: {name}}}
fields: [{{name: k, type: string}}, {{name: n, type: int64}}]
"""
KEYS = "keys: [[k, n]]\n"
REFERENCE = "references: [{fields: [k, n], table: there, to: [k, n]}]\n"


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

    monkeypatch.setattr(cst_contracts.engine.rows.asked, "count_references", count)
    return seen


@pytest.mark.parametrize("samples", [0, 2])
def test_keys_that_do_not_fit_are_grouped_and_spill(
    tmp_path: Path, samples: int, partitions: list[str | None]
) -> None:
    numbers = np.arange(ROWS)
    write(tmp_path / "there", numbers[::-1])
    numbers[[7, 300_000]] = ROWS
    write(tmp_path / "here", numbers)
    here = table_contract(CONTRACT.format(name="here") + KEYS + REFERENCE)
    contracts = [here, table_contract(CONTRACT.format(name="there"))]
    memory = 24 * 1024**2
    catalog = LiveCatalog(
        open_session({}), relations(contracts), Lake(str(tmp_path)), memory, supplied=False
    )

    measured = Measurements(catalog, {"here": needs(here)}, Measuring(1, samples=samples))

    places = tuple(Sample(RowPlace("0.parquet", row), ()) for row in (7, 300_000)[:samples])
    found = answers(measured, here)
    assert found["reference[k,n→there.k,n]"] == ReferenceCount(ROWS, 2, places)
    assert found["unique[k,n]"] == KeyCount(ROWS, 1, 0, places)
    # On several, the engine may wait for ever for what it has spilled.
    assert partitions == ["1"]


def test_keys_that_fit_are_counted_on_all_partitions(
    tmp_path: Path, partitions: list[str | None]
) -> None:
    for name in ("here", "there"):
        write(tmp_path / name, np.arange(10))
    here = table_contract(CONTRACT.format(name="here") + REFERENCE)
    contracts = [here, table_contract(CONTRACT.format(name="there"))]
    catalog = LiveCatalog(
        open_session({}), relations(contracts), Lake(str(tmp_path)), MEMORY, supplied=False
    )
    measured = Measurements(catalog, {"here": needs(here)}, Measuring(MEMORY))
    assert answers(measured, here)["reference[k,n→there.k,n]"] == ReferenceCount(10, 0)
    usual = settings_of(open_session({}))["datafusion.execution.target_partitions"]
    assert partitions == [usual]
