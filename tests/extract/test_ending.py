"""How an extraction ends that a person or the system ends: with one line at most, and without a rest."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.signals import endings_heard

from cst_contracts.extract.interruption import ending_in_order

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

Running = subprocess.Popen[str]

_SECONDS = 60


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """An extraction that would take minutes, in the middle of its work, over a lake that is there."""
    source = tmp_path / "source"
    source.mkdir()
    for number in range(200):
        (source / f"m{number}.py").write_text("def f(x):\n    return x + 1\n" * 400)
    (tmp_path / "lake" / "libcst_files_v1").mkdir(parents=True)
    (tmp_path / "lake" / "libcst_files_v1" / "part-0.parquet").write_text("as it was")
    command = [sys.executable, "-X", "faulthandler", "-m", "cst_contracts", "extract", str(source)]
    options = [
        "--to",
        str(tmp_path / "lake"),
        "--workers",
        "2",
        "--overwrite",
        "--rows-per-file",
        "1",
    ]
    with endings_heard():
        process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        _until(lambda: any((tmp_path / "lake").glob(".libcst_files_v1.*/part-*")))
        yield process
    finally:
        process.kill()
        process.communicate()


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def _output(process: Running) -> str:
    """All that it prints until it ends. One that does not end tells where it stands."""
    try:
        return process.communicate(timeout=_SECONDS)[0]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        pytest.fail(process.communicate()[0])


def _group(process: Running) -> list[int]:
    """The processes of its session that still run."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,sid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, sid, state in rows if sid == str(process.pid) and state[0] != "Z"]


@pytest.mark.parametrize(
    ("number", "status", "output"),
    [
        (signal.SIGINT, 130, "cst-contracts: interrupted\n"),
        (signal.SIGTERM, 143, ""),
        (signal.SIGHUP, 129, ""),
    ],
)
def test_an_extraction_that_is_asked_to_end_leaves_nothing_behind(
    running: Running, tmp_path: Path, number: signal.Signals, status: int, output: str
) -> None:
    if number is signal.SIGINT:
        os.killpg(running.pid, number)  # as a terminal does: to the workers, too
    else:
        running.send_signal(number)
    told = _output(running)

    assert (running.returncode, told) == (status, output)
    # Python's own tracker of resources sees the end of its pipe, and ends a moment after the others.
    _until(lambda: not _group(running))
    assert [entry.name for entry in (tmp_path / "lake").iterdir()] == ["libcst_files_v1"]
    assert (tmp_path / "lake" / "libcst_files_v1" / "part-0.parquet").read_text() == "as it was"


def test_workers_do_not_outlive_an_extraction_that_is_killed(
    running: Running, tmp_path: Path
) -> None:
    assert len(_group(running)) > 1

    running.kill()

    _until(lambda: not _group(running))
    assert (tmp_path / "lake" / "libcst_files_v1" / "part-0.parquet").read_text() == "as it was"


def test_a_handler_of_the_callers_own_stays() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: seen.append(number))
    try:
        with ending_in_order():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert seen == [signal.SIGTERM]


def test_the_default_is_back_afterwards() -> None:
    with ending_in_order(), pytest.raises(SystemExit, match="143"):
        os.kill(os.getpid(), signal.SIGTERM)

    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
