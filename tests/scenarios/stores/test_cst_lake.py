"""This repository's own contracts are kept in an object store, whichever format the lake is in."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.cst_lake import ROOT, promised_of_delta, write_as_delta
from support.gate import judge, observer_of
from support.s3_server import S3Server

from cst_contracts.checks.verdict import Kept
from cst_contracts.contract.parse import parse_contract
from cst_contracts.extract.lake import write_lake
from cst_contracts.extract.sources import SourceRoot

TABLE = "libcst_files_v1"
#: The nested table, and some of the views that its lists are exploded into.
CONTRACTS = (TABLE, "cst_refs", "cst_defs", "cst_imports")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a few of the sources that other tests extract."""
    folder = tmp_path_factory.mktemp("extracted")
    (folder / "source").mkdir()
    for name in ("scopes.py", "shapes/area.py", "unfinished.py"):
        shutil.copy(ROOT / "tests" / "assets" / "source" / name, folder / "source")
    write_lake([SourceRoot(folder / "source", "assets")], folder / "lake", workers=1)
    return folder / "lake" / TABLE


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_a_clean_lake_keeps_every_promise(
    extracted: Path, tmp_path: Path, server: S3Server, format_: str
) -> None:
    if format_ == "delta":
        write_as_delta(pq.read_table(extracted), tmp_path / "lake" / TABLE)
    else:
        shutil.copytree(extracted, tmp_path / "lake" / TABLE)
    texts = {name: (ROOT / "contracts" / f"{name}.yaml").read_text("utf-8") for name in CONTRACTS}
    if format_ == "delta":
        texts[TABLE] = promised_of_delta(texts[TABLE])
    contracts = [parse_contract(text.encode(), name) for name, text in texts.items()]
    found = judge(contracts, observer_of(contracts, server.upload(tmp_path / "lake")))
    assert found.red == {}
    kept = [each for each in found.judgements.values() if isinstance(each.verdict, Kept)]
    assert len(kept) > 200
