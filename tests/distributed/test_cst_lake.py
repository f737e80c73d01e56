"""This repository's own contracts on a cluster: kept in both formats, and red for the same fault as here.

`CST_LAKE` in the environment is the folder of a larger lake of the same table, which is asked about instead.
"""

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scenarios.faults import test_seeded_faults as faults
from support.cst_lake import (
    clean_lake,
    contracts,
    lake,
    promised_of_delta,
    rewrite,
    write_as_delta,
)
from support.gate import judge, observer_of

from cst_contracts.checks.verdict import Kept
from cst_contracts.contract.parse import parse_contract
from cst_contracts.engine.rows.plan import RowPlan
from cst_contracts.files.contracts import list_contracts

__all__ = ["clean_lake", "contracts", "lake", "rewrite"]

TABLE = "libcst_files_v1"


@pytest.fixture
def given_lake(request: pytest.FixtureRequest) -> Path:
    found = os.environ.get("CST_LAKE")
    return Path(found or request.getfixturevalue("clean_lake"))


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_a_clean_lake_keeps_every_promise(
    cluster: str, given_lake: Path, contracts: Path, tmp_path: Path, format_: str
) -> None:
    place = tmp_path / "lake of one" / TABLE
    if format_ == "delta":
        files = sorted((given_lake / TABLE).rglob("*.parquet"))
        rows = pa.concat_tables([pq.read_table(file) for file in files])
        # deltalake 1.6 writes batches that come one after the other in any order.
        write_as_delta(rows.combine_chunks(), place)
        file = contracts / f"{TABLE}.yaml"
        file.write_text(promised_of_delta(file.read_text("utf-8")), encoding="utf-8")
    else:
        shutil.copytree(given_lake / TABLE, place)
    promised = [parse_contract(each.read_bytes(), each.name) for each in list_contracts(contracts)]

    observer = observer_of(promised, place.parent, verify_data=True, cluster=cluster)
    found = judge(promised, observer)

    # A catalog holds each table in the format that it is auto-loaded in.
    assert {key: codes for key, codes in found.red.items() if key[1] != "catalog"} == {}
    kept = [each for each in found.judgements.values() if isinstance(each.verdict, Kept)]
    assert len(kept) > 500
    (plan,) = [
        each for each in observer.plans() if isinstance(each, RowPlan) and each.relation == TABLE
    ]
    assert plan.sent is not None
    assert len(plan.sent.needs) > 5


def test_a_seeded_fault_turns_the_same_promises_red(
    cluster: str,
    monkeypatch: pytest.MonkeyPatch,
    lake: Path,
    contracts: Path,
    rewrite: faults.Rewrite,
) -> None:
    monkeypatch.setenv("CST_CLUSTER", cluster)
    faults.test_a_null_in_a_key_of_one_struct(lake, contracts, rewrite)
