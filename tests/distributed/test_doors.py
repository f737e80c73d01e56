"""Every door takes the address of a cluster, and a plan says what went there."""

import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.sail_server import Sail

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main

pytest_plugins = "pytester"

_CONTRACT = """
table: t
source: {format: parquet, location: t, partitioned_by: [part]}
fields:
  - {name: id, type: int64, nullable: false}
  - {name: size, type: int64}
keys: [[id]]
rules:
  - {name: positive, sql: "size * 2 > 0"}
  - {name: of_part, sql: "part = 'a'"}
aggregates: [{name: middle, sql: median(size) > 0}]
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".yaml", **{"contracts/t": _CONTRACT})
    folder = pytester.path / "lake" / "t" / "part=a"
    folder.mkdir(parents=True)
    rows = pa.table({"id": range(3), "size": range(1, 4)})
    pq.write_table(rows, folder / "0.parquet")
    return pytester


def test_by_pytest_and_its_configuration(project: pytest.Pytester, sail: Sail) -> None:
    project.makeini(f"[pytest]\ncst_cluster = {sail.url}\ncst_lake = lake\n")

    result = project.runpytest_subprocess(
        "--cst-plan", "-p", "no:xdist", "--cst-cluster-seconds=99"
    )

    assert result.ret == 0, result.stdout.str()
    first = result.outlines.index("t")
    assert sorted(result.outlines[first + 1 : first + 7]) == sorted(
        [
            f"  one scan on the cluster {sail.url} of what rule[positive] reads, what rule[of_part] reads",
            "  nulls[id]: no row read, null counts of every footer",
            f"  rule[positive]: in the scan, on the cluster {sail.url}",
            f"  rule[of_part]: in the scan, on the cluster {sail.url}",
            "  aggregate[middle]: a query of its own, since the rows of each group have to meet, here, since "
            "median(size) of all rows does not follow from that of parts",
            f"  unique[id]: hashes, grouped; equal ones looked up, on the cluster {sail.url}",
        ]
    )


def test_by_the_command_line(
    project: pytest.Pytester, sail: Sail, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = str(project.path / "lake")

    assert main(["check", "--lake", lake, "--cluster", sail.url, "--quiet"]) == ExitCode.KEPT
    assert main(["check", "--lake", lake, "--cluster", "host:1/;token=secret"]) != ExitCode.KEPT

    told = capsys.readouterr().err
    assert "cluster is no address of a Spark Connect server; write sc://host:port" in told
    assert "secret" not in told


@pytest.mark.parametrize("written", ["--cst-cluster=host:1/;token=secret", "cst_cluster"])
def test_an_address_that_is_none_is_a_usage_error(project: pytest.Pytester, written: str) -> None:
    project.makeini("[pytest]\ncst_cluster = host:1/;token=secret\n")
    flags = [written] if written.startswith("--") else []

    result = project.runpytest_inprocess(*flags)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = (
        f"{written.partition('=')[0]} is no address of a Spark Connect server; write sc://host:port"
    )
    assert told in result.stderr.str()
    assert "secret" not in result.stderr.str()


def test_a_process_whose_main_module_has_no_file_is_not_ended_by_the_client() -> None:
    script = "import cst_contracts.distributed.connection as c, __main__ as m; print(hasattr(m, '__file__'))"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "False\n", "")
