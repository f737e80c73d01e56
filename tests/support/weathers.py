"""Runs commands in a process of its own whose surroundings are against them.

`python -m support.weathers FOLDER WEATHER:COMMAND…` makes, in FOLDER, a project for each of these, runs the
command in it, and prints what came of all of them as one JSON array of `Came`.
"""

import io
import os
import resource
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from traceback import format_exc

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from cst_contracts.api import check
from cst_contracts.cli.main import main

CONTRACT = """\
table: t
source: {format: parquet, location: t}
fields: [{name: id, type: int64, nullable: false}, {name: name, type: string}]
nullability: values
keys: [[id]]
"""
OLD = "old\n"
TRACEBACK = -1
#: What each command is, and what it writes first: something old is there, where a command replaces it.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "manifest": ("check --lake lake --manifest out/m.json", "out/m.json"),
    "report": ("check --lake lake --report html=out/r.html", "out/r.html"),
    "results": ("check --lake lake --results out/r.parquet", "out/r.parquet"),
    "snapshots": ("check --lake lake --snapshots out --snapshot-update", "out/t.json"),
    "later": ("report m.json --html out/r.html", "out/r.html"),
    "export": ("export contracts/t.yaml --to odcs --out out", "out/t.odcs.yaml"),
    "docs": ("docs --output out", "out"),
    "init": ("init lake/t --output out", "out"),
    "update": ("init --lake wider --update --output contracts", "contracts/t.yaml"),
    "import": ("import t.odcs.yaml --from odcs --out out", "out"),
    "sample": ("sample contracts/t.yaml --out out", "out"),
    "extract": ("extract src --to out --workers 1", "out"),
    "explain": ("explain null-values", "out"),
}


class Came(Struct, frozen=True):
    """`files` are those of the folder that was written into, relative to the project, with their size."""

    weather: str
    command: str
    status: int
    told: str
    files: dict[str, int]


@contextmanager
def full() -> Iterator[None]:
    """No file can grow beyond some bytes: the system says EFBIG where a full disk says ENOSPC."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with limited(resource.RLIMIT_FSIZE, 16):
        yield


@contextmanager
def few_handles() -> Iterator[None]:
    """Not one more file can be opened."""
    with limited(resource.RLIMIT_NOFILE, os.dup(0)):
        yield


@contextmanager
def limited(what: int, most: int) -> Iterator[None]:
    before = resource.getrlimit(what)
    resource.setrlimit(what, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(what, before)


@contextmanager
def locked() -> Iterator[None]:
    """Nobody may write here."""
    folders = [each for each in (Path.cwd(), *Path.cwd().rglob("*")) if each.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    user = os.geteuid()
    if user == 0:  # to whom no right matters
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
        for folder in folders:
            folder.chmod(0o755)


@contextmanager
def homeless() -> Iterator[None]:
    """No variable says where home is, nor anything else."""
    before = dict(os.environ)
    os.environ.clear()
    try:
        yield
    finally:
        os.environ.update(before)


@contextmanager
def deaf() -> Iterator[None]:
    """Nobody has room for what is printed."""
    with Path("/dev/full").open("w") as output, redirect_stdout(output):
        yield
        output.flush()  # as Python does at its exit


WEATHERS = {
    "full": full,
    "deaf": deaf,
    "handles": few_handles,
    "locked": locked,
    "homeless": homeless,
}


def run_all(folder: Path, cases: Sequence[str]) -> list[Came]:
    model = project(folder / "model")
    return [came(folder, model, *case.split(":")) for case in cases]


def project(folder: Path) -> Path:
    """With a manifest of its own, and an export."""
    (folder / "contracts").mkdir(parents=True)
    (folder / "contracts" / "t.yaml").write_text(CONTRACT)
    (folder / "lake" / "t").mkdir(parents=True)
    rows = pa.table({"id": [1, 2], "name": ["a", None]})
    pq.write_table(rows, folder / "lake" / "t" / "part.parquet")
    (folder / "src").mkdir()
    (folder / "src" / "m.py").write_text("x = 1\n")
    with chdir(folder):
        Path("m.json").write_text(check("contracts", lake="lake").manifest_json())
        assert main(COMMANDS["export"][0].split()) == 0
        Path("out/t.odcs.yaml").rename("t.odcs.yaml")
        Path("out").rmdir()
    rows = pa.table({"id": [1, 2], "name": ["a", None], "more": [1.5, 2.5]})
    (folder / "wider" / "t").mkdir(parents=True)
    pq.write_table(rows, folder / "wider" / "t" / "part.parquet")
    return folder


def came(folder: Path, model: Path, weather: str, command: str) -> Came:
    place = Path(shutil.copytree(model, folder / f"{weather} {command}"))
    arguments, written = COMMANDS[command]
    first = place / written
    (place / "out").mkdir()
    if first.suffix and not first.exists():
        first.write_text(OLD)
    told = io.StringIO()
    with chdir(place), redirect_stdout(told), redirect_stderr(told), WEATHERS[weather]():
        try:
            status = main(arguments.split())
        except Exception:  # noqa: BLE001 - a traceback is what came
            status = TRACEBACK
            told.write(format_exc())
    below = first.parent if first.suffix else first
    files = [each for each in below.rglob("*") if each.is_file()]
    sizes = {each.relative_to(place).as_posix(): each.stat().st_size for each in files}
    return Came(weather, command, int(status), told.getvalue(), sizes)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(run_all(Path(sys.argv[1]), sys.argv[2:])))
