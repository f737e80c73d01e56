"""Starts Apache Spark with executor processes of its own, from the Python package pyspark: it needs Java."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

#: What is promised of the table `t`, which runs on Spark read.
PROMISES = """\
fields:
  - {name: id, type: int64, nullable: false}
  - {name: name, type: string, nullable: false, pattern: "[a-z]+[0-9]+"}
  - {name: above, type: int64}
keys: [[name]]
references: [{fields: [above], table: t, to: [id]}]
rules: [{name: below, sql: "above <= id"}]
"""
_SECONDS_TO_END = 30
_HOME = "import pyspark, os; print(os.path.dirname(pyspark.__file__))"
_SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"


class Spark(Struct, frozen=True):
    """Its address for clients, and the process below which its executors run."""

    url: str
    process: int


@contextmanager
def spark(
    python: str, log: Path, executors: int = 2, settings: Mapping[str, str] | None = None
) -> Iterator[Spark]:
    """`python` is the interpreter of an environment that has pyspark, and what the tasks need."""
    found = subprocess.run([python, "-c", _HOME], check=True, capture_output=True, text=True)
    home, port = found.stdout.strip(), _free_port()
    chosen = {
        "spark.executor.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        **(settings or {}),
    }
    command = [f"{home}/bin/spark-submit", "--master", f"local-cluster[{executors},1,1536]"]
    command += ["--class", _SERVER]
    command += [part for each in chosen.items() for part in ("--conf", "=".join(each))]
    own = {"SPARK_HOME": home, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": python}
    others = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, "spark-internal"],
            env={**others, **own},
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as process,
    ):
        try:
            _wait_for(port, process)
            yield Spark(f"sc://127.0.0.1:{port}", process.pid)
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Executors that are asked to end take the Python processes below them along, which are in groups of
    their own."""
    with suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(_SECONDS_TO_END)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]", seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit(f"Spark does not listen after {seconds:g} s")
