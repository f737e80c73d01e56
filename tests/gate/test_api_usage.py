"""`cst_contracts.api` as a user has it: typed, documented, and light until something is checked."""

import inspect
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from mypy import api as mypy

from cst_contracts import api

USAGE = Path(__file__).with_name("api_usage.py")
CONTRACT = """\
table: t
source: {format: parquet, location: t.parquet}
fields: [{name: a, type: int64, nullable: false}]
nullability: values
"""


def python(*arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_users_program_has_the_types_that_it_says(tmp_path: Path) -> None:
    options = ["--strict", "--config-file=", f"--cache-dir={tmp_path}", "--follow-imports=silent"]
    told, errors, status = mypy.run([*options, str(USAGE)])
    assert (status, errors) == (0, ""), told


def test_a_users_program_runs(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "lake").mkdir()
    (tmp_path / "contracts" / "t.yaml").write_text(CONTRACT)
    (tmp_path / "bad.yaml").write_text("table: t\nfeilds: []\n")
    pq.write_table(pa.table({"a": pa.array([1, None], pa.int64())}), tmp_path / "lake/t.parquet")

    lines = python(str(USAGE), str(tmp_path)).splitlines()

    assert lines[0].startswith("BROKEN False t   one scan of a   nulls[a]: in the scan")
    assert lines[1].endswith("contracts/t.yaml:3:10 nulls[a] null-values 1 null among 2 [1]")
    assert lines[2].endswith("contracts/t.yaml:3:10: nulls[a] of t: 1 null among 2")
    assert lines[3] == "[]"
    assert lines[4] == "False 1 []"
    assert lines[5].startswith("['t'] ['2: unknown key `feilds`; did you mean `fields`?")


def test_nothing_heavy_is_loaded_before_something_is_checked() -> None:
    modules = set(python("-c", "import sys, cst_contracts.api; print(*sys.modules)").split())

    assert "cst_contracts.api" in modules
    assert not {"pytest", "_pytest", "syrupy", "datafusion", "deltalake", "libcst"} & modules


def test_a_check_loads_no_test_runner_and_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(CONTRACT)
    code = (
        "import sys; from cst_contracts.api import check; "
        f"check({str(tmp_path / 't.yaml')!r}, lake={str(tmp_path)!r}); print(*sys.modules)"
    )
    modules = set(python("-c", code).split())

    assert "datafusion" in modules
    assert not {"pytest", "_pytest", "syrupy", "asyncio", "deltalake"} & modules


def test_every_public_name_is_documented_and_exists() -> None:
    for name in api.__all__:
        assert inspect.getdoc(getattr(api, name)), name
