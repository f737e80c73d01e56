"""A small project of a user's: a lake with sound and faulty tables, and room for contracts."""

import shutil
import sys
from importlib import import_module
from pathlib import Path

import pytest
from support.preloaded import PYTEST_OPTIONS, commands
from support.small_lake import write_small_lake

# Inner runs in this process load these when they need them. pytester makes them forget what they have
# loaded, and a module that is written in C cannot be loaded twice.
for _name in ("datafusion", "deltalake", "cst_contracts.gate.opening", "cst_contracts.api"):
    import_module(_name)

#: As strict as this repository is with itself, and without the plugins that only cost time.
ADDOPTS = (
    "--strict-markers --strict-config -W error -p no:hypothesispytest -p no:typeguard "
    f"{PYTEST_OPTIONS}"
)


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    write_small_lake(folder)
    return folder


@pytest.fixture(autouse=True)
def not_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inner runs are runs of their own, also where a worker is testing."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)


@pytest.fixture(autouse=True)
def executable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inner runs that are processes, or have some, are spared their imports."""
    monkeypatch.setattr(sys, "executable", str(commands() / "python"))


@pytest.fixture
def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, lake: Path
) -> pytest.Pytester:
    """A folder with `lake/`, in which the installed plugin is found by its entry point.

    `project.makefile(".yaml", **{"contracts/refs": text})` adds a contract.
    """
    monkeypatch.setenv("PYTEST_ADDOPTS", ADDOPTS)
    # pytest rewrites the plugin's modules in every run unless it may keep what it made of them.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(lake.parent / "bytecode"))
    shutil.copytree(lake, pytester.path / "lake")
    pytester.makeini("[pytest]")
    return pytester
