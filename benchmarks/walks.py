"""Counts the modules that one promise passes through, from the item that runs it to the line that tells.

    python -m benchmarks.walks            # a promised field, a row count, a null and a snapshot
    python -m benchmarks.walks --moves    # every move, too

A move is a call whose function stands in another module of the package than the one before. A module that is
entered again after another of its layer or below was entered in between is a return.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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


class Walk:
    """Modules in the order in which their functions are entered."""

    def __init__(self) -> None:
        self.moves: list[str] = []

    def enter(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call":
            return
        module = str(frame.f_globals.get("__name__", ""))
        if not module.startswith(_PACKAGE) or frame.f_code.co_name.startswith("<module"):
            return
        name = module.removeprefix(_PACKAGE)
        if not self.moves or self.moves[-1] != name:
            self.moves.append(name)

    @property
    def modules(self) -> list[str]:
        return list(dict.fromkeys(self.moves))

    @property
    def returned_to(self) -> dict[str, int]:
        """How often each module is entered again from a module that it did not lead to the first time."""
        return {name: count for name in self.modules if (count := self.moves.count(name) - 1)}


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
    """Of one item, which runs alone in a project of one table, as the first of its process."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "contracts").mkdir()
        (project / "snapshots").mkdir()
        (project / "t").mkdir()
        (project / "contracts" / "t.yaml").write_text(CONTRACT)
        rows = pa.table({"n": [1, 2, None], "s": ["a", "b", "c"]})
        pq.write_table(rows, project / "t" / "part-0.parquet")
        recorder = Recorder()
        id_ = f"contracts/t.yaml::{item}"
        options = ["-q", "-p", "no:cacheprovider", "--no-header", f"--rootdir={project}"]
        pytest.main([*options, "-c", "/dev/null", str(project / id_)], plugins=[recorder])
        return recorder.walks[item]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.walks", description=__doc__)
    parser.add_argument("--moves", action="store_true", help="print every move")
    options = parser.parse_args(arguments)
    walks = {item: record(item) for item in ITEMS}
    for item, walk in walks.items():
        print(f"{item:18} {len(walk.modules):3} modules {len(walk.moves):4} moves")
        print(f"{'':18} again: {walk.returned_to}")
        if options.moves:
            print("\n".join(f"  {name}" for name in walk.moves))


if __name__ == "__main__":
    main()
