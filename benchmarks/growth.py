"""How what a run on a cluster costs grows with rows, files and workers: memory here, and bytes moved there.

`python -m benchmarks.growth PYTHON --rows 1000000 4000000 --files 10 100 --workers 1 2` prints a table.
`PYTHON` is the interpreter of an environment that has pyspark and this package: `.ci/spark` makes one so. Of
so few cores as a machine has, nothing is said about speed.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import Struct

from benchmarks.spark import PROMISES, spark

_CONTRACT = f"""
table: t
source: {{format: parquet, location: t}}
{PROMISES}"""
_CHECK = """
import sys
from cst_contracts.api import check
found = check("contracts", lake=sys.argv[1], cluster=sys.argv[2])
red = [each.id for each in found.failed if each.check != "snapshot[schema]"]
sys.exit(f"{red} red" if red else 0)
"""
_MB = 1e6
#: In what follows the name in /proc/PID/stat: the session, and four times.
_SESSION, _TIMES = 3, slice(11, 15)
_SECONDS_BETWEEN = 0.02


#: Events are read as they are written.
_EVENTS = {"enabled": "true", "compress": "false", "rolling.enabled": "false"}


class Moved(Struct, frozen=True):
    """What the executors tell of all tasks that have ended."""

    tasks: int
    shuffled: int
    returned: int

    def since(self, before: "Moved") -> "Moved":
        return Moved(
            self.tasks - before.tasks,
            self.shuffled - before.shuffled,
            self.returned - before.returned,
        )


class Cost(Struct, frozen=True):
    """Of a run, this machine's part: seconds, and bytes of memory, of which files that are mapped, such as
    libraries, are not `own`."""

    cpu: float
    peak: int
    own: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("python", metavar="PYTHON")
    for name, default in {"rows": 1_000_000, "files": 10, "workers": 2}.items():
        parser.add_argument(f"--{name}", type=int, nargs="+", default=[default])
    given = parser.parse_args()
    print(
        "| rows | files | workers | CPU s here | peak MB | own MB "
        "| CPU s there | tasks | shuffled MB | returned MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for workers in given.workers:
        with TemporaryDirectory() as folder:
            for cells in lines(Path(folder), given, workers):
                print(f"| {' | '.join(cells)} |", flush=True)


def lines(scratch: Path, given: argparse.Namespace, workers: int) -> Iterator[list[str]]:
    events = scratch / "events"
    events.mkdir()
    logged = {f"spark.eventLog.{name}": value for name, value in _EVENTS.items()}
    logged["spark.eventLog.dir"] = events.as_uri()
    with spark(given.python, scratch / "spark.log", workers, logged) as server:
        for number, (rows, files) in enumerate(product(given.rows, given.files)):
            project = scratch / str(number)
            write(project, rows, files)
            before, spent = moved(events), cpu_of_session(server.process)
            cost = run(project, server.url)
            there = cpu_of_session(server.process) - spent
            yield cells((rows, files, workers), cost, there, moved(events).since(before))


def cells(what: tuple[int, int, int], cost: Cost, cpu_there: float, there: Moved) -> list[str]:
    return [
        *(f"{each:,}" for each in what),
        *(f"{cost.cpu:.1f}", f"{cost.peak / _MB:.0f}", f"{cost.own / _MB:.0f}"),
        *(f"{cpu_there:.0f}", str(there.tasks)),
        *(f"{there.shuffled / _MB:.2f}", f"{there.returned / _MB:.2f}"),
    ]


def cpu_of_session(leader: int) -> float:
    """Seconds of all processes that this one has started, those that are over included."""
    ticks = 0
    for process in Path("/proc").iterdir():
        try:
            stat = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # no process, or over by now
        if int(stat[_SESSION]) == leader:
            ticks += sum(map(int, stat[_TIMES]))
    return ticks / os.sysconf("SC_CLK_TCK")


def write(project: Path, rows: int, files: int) -> None:
    (project / "contracts").mkdir(parents=True)
    (project / "contracts" / "t.yaml").write_text(_CONTRACT)
    (project / "lake" / "t").mkdir(parents=True)
    for number, ids in enumerate(np.array_split(np.arange(rows), files)):
        names = pc.binary_join_element_wise("name", pa.array(ids).cast(pa.string()), "")
        table = pa.table({"id": ids, "name": names, "above": np.maximum(ids - 1, 0)})
        file = project / "lake" / "t" / f"{number}.parquet"
        pq.write_table(table, file, write_statistics=False)


def run(project: Path, url: str) -> Cost:
    command = [sys.executable, "-c", _CHECK, "lake", url]
    peak = own = 0
    with subprocess.Popen(command, cwd=project) as process:
        while True:
            peak, own = (
                max(peak, memory(process.pid, "VmHWM")),
                max(own, memory(process.pid, "RssAnon")),
            )
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            time.sleep(_SECONDS_BETWEEN)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the run ended with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, peak, own)


def memory(process: int, kind: str) -> int:
    """Bytes, none where it has ended: `VmHWM` is the most that was in memory, `RssAnon` what is and what no
    file has. In what `wait4` tells, Linux has the memory of whoever started the process."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) * 1024
    return 0


def moved(events: Path) -> Moved:
    """Of the log that Spark writes, which need not be finished."""
    tasks = [each["Task Metrics"] for each in _ended(events)]
    shuffled = sum(each["Shuffle Write Metrics"]["Shuffle Bytes Written"] for each in tasks)
    return Moved(len(tasks), shuffled, sum(each["Result Size"] for each in tasks))


def _ended(events: Path) -> Iterator[dict[str, Any]]:
    for file in filter(Path.is_file, events.rglob("*")):
        for written in file.read_text(errors="replace").splitlines():
            if written.startswith('{"Event":"SparkListenerTaskEnd"') and written.endswith("}"):
                yield json.loads(written)


if __name__ == "__main__":
    main()
