"""Runs this package under the interpreter of another environment, within a time, and says why it did not."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cst_contracts import __version__
from cst_contracts.errors import CstContractsError

#: They would lead the other interpreter to the packages of this environment.
_OWN = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
_ABSENT = "No module named cst_contracts"
_ENDING = 5.0  # seconds that the rest of a process gets that has been told to end


def interpreter(named: str, folder: Path) -> Path:
    """The interpreter that a user names by a path from the folder, or as a command.

    Links stay as they are: the interpreter of a virtual environment knows its packages by where it lies.
    Raises CstContractsError where there is none.
    """
    path = folder / named
    found = shutil.which(path) or (shutil.which(named) if path.name == named else None)
    if found is not None:
        return Path(found)
    if path.is_dir():
        inside = Path(named, "bin", "python")
        raise CstContractsError(f"{named}: a folder; name the interpreter in it, such as {inside}")
    why = "no program that can be run" if path.exists() else "there is no such interpreter"
    raise CstContractsError(f"{named}: {why}")


def run_module(
    python: Path, arguments: Sequence[str], folder: Path, log: Path, seconds: float
) -> None:
    """Runs `python -m cst_contracts` in the folder; what it complains of is written to `log`.

    Its exit status says nothing: Python itself ends with the statuses of the command line, too. Raises
    CstContractsError where the program cannot be started, or takes longer.
    """
    # Without the working directory among the places of modules: a checkout of this package may lie there.
    safe = {"PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    surroundings = {name: text for name, text in os.environ.items() if name not in _OWN}
    with log.open("wb") as complaints:
        try:
            process = subprocess.Popen(  # noqa: S603 — no shell; the user has named the program
                [str(python), "-m", "cst_contracts", *arguments],
                cwd=folder,
                env={**surroundings, **safe},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                start_new_session=True,
            )
        except OSError as error:
            raise CstContractsError(f"{python}: could not be started: {error.strerror}") from error
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise CstContractsError(f"{python}: did not end within {seconds:g} seconds") from error
        finally:
            _end(process)


def complaint(python: Path, log: Path) -> str:
    """Why a run has left no result behind, in one sentence."""
    text = log.read_text(encoding="utf-8", errors="replace")
    if _ABSENT in text:
        package = f"cst-contracts=={__version__}"
        return (
            f"{python}: cst-contracts is not installed there; `{python} -m pip install {package}`"
        )
    last = next((each.strip() for each in reversed(text.splitlines()) if each.strip()), "")
    said = last.removeprefix("cst-contracts: ") or "it said nothing, and may be no Python"
    return f"{python}: the gate did not run there: {said}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """With all that it has started: a program may be a script that starts the interpreter."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(_ENDING)
