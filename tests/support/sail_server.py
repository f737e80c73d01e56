"""A Spark Connect server on loopback, in a process of its own: Sail, which needs no Java."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

_MISSING = "no pysail, and so no cluster is asked: pip install pysail"
#: It ends with the process that has started it, whatever becomes of that one.
_SERVER = """
import sys
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()
"""


class Sail:
    """A server that runs until it is stopped."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.url = f"sc://127.0.0.1:{port}"
        self._process = process

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def sail_server(folder: Path, imports: Path | None = None) -> Iterator[Sail]:
    """It works in `folder`, and its workers import from `imports` before all else. Without pysail, tests fail
    in CI, and elsewhere are not run and say why."""
    if find_spec("pysail") is None:
        if os.environ.get("CI"):
            pytest.fail(_MISSING, pytrace=False)
        pytest.skip(_MISSING)
    environment = dict(os.environ)
    if imports is not None:
        environment["PYTHONPATH"] = str(imports)
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield Sail(process, int(process.stdout.readline()))
        finally:
            process.kill()
