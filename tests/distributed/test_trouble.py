"""What stands between this machine and a cluster is told in a sentence, and is never a promise kept."""

import json
import os
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from grpc import RpcError, StatusCode
from msgspec.structs import replace
from support.observing import MEMORY, observer_over, refused, registry_of
from support.rows import answers, observing, table_contract
from support.sail_server import Sail, sail_server

import cst_contracts
from cst_contracts.api import CstContractsError, check
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.relations import relations
from cst_contracts.distributed.client import Patience
from cst_contracts.distributed.cluster import Cluster
from cst_contracts.distributed.connection import Connection
from cst_contracts.distributed.shipping import Ship, shipped, versions_here
from cst_contracts.distributed.trouble import ClusterTrouble
from cst_contracts.distributed.workers import ClusterAddress
from cst_contracts.engine.rows.elsewhere import SharedScan
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.rows.scan import Tallied
from cst_contracts.facts import Trouble
from cst_contracts.needs import NullsNeed

_CONTRACT = """
table: t
source: {{format: parquet, location: "{location}"}}
fields:
  - {{name: id, type: int64, nullable: false, nullability: values}}
  - {{name: size, type: int64}}
rules:
  - {{name: positive, sql: "size > 0"}}
  - {{name: divides, sql: "100 / size > 0"}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of two files, whose footers tell nothing of nulls."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "lake" / "t").mkdir(parents=True)
    for number in range(2):
        rows = pa.table({"id": range(3), "size": range(1, 4)})
        pq.write_table(rows, tmp_path / "lake" / "t" / f"{number}.parquet", write_statistics=False)
    located(tmp_path, "t")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def located(project: Path, location: str) -> None:
    text = _CONTRACT.format(location=location)
    (project / "contracts" / "t.yaml").write_text(text, encoding="utf-8")


def promises(cluster: str, seconds: float = 60) -> Mapping[str, Any]:
    """By the id of the check."""
    result = check("contracts", lake="lake", cluster=cluster, cluster_seconds=seconds)
    told = json.loads(result.manifest_json())["promises"]
    return {each["check"]: each for each in told}


def refusal(found: Mapping[str, Any]) -> str:
    """The one reason for which nothing that the cluster was asked is kept, and the run is red."""
    assert [found[each]["outcome"] for each in ("rows", "nulls[id]")] == ["broken", "undecided"]
    rules = [found["rule[positive]"], found["rule[divides]"]]
    assert [(each["outcome"], each["failed"]) for each in rules] == [("undecided", True)] * 2
    assert found["field[id]"]["outcome"] == "kept"  # asked of nobody but this machine
    reasons = {found[each]["observed"] for each in ("rows", "nulls[id]", "rule[positive]")}
    (reason,) = reasons | {each["observed"] for each in rules}
    return str(reason)


@pytest.mark.usefixtures("project")
def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and listens to nobody
        url = f"sc://127.0.0.1:{taken.getsockname()[1]}"
        reason = refusal(promises(f"{url}/;token=secret-of-the-tests"))

    assert reason.startswith(
        f"the cluster {url} does not answer: failed to connect to all addresses"
    )
    assert "secret" not in reason


def test_a_server_that_goes_away(project: Path) -> None:
    with sail_server(project) as sail:
        assert promises(sail.url)["rule[positive]"]["outcome"] == "kept"
        sail.stop()
        reason = refusal(promises(sail.url))

    assert reason.startswith(f"the cluster {sail.url} does not answer: ")


class Away(RpcError):  # type: ignore[misc]  # it has no types
    """What the client is told where nobody listens."""

    def code(self) -> StatusCode:
        return StatusCode.UNAVAILABLE

    def trailing_metadata(self) -> None:
        """A server that is not there sends none."""


def test_an_end_of_patience_is_the_error_itself_and_no_warning() -> None:
    """Here, a warning would be another error."""
    from pyspark.sql.connect.client.retries import Retrying  # noqa: PLC0415 - once our module has

    tried: list[int] = []

    def try_again() -> None:
        for attempt in Retrying([Patience(max_retries=2, initial_backoff=1, max_backoff=1)]):
            with attempt:
                tried.append(1)
                raise Away

    with pytest.raises(Away):
        try_again()
    assert len(tried) == 3


@pytest.mark.usefixtures("project")
def test_workers_that_take_too_long(sail: Sail) -> None:
    """Asked for their versions already."""
    reason = refusal(promises(sail.url, seconds=0.001))

    assert reason == f"the cluster {sail.url} took longer than 0.001 s, and was interrupted"
    assert promises(sail.url)["rule[positive]"]["outcome"] == "kept"


def test_workers_that_do_not_see_a_file(project: Path, sail: Sail) -> None:
    """Each process has a working directory of its own, and so another `/proc/self/cwd`."""
    place = "file:///proc/self/cwd/lake/t/"
    located(project, place)

    reason = refusal(promises(sail.url))

    assert reason.startswith(
        f"the cluster {sail.url} has a worker, {os.uname().nodename}, that does not see"
    )
    assert "/0.parquet: no such file there" in reason or "/1.parquet: no such file" in reason


def test_a_file_that_is_another_one_on_the_worker(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "lake" / "t"
    elsewhere.mkdir(parents=True)
    for number in range(2):
        pq.write_table(pa.table({"id": [1], "size": [1]}), elsewhere / f"{number}.parquet")
    located(project, "file:///proc/self/cwd/lake/t/")

    with sail_server(tmp_path / "elsewhere") as sail:
        reason = refusal(promises(sail.url))

    size = (elsewhere / "0.parquet").stat().st_size
    assert f"a file of {size} bytes, not " in reason


@pytest.fixture
def imports(tmp_path: Path) -> Path:
    """Where workers find another package than the one that asks."""
    package = tmp_path / "imports" / "cst_contracts"
    package.mkdir(parents=True)
    return package


@pytest.mark.parametrize(
    ("init", "told"),
    [
        (
            '__version__ = "0.0.1"',
            f"cst-contracts 0.0.1, not {cst_contracts.__version__}",
        ),
        (
            "raise ModuleNotFoundError(\"No module named 'cst_contracts'\")",
            f"no cst-contracts {cst_contracts.__version__}: No module named 'cst_contracts'",
        ),
    ],
)
def test_workers_with_another_package_or_with_none(
    project: Path, imports: Path, init: str, told: str
) -> None:
    (imports / "__init__.py").write_text(init, encoding="utf-8")

    with sail_server(project, imports.parent) as sail:
        reason = refusal(promises(sail.url))

    assert reason == f"the cluster {sail.url} has workers that lack what they need: {told}"


def test_what_the_engine_cannot_compute_spoils_nothing_else(project: Path, sail: Sail) -> None:
    rows = pa.table({"id": [1, None], "size": [0, -1]})
    pq.write_table(rows, project / "lake" / "t" / "2.parquet", write_statistics=False)

    found = promises(sail.url)

    assert found["rule[divides]"]["outcome"] == "undecided"
    assert "Divide by zero" in found["rule[divides]"]["observed"]
    assert (found["rule[positive]"]["violations"], found["rule[positive]"]["rows"]) == (2, 8)
    assert found["nulls[id]"]["violations"] == 1


def test_what_the_engine_cannot_compute_is_trouble_of_the_same_kind(
    project: Path, sail: Sail
) -> None:
    rows = pa.table({"id": [1], "size": [0]})
    pq.write_table(rows, project / "lake" / "t" / "2.parquet", write_statistics=False)
    contract = table_contract(_CONTRACT.format(location="t"))

    here, there = (
        answers(observing(project / "lake", [contract], cluster=url), contract)
        for url in ("", sail.url)
    )

    assert there == here
    assert there["rule[divides]"].trouble is Trouble.ENGINE


@pytest.mark.usefixtures("project")
def test_a_query_that_takes_too_long_is_interrupted(sail: Sail) -> None:
    def endless(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import time  # noqa: PLC0415 - on the worker

        for _ in range(600):
            time.sleep(0.1)
        yield from batches

    connection = Connection(sail.url)

    with pytest.raises(ClusterTrouble, match=r"took longer than 0\.3 s, and was interrupted"):
        connection.run(Ship(endless), [b""], 0.3)
    (task,) = connection.run(shipped(None, versions_here()), [b""], 60)
    assert task.trouble == ""


class Miscounted(Cluster):
    """A cluster of which more rows are wanted than there are."""

    def tallied(self, scan: SharedScan) -> list[Tallied]:
        assert scan.rows is not None
        return super().tallied(replace(scan, rows=scan.rows + 1))


def test_rows_that_are_not_those_that_footers_tell_of(project: Path, sail: Sail) -> None:
    contracts = [parse_contract((project / "contracts" / "t.yaml").read_bytes(), "t.yaml")]
    registry = registry_of(relations(contracts), project / "lake")
    elsewhere = Miscounted(ClusterAddress(sail.url, 60))
    observer = observer_over(registry, MeasuringOptions(MEMORY, elsewhere=elsewhere))

    trouble = refused(observer, NullsNeed("t", "id"))

    told = "has read 6 rows in 2 of 2 tasks, and the footers tell of 7"
    assert trouble.reason == f"the cluster {sail.url} {told}"
    assert trouble.trouble is Trouble.ELSEWHERE


@pytest.mark.usefixtures("project")
def test_without_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("connection", "client"):
        monkeypatch.delitem(sys.modules, f"cst_contracts.distributed.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)

    reason = refusal(promises("sc://127.0.0.1:1"))

    told = 'cannot be asked without its client: pip install "cst-contracts[spark]"'
    assert reason == f"the cluster sc://127.0.0.1:1 {told}"


def test_an_address_that_is_none(project: Path) -> None:
    told = "cluster is no address of a Spark Connect server; write sc://host:port"
    with pytest.raises(CstContractsError, match=told):
        check(project / "contracts", cluster="127.0.0.1:15002?token=secret")
