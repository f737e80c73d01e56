"""Counts the modules that one promise passes through, from the item that runs it to the line that tells.

    python -m benchmarks.walks            # a promised field, a row count, a null and a snapshot
    python -m benchmarks.walks --moves    # every move, too

A move is a call from one module of the package into another. A module is entered again where it was entered
before; it is returned to where it waits, at that moment, for the one that calls. Vocabulary (facts, needs,
types, SQL as text, contracts as values) is counted apart: a reader knows it, and need not follow it.

Each walk is taken twice in one process and recorded the second time: loading modules is no part of it.
"""

import argparse
import inspect
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

CONTRACT = """\
table: t
source: {format: parquet, location: t}
fields:
  - {name: n, type: int64, nullable: false}
  - {name: s, type: string}
"""
ITEMS = ("field[n]", "rows", "nulls[n]", "snapshot[schema]")
_PACKAGE = "cst_contracts."


#: Modules, and packages with a dot at the end, of values and pure text.
_VOCABULARY = ("contract.", "datatypes.", "errors", "facts", "location", "needs", "sql.")


class Walk:
    """Calls from module to module, in order: the one that calls, the one that is called, and its function."""

    def __init__(self) -> None:
        self.moves: list[tuple[str, str, str]] = []
        self.returns: list[tuple[str, str]] = []
        self._generators: set[FrameType] = set()

    def enter(self, frame: FrameType, event: str, _: Any) -> None:
        module = _module(frame)
        if event != "call" or module is None or self._is_resumed(frame):
            return
        callers = list(_callers(frame))
        caller = callers[0] if callers else ""
        if caller == module:
            return
        self.moves.append((caller, module, frame.f_code.co_name))
        if module in callers:
            self.returns.append((caller, module))

    def _is_resumed(self, frame: FrameType) -> bool:
        """A generator is called once, and then entered for each value."""
        if not frame.f_code.co_flags & inspect.CO_GENERATOR:
            return False
        resumed = frame in self._generators
        self._generators.add(frame)
        return resumed

    @property
    def modules(self) -> list[str]:
        return list(dict.fromkeys(module for _, module, _ in self.moves))

    @property
    def vocabulary(self) -> list[str]:
        return [name for name in self.modules if _is_vocabulary(name)]

    @property
    def again(self) -> dict[str, int]:
        """How often each module that is no vocabulary is entered after the first time."""
        counts = Counter(module for _, module, _ in self.moves)
        return {
            name: counts[name] - 1
            for name in self.modules
            if counts[name] > 1 and not _is_vocabulary(name)
        }


def _module(frame: FrameType) -> str | None:
    """None for what is none of ours, and for the body of a module or a class."""
    name = str(frame.f_globals.get("__name__", ""))
    if not name.startswith(_PACKAGE) or frame.f_code.co_name == "<module>":
        return None
    return name.removeprefix(_PACKAGE)


def _callers(frame: FrameType) -> Iterator[str]:
    """The modules of ours that wait for a call, the nearest first."""
    above = frame.f_back
    while above is not None:
        module = _module(above)
        if module is not None:
            yield module
        above = above.f_back


def _is_vocabulary(module: str) -> bool:
    return any(
        module.startswith(each) if each.endswith(".") else module == each for each in _VOCABULARY
    )


class Recorder:
    """A pytest plugin that walks along with each item's run."""

    def __init__(self) -> None:
        self.walks: dict[str, Walk] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        walk = self.walks[item.name] = Walk()
        with _profiled(walk):
            return (yield)


@contextmanager
def _profiled(walk: Walk) -> Iterator[None]:
    sys.setprofile(walk.enter)
    try:
        yield
    finally:
        sys.setprofile(None)


def record(item: str) -> Walk:
    """Of one item, which runs alone in a project of one table."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        for name in ("contracts", "snapshots", "t"):
            (project / name).mkdir()
        (project / "contracts" / "t.yaml").write_text(CONTRACT)
        rows = pa.table({"n": [1, 2, None], "s": ["a", "b", "c"]})
        pq.write_table(rows, project / "t" / "part-0.parquet")
        _run(project, item)
        return _run(project, item)


def _run(project: Path, item: str) -> Walk:
    recorder = Recorder()
    options = ["-qq", "-p", "no:cacheprovider", "--no-header", f"--rootdir={project}"]
    with redirect_stdout(StringIO()):
        pytest.main(
            [*options, "-c", "/dev/null", str(project / f"contracts/t.yaml::{item}")],
            plugins=[recorder],
        )
    return recorder.walks[item]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.walks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--moves", action="store_true", help="print every move")
    options = parser.parse_args(arguments)
    for item in ITEMS:
        for line in _lines(item, record(item), moves=options.moves):
            print(line)


def _lines(item: str, walk: Walk, *, moves: bool) -> Iterator[str]:
    words = walk.vocabulary
    own = len(walk.modules) - len(words)
    yield f"{item}: {len(walk.modules)} modules, {own} without vocabulary; {len(walk.moves)} moves"
    yield f"  vocabulary:    {', '.join(words)}"
    yield f"  entered again: {_counted(walk.again)}"
    yield f"  returned to:   {_counted(Counter(f'{to} from {who}' for who, to in walk.returns))}"
    if moves:
        for caller, module, function in walk.moves:
            yield f"    {caller or 'pytest'} → {module}.{function}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.items()) or "none"


if __name__ == "__main__":
    main()
