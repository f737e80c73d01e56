"""Whole processes from outside: wall time, CPU, peak memory and bytes read, in interleaved pairs."""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tools import Command
from benchmarks.work import Work

_TICKS = os.sysconf("SC_CLK_TCK")
_IDLE = 0.2  # of all cores


@dataclass(frozen=True)
class Run:
    """`other` is the name of the pair; `elsewhere` are the cores that other processes kept busy. `kept_mb` is
    what the command has left to its next run, None where it leaves nothing."""

    work: str
    round: int
    other: str
    tool: str
    wall: float
    cpu: float
    peak_mb: float
    read_mb: float | None
    exit_code: int
    as_expected: bool
    elsewhere: float
    kept_mb: float | None = None


@dataclass(frozen=True)
class Plan:
    """A run that took longer than `long` seconds is not repeated, and the next pair waits up to
    `patience` seconds for an idle machine."""

    rounds: int
    warm_up: bool
    long: float
    patience: float


def measured(work: Work, plan: Plan, log: Path) -> Iterator[Run]:
    """Each round runs every other command, and the main one beside it, first and second in turn."""
    finished: set[str] = set()
    first = -1 if plan.warm_up else 0
    for round_ in range(first, plan.rounds):
        for other in work.others:
            if other.name in finished:
                continue
            _wait_until_idle(plan.patience)
            pair = (work.main, other) if round_ % 2 == 0 else (other, work.main)
            for command in pair:
                run = _run(command, work.name, round_, other.name, log)
                if run.tool == other.name and run.wall > plan.long and round_ >= 0:
                    finished.add(other.name)
                yield run


def _environment() -> dict[str, str]:
    """Of a user, who lets Python keep the bytecode that it compiled: without, a tool that is not installed
    as a wheel compiles itself in every run."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _run(command: Command, work: str, round_: int, other: str, log: Path) -> Run:
    if command.renewed is not None:
        os.utime(command.renewed)
    with log.open("ab") as told:
        told.write(f"--- {work} {round_} {command.name}: {' '.join(command.arguments)}\n".encode())
        told.flush()
        busy, started = _busy_seconds(), time.perf_counter()
        process = subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env={**_environment(), **command.settings},
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
        )
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        wall = time.perf_counter() - started
        read_mb = _read_mb(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Run(
        work=work,
        round=round_,
        other=other,
        tool=command.name,
        wall=round(wall, 3),
        cpu=round(cpu, 3),
        peak_mb=round(usage.ru_maxrss * 1024 / 1e6, 1),
        read_mb=read_mb,
        exit_code=process.returncode,
        as_expected=process.returncode in command.exit_codes,
        elsewhere=round(max(0.0, _busy_seconds() - busy - cpu) / wall, 2),
        kept_mb=None if command.kept is None else _megabytes(command.kept),
    )


def _megabytes(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.iterdir()) / 1e6, 1)


def _read_mb(pid: int) -> float | None:
    """By system calls, so without what is mapped into memory; of a process that has just ended."""
    try:
        counters = Path(f"/proc/{pid}/io").read_text(encoding="ascii")
    except OSError:
        return None
    return round(int(counters.split()[1]) / 1e6, 1)


def _busy_seconds() -> float:
    """Of all cores since the machine started; 0 where the machine does not tell."""
    busy, _ = _processor_seconds()
    return busy


def _processor_seconds() -> tuple[float, float]:
    try:
        first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    except OSError:
        return 0.0, 0.0
    ticks = [int(each) for each in first.split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / _TICKS, sum(ticks) / _TICKS


def _wait_until_idle(patience: float) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        busy, total = _processor_seconds()
        time.sleep(0.4)
        busy_now, total_now = _processor_seconds()
        if busy_now - busy <= _IDLE * (total_now - total):
            return
