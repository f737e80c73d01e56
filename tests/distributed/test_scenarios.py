"""Some of the oracle's tables and a seeded fault, on a cluster; CONTRIBUTING tells how to run all of them."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scenarios.differential.test_oracle import compare_made
from scenarios.faults import test_seeded_faults as faults
from support.cst_lake import clean_lake, contracts, lake, rewrite
from support.sail_server import Sail
from support.tables import DELTA, PARQUET

__all__ = ["clean_lake", "contracts", "lake", "rewrite"]


@pytest.fixture(autouse=True)
def on_the_cluster(sail: Sail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CST_CLUSTER", sail.url)


@pytest.mark.parametrize(("format_", "tables"), [(PARQUET, 3), (DELTA, 1)])
def test_every_answer_is_that_of_a_naive_reader(format_: str, tables: int) -> None:
    @settings(
        max_examples=tables,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(data=st.data())
    def compare(data: st.DataObject) -> None:
        compare_made(format_, data)

    compare()


def test_a_seeded_fault_turns_the_same_promises_red(
    lake: Path, contracts: Path, rewrite: faults.Rewrite
) -> None:
    faults.test_a_null_in_a_key_of_one_struct(lake, contracts, rewrite)
