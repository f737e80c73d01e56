"""Folders of Python source → `libcst_files_v1` under a lake's root, file by file."""

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pyarrow as pa
from msgspec import Struct, field

from cst_contracts.errors import CstContractsError
from cst_contracts.extract.interruption import ending_in_order
from cst_contracts.extract.pool import Work, in_order
from cst_contracts.extract.replacing import replace_folder
from cst_contracts.extract.schema import TABLE, TABLES
from cst_contracts.extract.sources import SourceFile, SourceRoot, find_sources
from cst_contracts.extract.write import (
    LakeFormat,
    Layout,
    check_partition_name,
    write_table,
)


class LakeReport(Struct, frozen=True):
    """`parsed` files have nodes and `failed` ones none; `rows` counts each CST table's."""

    table: Path
    files: int
    parsed: int
    failed: int
    rows: Mapping[str, int]


class _Tally(Struct):
    files: int = 0
    parsed: int = 0
    rows: Counter[str] = field(default_factory=Counter)

    def counted(self, rows: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for row in rows:
            self.files += 1
            self.parsed += len(row.column("parse_manifest")[0])
            self.rows.update({table: len(row.column(table)[0]) for table in TABLES})
            yield row


def write_lake(
    roots: Sequence[SourceRoot],
    target: Path,
    *,
    format: Literal["parquet", "delta"] = "parquet",  # noqa: A002  # the contract language's word
    partition_by_repo: bool = False,
    workers: int | None = None,
    rows_per_file: int = 1000,
    overwrite: bool = False,
) -> LakeReport:
    """Writes the folder `target/libcst_files_v1`, all of it or nothing.

    `workers`: how many processes read source, by default one a CPU. There is always one: a file that
    takes its process down is a row that says so. Because workers import the main module, a script has
    to call this under `if __name__ == "__main__":`.
    `rows_per_file` is an upper bound.
    """
    _refuse_nonsense(workers=workers, rows_per_file=rows_per_file)
    layout = Layout(LakeFormat(format), partition_by_repo, rows_per_file)
    work = _work()
    folder = target / TABLE
    _refuse_to_overwrite(folder, overwrite=overwrite)
    sources = find_sources(roots, by_repo=partition_by_repo)
    if partition_by_repo:
        for repo in {source.repo for source in sources}:
            check_partition_name(repo)
    tally = _Tally()
    processes = min(workers or os.cpu_count() or 1, len(sources))
    with ending_in_order(), closing(in_order(sources, work, workers=processes)) as rows:
        write_aside(tally.counted(_shown(rows, len(sources))), folder, layout)
    return LakeReport(
        folder, tally.files, tally.parsed, tally.files - tally.parsed, dict(tally.rows)
    )


def _work() -> Work[SourceFile, pa.RecordBatch]:
    try:
        # LibCST is optional, and everything else here can be imported without it.
        from cst_contracts.extract.file import extract_file, lost_file  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise _not_installed(missing) from missing
    return Work(extract_file, lost_file)


def _shown(rows: Iterator[pa.RecordBatch], total: int) -> Iterable[pa.RecordBatch]:
    """With a bar on stderr, if a person sees it."""
    try:
        from tqdm import tqdm  # noqa: PLC0415  # optional, as LibCST is
    except ModuleNotFoundError as missing:
        raise _not_installed(missing) from missing
    return tqdm(rows, total=total, unit="file", disable=None)


def _not_installed(missing: ModuleNotFoundError) -> CstContractsError:
    return CstContractsError(
        f"extraction needs {missing.name}, which is not installed:"
        ' pip install "cst-contracts[extract]"'
    )


def _refuse_nonsense(**counts: int | None) -> None:
    for name, count in counts.items():
        if count is not None and count < 1:
            raise CstContractsError(f"{name} is {count}; it has to be at least 1")


def _refuse_to_overwrite(folder: Path, *, overwrite: bool) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise CstContractsError(f"{folder} is in the way: it is no folder")
    if any(folder.iterdir()) and not overwrite:
        raise CstContractsError(f"{folder} is not empty; pass overwrite=True to replace it")


def write_aside(rows: Iterator[pa.RecordBatch], folder: Path, layout: Layout) -> None:
    """Under another name first, so that nobody ever reads half a table. Raises CstContractsError where it
    cannot be written."""
    aside = folder.with_name(f".{folder.name}.{uuid4().hex}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_table(rows, aside, layout)
        replace_folder(aside, folder)
    except OSError as error:
        told = error.strerror or error
        raise CstContractsError(f"{folder}: could not be written: {told}") from error
    finally:
        if aside.exists():
            shutil.rmtree(aside)
