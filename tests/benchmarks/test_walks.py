"""One promise walks a short way, and comes back to no module that waits for it."""

import subprocess
from pathlib import Path

from support.preloaded import commands

ROOT = Path(__file__).parents[2]
#: In a process of its own, in which only the walk is profiled.
WALK = """\
from benchmarks.walks import record

walk = record("field[n]")
print(len(walk.modules) - len(walk.vocabulary), walk.returns)
print(*walk.modules)
"""


def test_a_promised_field_walks_through_few_modules_and_returns_to_none() -> None:
    walked = subprocess.run(
        [commands() / "python", "-c", WALK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    counted, modules = walked.stdout.splitlines()
    number, returns = counted.split(maxsplit=1)
    assert int(number) <= 25, modules
    assert returns == "[]"
    assert {"pytest_plugin.collect", "checks.fields", "engine.observer", "report.promise"} <= {
        *modules.split()
    }
