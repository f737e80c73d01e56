"""The benchmark's data are the same every time, and its commands find what was seeded in them."""

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.data.lakes import ready
from benchmarks.data.small import CHECKS_A_CONTRACT
from benchmarks.finding import OURS_ONLY, SEEDED, Found, found, lakes
from benchmarks.measuring import Plan, measured
from benchmarks.report import markdown
from benchmarks.tools import OURS, Places, ours
from benchmarks.work import TimeBound, Work, work_named
from cst_contracts.checks.plan import plan
from cst_contracts.contract.parse import parse_contract

SIZE = "20k"
ROWS = 20_000


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Every environment is the one that the tests run in."""
    root = tmp_path_factory.mktemp("benchmarks")
    (root / "environments").mkdir()
    for name in ("cst-contracts", "hand"):
        (root / "environments" / name).symlink_to(sys.prefix)
    return Places(root / "data", root / "environments", root / "scratch")


def contents(lake: Path) -> dict[str, bytes]:
    files = (file for file in sorted(lake.rglob("*")) if file.is_file())
    return {str(file.relative_to(lake)): file.read_bytes() for file in files}


@pytest.mark.parametrize("name", ["flat-20k", "flat-20k-faults", "nested-20k"])
def test_the_same_name_gives_the_same_bytes(places: Places, tmp_path: Path, name: str) -> None:
    assert contents(ready(places.data, name)) == contents(ready(tmp_path, name))


def test_a_name_that_no_lake_has(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no lake is called 'round-10m'"):
        ready(tmp_path, "round-10m")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["flat-20k", "delta-20k-files"])
def test_all_forms_hold_as_many_rows(places: Places, name: str) -> None:
    folder = ready(places.data, name) / "cst_refs"
    files = list(folder.glob("*.parquet"))
    assert sum(pq.read_metadata(file).num_rows for file in files) == ROWS


def test_a_contract_has_as_many_checks_as_there_are_empty_tests(places: Places) -> None:
    lake = ready(places.data, "contracts-2")
    contract = lake / "cst_contracts" / "contracts" / "t000.yaml"
    assert len(plan(parse_contract(contract.read_bytes(), "t000.yaml"))) == CHECKS_A_CONTRACT
    empty = (lake / "empty" / "test_t000.py").read_text(encoding="utf-8")
    assert empty.count("def test_") == CHECKS_A_CONTRACT


def test_all_that_was_seeded_is_found(places: Places) -> None:
    for name in lakes(SIZE):
        ready(places.data, name)
    assert list(found(places, SIZE, [OURS])) == [Found(OURS, {**SEEDED, **OURS_ONLY})]


def test_a_run_is_measured_and_told(places: Places, tmp_path: Path) -> None:
    whole = work_named(f"flat-{SIZE}", places)
    ready(places.data, whole.lakes[0])
    polars = next(other for other in whole.others if other.name == "polars")
    work = Work(whole.name, whole.lakes, whole.main, (polars,), whole.bounds)
    runs = list(measured(work, Plan(1, warm_up=False, long=60, patience=0), tmp_path / "log"))

    assert [run.tool for run in runs] == [OURS, "polars"]
    assert all(run.as_expected and run.wall > 0 and run.peak_mb > 10 for run in runs), (
        tmp_path / "log"
    ).read_text(encoding="utf-8")
    lines = tmp_path / "runs.jsonl"
    lines.write_text("".join(json.dumps({"record": "run", **vars(run)}) + "\n" for run in runs))
    told = markdown(lines, places)
    assert f"| flat-{SIZE} | **{OURS}** | 1 |" in told
    assert "cst_contracts ≤ 0.70 × polars" in told  # noqa: RUF001
    assert "soda" not in told, "nothing is said of what was not run"


def test_every_item_names_what_it_is_compared_with(places: Places) -> None:
    names = ["flat-1m", "flat-10m", "flat-100m", "statistics-10m", "files-10k", "promises-10m"]
    for name in (*names, "proofs-10m", "delta-10m", "contracts-500", "nested-10m"):
        work = work_named(name, places)
        others = {other.name for other in work.others}
        bounds = [bound for bound in work.bounds if isinstance(bound, TimeBound)]
        assert bounds
        assert {other for bound in bounds for other in bound.factors} <= others
        assert ("--cst-memory" in work.main.arguments) == (name == "flat-100m")


def test_a_project_is_a_folder_with_its_own_root(places: Places) -> None:
    assert (ours(places, "flat", "flat-1m").folder / "pytest.ini").is_file()
