"""The name of a lake to the folder that holds it, made if it is not there."""

import os
import shutil
from pathlib import Path

from benchmarks.data import delta, flat, nested, small
from benchmarks.sizes import rows_named

KINDS = """\
flat-SIZE[-faults | -missing-field | -wrong-type | -unreadable], flat-empty
delta-SIZE, delta-SIZE-files (its data files as Parquet)
nested-SIZE, nested-SIZE-faults
files-COUNT (Parquet files of 1,000 rows), proofs-SIZE (up to 1,000 Parquet files)
contracts-COUNT (tiny tables, and a contract for each)
SIZE and COUNT: 1000, 100k, 10m"""


def ready(data: Path, name: str) -> Path:
    """Whole or not at all: a lake gets its name when it is finished."""
    lake = data / name
    if lake.is_dir():
        return lake
    aside = data / f".{name}.{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        _write(data, name, aside)
        aside.rename(lake)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return lake


def _write(data: Path, name: str, lake: Path) -> None:
    match name.split("-"):
        case ["flat", "empty"]:
            flat.write_empty(lake)
        case ["flat", size]:
            flat.write_clean(lake, rows_named(size))
        case ["flat", size, "faults"]:
            flat.write_faulty(lake, rows_named(size))
        case ["flat", size, "missing", "field"]:
            flat.write_without_a_field(lake, rows_named(size))
        case ["flat", size, "wrong", "type"]:
            flat.write_with_a_wrong_type(lake, rows_named(size))
        case ["flat", size, "unreadable"]:
            flat.write_unreadable(lake, ready(data, f"flat-{size}"))
        case ["delta", size]:
            delta.write_delta(lake, rows_named(size))
        case ["delta", size, "files"]:
            flat.link_data_files(lake, ready(data, f"delta-{size}"))
        case ["nested", size]:
            nested.write_nested(lake, rows_named(size))
        case ["nested", size, "faults"]:
            nested.write_nested_faulty(lake, rows_named(size))
        case ["files", count]:
            flat.write_clean(lake, rows_named(count) * 1_000, files=rows_named(count))
        case ["proofs", size]:
            files = min(1_000, max(4, rows_named(size) // 25_000))
            flat.write_clean(lake, rows_named(size), files=files)
        case ["contracts", count]:
            small.write_tables_and_contracts(lake, data / name, rows_named(count))
        case _:
            raise SystemExit(f"no lake is called {name!r}; there are:\n{KINDS}")
