"""What is measured, by name, and what is to be reached."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from benchmarks.sizes import rows_named
from benchmarks.tools import (
    BEST,
    EMPTY_TESTS,
    FOOTERS,
    FRAMEWORKS,
    HERE,
    OURS,
    PYTEST,
    SCRIPTS,
    Command,
    Places,
    dbt_build,
    ours,
    peer,
    pytest_alone,
)

NAMES = """\
flat-SIZE        all the checks on the flat table, beside every script and framework
statistics-SIZE  only what footers prove; the data pages are zeros
files-COUNT      the same, on COUNT files of 1,000 rows
promises-SIZE    20 rules and 10 null checks beside 2 and 1
delta-SIZE       a Delta table beside the same files as Parquet
contracts-COUNT  as many contracts of 15 fields, on tiny tables
proofs-SIZE      all the checks where one of up to 1,000 files is new
nested-SIZE      the flat table's rows as lists of structs
SIZE and COUNT: 500, 10k, 1m, 10m, 100m"""

_COLLECTION = "collection alone"
_CONSTRAINED = "the same, mostly as constraints"
_FEWER = "2 rules, 1 null check"
_EMPTY = "empty table"
_FILES = "the files as Parquet"
_FLAT = "flat table"
_FOOTERS_ALONE = "only what footers prove"
_UNPROVED = "without proofs"
_MEMORY = ("--cst-memory", "2GB")
_LARGEST = "100m"


@dataclass(frozen=True)
class TimeBound:
    """`subject` takes at most the sum of what others take, each times a factor, and some seconds."""

    factors: Mapping[str, float]
    seconds: float = 0
    subject: str = OURS


@dataclass(frozen=True)
class MemoryBound:
    megabytes: float


@dataclass(frozen=True)
class KeptBound:
    """What is left to the next run."""

    megabytes: float


_Bounds: TypeAlias = tuple[TimeBound | MemoryBound | KeptBound, ...]


@dataclass(frozen=True)
class Work:
    """Each of `others` runs beside `main`."""

    name: str
    lakes: tuple[str, ...]
    main: Command
    others: tuple[Command, ...]
    bounds: _Bounds


def work_named(name: str, places: Places) -> Work:
    family, _, size = name.partition("-")
    if family not in _FAMILIES or not re.fullmatch(r"\d+[km]?", size):
        raise SystemExit(f"no work is called {name!r}; there are:\n{NAMES}")
    return _FAMILIES[family](places, size)


def _flat(places: Places, size: str) -> Work:
    if size == _LARGEST:
        return _largest(places)
    lake = f"flat-{size}"
    others = [peer(places, name, f"{lake}/cst_refs") for name in (BEST, *SCRIPTS, *FRAMEWORKS)]
    pytest_run = pytest_alone(places, PYTEST, HERE / "projects" / "empty", _NO_TESTS_COLLECTED)
    small = size in {"100k", "1m"}
    return Work(
        lake,
        (lake,),
        ours(places, "flat", lake),
        (pytest_run, *others),
        _BOUNDS_OF_FEW_ROWS if small else _BOUNDS_OF_MANY_ROWS,
    )


_NO_TESTS_COLLECTED = 5
_BOUNDS_OF_FEW_ROWS: _Bounds = (
    TimeBound({BEST: 1, PYTEST: 2}),
    *(TimeBound({name: 1}) for name in FRAMEWORKS),
)
_BOUNDS_OF_MANY_ROWS: _Bounds = (
    TimeBound({BEST: 1.3}),
    *(TimeBound({name: 0.7}) for name in SCRIPTS),
    TimeBound({"soda": 1 / 1.6}),
    *(TimeBound({name: 1 / 3.5}) for name in FRAMEWORKS if name != "soda"),
    MemoryBound(1000),
)


def _largest(places: Places) -> Work:
    """A tenth of the rows beside it, without a bound on memory."""
    tenth = "flat-10m"
    return Work(
        f"flat-{_LARGEST}",
        (f"flat-{_LARGEST}", tenth),
        ours(places, "flat", f"flat-{_LARGEST}", *_MEMORY),
        (ours(places, "flat", tenth, name=tenth),),
        (TimeBound({tenth: 12}),),
    )


def _statistics(places: Places, size: str) -> Work:
    lake = f"flat-{size}-unreadable"
    return Work(
        f"statistics-{size}",
        (lake, "flat-empty"),
        ours(places, "statistics", lake),
        (ours(places, "statistics", "flat-empty", name=_EMPTY),),
        (TimeBound({_EMPTY: 1.15}),),
    )


def _files(places: Places, count: str) -> Work:
    lake = f"files-{count}"
    return Work(
        lake,
        (lake,),
        ours(places, "statistics", lake),
        (peer(places, FOOTERS, f"{lake}/cst_refs"),),
        (TimeBound({FOOTERS: 2}),),
    )


def _promises(places: Places, size: str) -> Work:
    lake = f"flat-{size}"
    return Work(
        f"promises-{size}",
        (lake,),
        ours(places, "more-promises", lake),
        (
            ours(places, "more-constraints", lake, name=_CONSTRAINED),
            ours(places, "few-promises", lake, name=_FEWER),
        ),
        (TimeBound({_FEWER: 1.3}), TimeBound({_FEWER: 1.3}, subject=_CONSTRAINED)),
    )


def _delta(places: Places, size: str) -> Work:
    lake = f"delta-{size}"
    return Work(
        lake,
        (lake, f"{lake}-files"),
        ours(places, "flat-delta", lake),
        (ours(places, "flat", f"{lake}-files", name=_FILES),),
        (TimeBound({_FILES: 1.15}),),
    )


def _contracts(places: Places, count: str) -> Work:
    lake = f"contracts-{count}"
    folder = places.data / lake
    project = str(folder / "cst_contracts")
    soda = peer(places, "soda", lake, str(folder / "soda"))
    datacontract = peer(places, "datacontract-cli", lake, str(folder / "datacontract"))
    return Work(
        lake,
        (lake,),
        ours(places, project, lake),
        (
            pytest_alone(places, EMPTY_TESTS, folder / "empty"),
            ours(places, project, lake, "--collect-only", "-q", name=_COLLECTION),
            soda,
            dbt_build(places, folder / "dbt"),
            datacontract,
        ),
        (
            TimeBound({EMPTY_TESTS: 1.5}, seconds=2),
            TimeBound({}, seconds=3, subject=_COLLECTION),
            *(TimeBound({name: 1}) for name in ("soda", "dbt", "datacontract-cli")),
        ),
    )


def _nested(places: Places, size: str) -> Work:
    lake, flat = f"nested-{size}", f"flat-{size}"
    return Work(
        lake,
        (lake, flat),
        ours(places, "nested", lake),
        (ours(places, "flat", flat, name=_FLAT),),
        (TimeBound({_FLAT: 2}),),
    )


def _proofs(places: Places, size: str) -> Work:
    """A file within the table is the new one. Without a warm-up, the first round makes the proofs."""
    lake = f"proofs-{size}"
    kept, folder = places.scratch / lake, places.data / lake / "cst_refs"
    proved = ours(places, "flat", lake, "--cst-proofs", str(kept))
    return Work(
        lake,
        (lake,),
        replace(proved, renewed=folder / "part-00002.parquet", kept=kept),
        (
            ours(places, "statistics", lake, name=_FOOTERS_ALONE),
            ours(places, "flat", lake, name=_UNPROVED),
        ),
        (TimeBound({_FOOTERS_ALONE: 2}), KeptBound(rows_named(size) * 10 / 1e6)),
    )


_FAMILIES = {
    "proofs": _proofs,
    "flat": _flat,
    "statistics": _statistics,
    "files": _files,
    "promises": _promises,
    "delta": _delta,
    "contracts": _contracts,
    "nested": _nested,
}
