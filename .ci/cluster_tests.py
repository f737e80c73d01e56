"""Asks a cluster what the tests ask one machine: each answer and each verdict has to be the same.

`python .ci/cluster_tests.py` starts Sail, and `python .ci/cluster_tests.py PYTHON` Apache Spark, with two
executor processes. PYTHON is the interpreter of an environment that has pyspark, which needs Java 17, and of
this package. The environment that runs the script has the tests and the client.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from support.s3_server import S3Server, running_server
from support.sail_server import sail_server

from benchmarks.spark import spark

#: Where the first run of pytest over `contracts` extracts this repository's own source to.
_LAKES = Path(".pytest_cache") / "cst_lake"
#: So many lakes of made-up tables of each kind, ten tables: a job takes Spark ten times as long as Sail.
_ON_SPARK, _ON_SAIL = "3", "10"
#: A run that takes longer is taken for one that hangs.
_SECONDS = 1800
_FAULTS = ("test_seeded_faults.py", "test_million_rows.py")
#: It asks the doors, which have addresses of their own.
_NOT = "not test_all_of_it_is_told"


def main(python: str | None) -> int:
    examples = _ON_SAIL if python is None else _ON_SPARK
    with TemporaryDirectory() as folder, _store(), _cluster(python, Path(folder)) as url:
        kept = run("contracts", f"--cst-cluster={url}")
        os.environ["CST_CLUSTER"] = url
        runs = [
            kept,
            run("tests/distributed/test_cst_lake.py", more={"CST_LAKE": str(newest_lake())}),
            run("tests/distributed/test_stores.py"),
            run("tests/distributed/test_oracle.py", more={"CST_EXAMPLES": examples}),
            run(*(f"tests/scenarios/faults/{each}" for each in _FAULTS), "-k", _NOT),
        ]
        if not all(runs) and python is not None:
            print(_log(Path(folder)).read_text(errors="replace")[-4000:])
    return 0 if all(runs) else 1


def run(*arguments: str, more: Mapping[str, str] | None = None) -> bool:
    """Whether pytest is content."""
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    code = subprocess.run(
        command, env={**os.environ, **(more or {})}, timeout=_SECONDS, check=False
    ).returncode
    print(f"== {' '.join(arguments)}: {time.monotonic() - started:.0f} s", flush=True)
    return code == 0


def newest_lake() -> Path:
    return max(_LAKES.iterdir(), key=lambda each: each.stat().st_mtime).resolve()


@contextmanager
def _store() -> Iterator[None]:
    """An S3 server, and in the environment what leads the workers to it."""
    with closing(running_server()) as ports:
        port = next(ports)
        os.environ.update(S3Server(port).environment, CST_STORE=str(port))
        yield


@contextmanager
def _cluster(python: str | None, folder: Path) -> Iterator[str]:
    if python is None:
        with sail_server(folder) as sail:
            yield sail.url
    else:
        with spark(python, _log(folder)) as server:
            yield server.url


def _log(folder: Path) -> Path:
    return folder / "spark.log"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
