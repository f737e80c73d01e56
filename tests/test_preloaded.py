"""A command of a preloaded process behaves as one of a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.preloaded import commands

SHOWN = """\
import os, sys
print(sys.argv, sys.path[0], os.getcwd(), os.environ["ASKED"], sys.stdin.read())
print("aside", file=sys.stderr)
"""


def run(folder: Path, python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, *arguments],
        cwd=folder,
        env={**os.environ, "ASKED": "yes"},
        input="given",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("shown.py", "a b"),
        ("inner/shown.py",),
        ("-m", "shown", "-x"),
        ("-c", SHOWN, "c"),
        ("-B", "shown.py"),
        ("-c", "import sys; sys.exit(3)"),
        ("-c", "import sys; sys.exit('why')"),
        ("-c", "import os; os.kill(os.getpid(), 9)"),
        ("-m", "cst_contracts", "lint", "nowhere"),
    ],
)
def test_arguments_streams_and_status_are_a_processs_own(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("shown.py", "inner/shown.py"):
        (tmp_path / name).write_text(SHOWN, encoding="utf-8")
    here = run(tmp_path, commands() / "python", *arguments)
    there = run(tmp_path, Path(sys.executable), *arguments)
    status = 128 - there.returncode if there.returncode < 0 else there.returncode
    assert (here.returncode, here.stderr) == (status, there.stderr)
    assert here.stdout == there.stdout


def test_what_one_command_does_is_not_seen_by_the_next(tmp_path: Path) -> None:
    run(tmp_path, commands() / "python", "-c", "import os, json; json.x = os.environ['X'] = '1'")
    after = run(
        tmp_path,
        commands() / "python",
        "-c",
        "import os, json; print(hasattr(json, 'x'), 'X' in os.environ)",
    )
    assert after.stdout == "False False\n"


def test_an_error_is_told_by_python(tmp_path: Path) -> None:
    failed = run(tmp_path, commands() / "python", "-c", "1 / 0")
    assert failed.returncode == 1
    assert failed.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_both_scripts_of_the_environment_are_there(tmp_path: Path) -> None:
    for name in ("cst-contracts", "pytest"):
        here = run(tmp_path, commands() / name, "--version")
        there = run(tmp_path, Path(sys.executable).with_name(name), "--version")
        assert (here.returncode, here.stdout) == (0, there.stdout)


def test_the_server_ends_with_the_process_that_started_it() -> None:
    code = "from support.preloaded import commands; print(commands())"
    tests = str(Path(__file__).parent)
    started = subprocess.run(
        [sys.executable, "-c", code], cwd=tests, capture_output=True, text=True, check=True
    )
    folder = Path(started.stdout.strip())
    until = time.monotonic() + 30
    while folder.exists():
        assert time.monotonic() < until, "it is still there"
        time.sleep(0.05)
