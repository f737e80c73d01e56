"""A cluster reads a lake in an object store: its workers have the credentials, and nobody tells them.

`CST_STORE` in the environment is the port of the store that the workers of `CST_CLUSTER` were started for.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from scenarios.stores.conftest import port, server
from scenarios.stores.test_cst_lake import CONTRACTS, TABLE, extracted
from support.cst_lake import ROOT, promised_of_delta, write_as_delta
from support.gate import judge, observer_of
from support.s3_server import KEY, SECRET, S3Server
from support.sail_server import sail_server

from cst_contracts.checks.verdict import Kept
from cst_contracts.contract.parse import parse_contract
from cst_contracts.engine.rows.plan import RowPlan

__all__ = ["extracted", "port", "server"]


@pytest.fixture
def cluster(server: S3Server, tmp_path: Path) -> Iterator[str]:  # noqa: ARG001 - leads workers to it
    found = os.environ.get("CST_CLUSTER")
    if found is not None:
        yield found
        return
    (tmp_path / "sail").mkdir()
    with sail_server(tmp_path / "sail") as sail:
        yield sail.url


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_a_clean_lake_keeps_every_promise(
    cluster: str, extracted: Path, tmp_path: Path, server: S3Server, format_: str
) -> None:
    texts = {name: (ROOT / "contracts" / f"{name}.yaml").read_text("utf-8") for name in CONTRACTS}
    if format_ == "delta":
        write_as_delta(pq.read_table(extracted), tmp_path / "lake" / TABLE)
        texts[TABLE] = promised_of_delta(texts[TABLE])
    else:
        shutil.copytree(extracted, tmp_path / "lake" / TABLE)
    contracts = [parse_contract(text.encode(), name) for name, text in texts.items()]
    lake = server.upload(tmp_path / "lake")
    server.misbehave()

    observer = observer_of(contracts, lake, verify_data=True, cluster=cluster)
    found = judge(contracts, observer)

    assert found.red == {}
    kept = [each for each in found.judgements.values() if isinstance(each.verdict, Kept)]
    assert len(kept) > 200
    plans = [each for each in observer.plans() if isinstance(each, RowPlan)]
    (sent,) = [each.sent for each in plans if each.relation == TABLE]
    assert sent is not None
    assert len(sent.needs) > 5
    told = "\n".join(map(str, plans))
    assert KEY not in told
    assert SECRET not in told
