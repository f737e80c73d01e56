"""Virtual environments, one a tool, made of `requirements/*.txt`."""

import json
import re
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

from benchmarks.tools import HERE, Places

_REQUIREMENTS = HERE / "requirements"
_WITHOUT_DEPENDENCIES = ".no-deps"
ENVIRONMENTS = sorted(
    file.stem
    for file in _REQUIREMENTS.glob("*.txt")
    if not file.stem.endswith(_WITHOUT_DEPENDENCIES)
)
_ASK_VERSIONS = (
    "import importlib.metadata as m, json, sys;"
    "print(json.dumps({name: m.version(name) for name in sys.argv[1:]}))"
)


def install(places: Places, names: Iterable[str]) -> None:
    for name in names:
        if name not in ENVIRONMENTS:
            raise SystemExit(
                f"no environment is called {name!r}; there are: {', '.join(ENVIRONMENTS)}"
            )
        python = places.python(name)
        if not python.exists():
            venv.create(places.environments / name, with_pip=True)
        pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        requirements = _REQUIREMENTS / f"{name}.txt"
        subprocess.run([*pip, "-r", str(requirements)], cwd=HERE.parent, check=True)
        on_top = _REQUIREMENTS / f"{name}{_WITHOUT_DEPENDENCIES}.txt"
        if on_top.exists():
            subprocess.run([*pip, "--no-deps", "-r", str(on_top)], check=True)
        print(f"{python.parent.parent}: installed", flush=True)


def versions(places: Places) -> dict[str, dict[str, str]]:
    """Of what the requirements name, by environment; of those that are there."""
    return {
        name: _installed(places.python(name), _named(name))
        for name in ENVIRONMENTS
        if places.python(name).exists()
    }


def _named(environment: str) -> list[str]:
    if environment == "cst-contracts":
        return ["cst-contracts", "datafusion", "deltalake", "pyarrow", "pytest"]
    on_top = _REQUIREMENTS / f"{environment}{_WITHOUT_DEPENDENCIES}.txt"
    file = on_top if on_top.exists() else _REQUIREMENTS / f"{environment}.txt"
    lines = file.read_text(encoding="utf-8").splitlines()
    return [re.split(r"[\[=]", line)[0] for line in lines if not line.startswith("#")]


def _installed(python: Path, names: list[str]) -> dict[str, str]:
    asked = subprocess.run(
        [str(python), "-c", _ASK_VERSIONS, *names], capture_output=True, text=True, check=True
    )
    answered: dict[str, str] = json.loads(asked.stdout)
    return answered


def make_lakes(places: Places, names: Iterable[str]) -> None:
    """In another process: its memory would count as that of the processes started from this one."""
    python = places.python("hand")
    if not python.exists():
        raise SystemExit(
            "data are made in the environment `hand`: python -m benchmarks install hand"
        )
    missing = [name for name in names if not (places.data / name).is_dir()]
    if missing:
        subprocess.run(
            [str(python), "-m", "benchmarks.data", str(places.data), *missing],
            cwd=HERE.parent,
            stdout=sys.stderr,
            check=True,
        )
