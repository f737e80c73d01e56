"""A small project of a user's: a lake with sound and faulty tables, and room for contracts."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

#: As strict as this repository is with itself, and without the plugins that only cost time.
ADDOPTS = "--strict-markers --strict-config -W error -p no:hypothesispytest -p no:typeguard"

REFS = pa.schema([pa.field("ref_id", pa.string(), nullable=False), pa.field("path", pa.string())])
NESTED = pa.schema(
    [
        pa.field("ref_id", pa.string()),
        pa.field("attrs", pa.map_(pa.string(), pa.string())),
        pa.field("refs", pa.list_(pa.struct([pa.field("bstart", pa.int64())]))),
    ]
)


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`refs` keeps its contracts; `lost` has nulls in `path`, `bare` no rows, `moved` another type."""
    folder = tmp_path_factory.mktemp("lake")
    sound = pa.table({"ref_id": ["a", "b", "c"], "path": ["p", "p", "q"]}, schema=REFS)
    nested = {"ref_id": ["a"], "attrs": [[("k", "v")]], "refs": [[{"bstart": 1}]]}
    tables = {
        "refs": sound,
        "lost": pa.table({"ref_id": ["a", "b"], "path": ["p", None]}, schema=REFS),
        "bare": sound.slice(0, 0),
        "moved": sound.set_column(1, "path", pa.array([1, 2, 3])),
        "nested": pa.table(nested, schema=NESTED),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    write_deltalake(folder / "delta", sound)
    return folder


@pytest.fixture(autouse=True)
def not_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inner runs are runs of their own, also where a worker is testing."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)


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
