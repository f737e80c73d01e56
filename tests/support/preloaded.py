"""Starts commands of this project by forking a process that has imported what they import.

A command costs a second of imports before it does anything, and the pages alone show more than a hundred.
`commands` gives a folder that stands first on a PATH: the `python`, `pytest` and `cst-contracts` in it ask
the process for a fork of itself, in which the command runs as in a process of its own: with its arguments,
environment, working directory and streams, and until its own exit.
"""

import atexit
import gc
import json
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from select import select
from tempfile import mkdtemp

#: What commands import, apart from what pytest wants to import by itself: its plugins.
_IMPORTED = (
    "cst_contracts.api",
    "cst_contracts.cli.check",
    "cst_contracts.cli.main",
    "cst_contracts.engine.observer",
    "cst_contracts.gate.opening",
    "_pytest.junitxml",
    "_pytest.unittest",
    "deltalake",
    "execnet.multi",
    "jinja2",
    "pyarrow.dataset",
    "pytest",
    "unittest",
)
#: pytest warns of modules that were imported before it could rewrite their asserts: here, on purpose.
PYTEST_OPTIONS = "-W 'ignore:Module already imported:pytest.PytestAssertRewriteWarning'"
_NAMES = ("cst-contracts", "pytest", "python")
_CLIENT = """\
#!{python} -IS
import json, os, socket, sys
name = os.path.basename(sys.argv[0])
asked = dict(arguments=[name, *sys.argv[1:]], folder=os.getcwd(), environment=dict(os.environ))
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"+"], [0, 1, 2])
    server.sendall(json.dumps(asked).encode() + b"\\n")
    sys.exit(int(server.makefile().read()))
"""


def commands() -> Path:
    """The folder of the commands, which work until this process ends."""
    folder, _ = _started()
    return folder


@cache
def _started() -> tuple[Path, subprocess.Popen[bytes]]:
    """A server ends when the pipe of its input does, whose other end stays open while this value is kept."""
    folder = Path(mkdtemp(prefix="commands-"))
    address = str(folder / "server")
    for name in _NAMES:
        client = folder / name
        client.write_text(_CLIENT.format(python=sys.executable, address=address), encoding="utf-8")
        client.chmod(0o755)
    command = [sys.executable, "-P", __file__, address]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    atexit.register(server.communicate)
    return folder, server


@dataclass(frozen=True)
class _Asked:
    """What a command was started with: `arguments[0]` is its own name."""

    arguments: Sequence[str]
    folder: str
    environment: dict[str, str]


def _serve(address: str) -> _Asked:
    """Returns in a fork, with what that one is to run."""
    for name in _IMPORTED:
        import_module(name)
    gc.freeze()  # what all forks share is not looked through in each of them
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how its own forks have ended
        while True:
            ready, _, _ = select([listening, sys.stdin], [], [])
            if sys.stdin in ready:
                shutil.rmtree(Path(address).parent)
                os._exit(0)
            client, _ = listening.accept()
            if os.fork() == 0:
                break
            client.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return _answered(client)


def _answered(client: socket.socket) -> _Asked:
    """Forks once more: one process runs the command, the other tells `client` how that ended."""
    _, streams, _, _ = socket.recv_fds(client, 1, 3)
    with client.makefile() as request:
        asked = _Asked(**json.loads(request.readline()))
    command = os.fork()
    if command:
        status = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
        client.sendall(str(status if status >= 0 else 128 - status).encode())
        os._exit(0)
    client.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    return asked


def _run(asked: _Asked) -> None:
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environment)
    time.tzset()
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in asked.environment
    sys.pycache_prefix = asked.environment.get("PYTHONPYCACHEPREFIX")
    name, *arguments = asked.arguments
    match name, arguments:
        case "python", ["-m", module, *rest]:
            _as_started(asked.folder, module, rest)
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case "python", ["-c", code, *rest] | ["-u", "-c", code, *rest]:
            _as_started("", "-c", rest)
            exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102
        case "python", [script, *rest] if not script.startswith("-"):
            _as_started(str(Path(script).parent.resolve()), script, rest)
            runpy.run_path(script, run_name="__main__")
        case "python", _:
            os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606
        case _:
            installed = Path(sys.executable).with_name(name)
            _as_started(str(installed.parent), str(installed), arguments)
            runpy.run_path(str(installed), run_name="__main__")


def _as_started(first: str, program: str, arguments: Sequence[str]) -> None:
    sys.argv[:] = [program, *arguments]
    sys.path.insert(0, first)


if __name__ == "__main__":
    _run(_serve(sys.argv[1]))
