"""Checks a lake on Apache Spark, with two executor processes of which one is killed while it reads.

`python .ci/spark_scenario.py PYTHON`: the interpreter of an environment that has pyspark (the server, which
needs Java 17) and this package. The environment that runs the script has the client instead, with which
pyspark clashes. Every promise has to come out as on this machine alone.
"""

import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.spark import PROMISES, Spark, spark
from cst_contracts.api import RunResult, check

FILES, ROWS = 4, 50_000
_EXECUTOR = "CoarseGrainedExecutorBackend"
_WORKER = "pyspark.daemon"
#: A file of the lake is open for some milliseconds, which a busy machine lets pass unseen.
_TRIES = 5
_LOST = re.compile(r"Lost task .*ExecutorLostFailure")
_CONTRACT = f"""
table: t
source: {{format: parquet, location: t, ordered_by: [id]}}
{PROMISES}aggregates:
  - {{name: all, sql: "count(*) = {FILES * ROWS} AND min(above) >= 0"}}
  - {{name: once, sql: "count(*) = 1", per: [name]}}
"""


def main(python: str) -> int:
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        write(Path(folder))
        here = told(check("contracts", lake="lake"))
        with spark(python, Path("server.log")) as server:
            found, lost = told(killed_in_mid_run(server)), lost_tasks()
            for _ in range(_TRIES):
                if not lost and found == here:
                    found, lost = told(killed_in_mid_run(server)), lost_tasks()
        if not lost:
            print(Path("server.log").read_text(errors="replace")[-4000:])
    print(f"{len(here)} promises, {sum(each[1] for each in here.values())} red; {lost} tasks lost")
    for key in here:
        if found.get(key) != here[key]:
            print(f"{key}: {here[key]} here, {found.get(key)} on the cluster")
    return 0 if found == here and lost else 1


def lost_tasks() -> int:
    return len(_LOST.findall(Path("server.log").read_text(errors="replace")))


def write(project: Path) -> None:
    """Rows of which some break each promise, in the last file but one."""
    (project / "contracts").mkdir()
    (project / "contracts" / "t.yaml").write_text(_CONTRACT)
    (project / "lake" / "t").mkdir(parents=True)
    for number in range(FILES):
        ids = np.arange(number * ROWS, (number + 1) * ROWS)
        names = [f"n{each}" for each in ids]
        above = np.maximum(ids - 1, 0)
        if number == FILES - 2:
            names[7], names[9] = "n3", "9"
            above[5], above[6] = -1, ids[-1] + 1
            ids[[20, 21]] = ids[[21, 20]]
        table = pa.table({"id": ids, "name": names, "above": above})
        pq.write_table(table, project / "lake" / "t" / f"{number}.parquet", row_group_size=10_000)


def told(result: RunResult) -> dict[str, tuple[str, bool, object]]:
    return {
        each.id: (each.outcome.value, each.failed, (each.rows, each.violations, each.samples))
        for each in result.promises
    }


def killed_in_mid_run(server: Spark) -> RunResult:
    over = Event()
    killer = Thread(target=kill_reader, args=(server.process, over))
    killer.start()
    try:
        return check("contracts", lake="lake", cluster=server.url, cluster_seconds=120)
    finally:
        over.set()
        killer.join()


def kill_reader(server: int, over: Event) -> None:
    """The first executor below the server of which a worker has a file of the lake open."""
    lake = str(Path("lake").resolve())
    while not over.wait(0.002):
        for reader in map(
            int, filter(str.isdigit, (each.name for each in Path("/proc").iterdir()))
        ):
            if _WORKER not in command_line(reader):
                continue
            if any(file.startswith(lake) for file in open_files(reader)):
                executor = executor_above(reader)
                if executor is not None and server in ancestors(executor):
                    os.kill(executor, signal.SIGKILL)
                    return


def open_files(process: int) -> Iterator[str]:
    try:
        for each in Path(f"/proc/{process}/fd").iterdir():
            yield str(each.readlink())
    except OSError:
        return  # it has ended, or is another user's


def executor_above(process: int) -> int | None:
    return next((each for each in ancestors(process) if _EXECUTOR in command_line(each)), None)


def ancestors(process: int) -> Iterator[int]:
    while process > 1:
        try:
            stat = Path(f"/proc/{process}/stat").read_text()
        except OSError:
            return
        process = int(stat.rpartition(")")[2].split()[1])
        yield process


def command_line(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
