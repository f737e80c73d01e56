"""Writes Parquet files as a contract promises it: packed so, with such footers, and so large."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

from cst_contracts.contract.clauses.files import (
    EVERY_COLUMN,
    BoundsPromise,
    ClaimsPromise,
    ColumnsPromise,
    Encoding,
    FilePromise,
    FileTrait,
)
from cst_contracts.contract.model import OrderingTerm
from cst_contracts.datatypes import child_path, leads_to
from cst_contracts.engine.storage.leaves import leaf_paths

#: The rows of a row group where nothing else is promised.
_GROUP = 2
_FOOTER_LENGTH = 8
_FILTER = {"ndv": 64, "fpp": 0.01}


class Packing(Struct, frozen=True):
    """`promises` are those that the files keep; `claims` is the order that their footers name in place of
    the promised one."""

    promises: tuple[FilePromise, ...] = ()
    statistics: bool = True
    claims: tuple[pq.SortingColumn, ...] | None = None

    def write(self, table: pa.Table, file: Path) -> None:
        """Raises what pyarrow raises."""
        pq.write_table(
            table,
            file,
            row_group_size=self._rows_a_group(),
            write_statistics=self.statistics,
            **self._options(table),
        )
        for promise in self.promises:
            if isinstance(promise, BoundsPromise) and promise.trait is FileTrait.BYTES:
                _pad(file, promise.least or 0)

    def _rows_a_group(self) -> int:
        rows = _GROUP
        for promise in self.promises:
            if isinstance(promise, BoundsPromise) and promise.trait is FileTrait.ROW_GROUP_ROWS:
                rows = max(rows, promise.least or rows)
                rows = max(1, min(rows, promise.most or rows))
        return rows

    def _options(self, table: pa.Table) -> dict[str, Any]:
        columns = _columns(table.schema)
        options: dict[str, Any] = {"sorting_columns": self.claims}
        for promise in self.promises:
            match promise:
                case ClaimsPromise(terms=terms) if self.claims is None:
                    options["sorting_columns"] = _claims(terms, columns)
                case ColumnsPromise():
                    options.update(_column_options(promise, columns))
                case _:
                    continue
        return options


class _Column(Struct, frozen=True):
    """`name` is as Parquet's writers call it."""

    path: str
    name: str


def _columns(schema: pa.Schema) -> tuple[_Column, ...]:
    sink = pa.BufferOutputStream()
    pq.write_table(schema.empty_table(), sink)
    stored = pq.read_metadata(pa.BufferReader(sink.getvalue())).schema
    paths = leaf_paths(stored, schema) or ()
    return tuple(_Column(path, stored.column(at).path) for at, path in enumerate(paths))


def _claims(
    terms: Sequence[OrderingTerm], columns: Sequence[_Column]
) -> tuple[pq.SortingColumn, ...]:
    numbers = {column.path: number for number, column in enumerate(columns)}
    known = [each for each in terms if child_path("", each.field) in numbers]
    return tuple(
        pq.SortingColumn(
            numbers[child_path("", each.field)],
            descending=each.descending,
            nulls_first=each.nulls_first,
        )
        for each in known
    )


def _column_options(promise: ColumnsPromise, columns: Sequence[_Column]) -> dict[str, Any]:
    """What pyarrow has to be told. Statistics it writes anyway."""
    wanted = dict(_wanted(promise, columns))
    match promise.trait:
        case FileTrait.CODEC:
            unpacked = {
                name: "none" if each == "uncompressed" else each for name, each in wanted.items()
            }
            return {"compression": unpacked}
        case FileTrait.ENCODINGS:
            other = {
                name: each.upper() for name, each in wanted.items() if each != Encoding.DICTIONARY
            }
            names = [column.name for column in columns if column.name not in other]
            return {"use_dictionary": names, "column_encoding": other or None}
        case FileTrait.BLOOM_FILTERS:
            return {"bloom_filter_options": dict.fromkeys(wanted, _FILTER)}
        case FileTrait.PAGE_INDEX:
            return {"write_page_index": True}
        case _:
            return {}


def _wanted(promise: ColumnsPromise, columns: Sequence[_Column]) -> Iterator[tuple[str, str]]:
    """By column, what is said of it or, failing that, of what is above it."""
    for column in columns:
        about = [
            wanted
            for wanted in promise.columns
            if wanted.path == EVERY_COLUMN or leads_to(wanted.path, column.path)
        ]
        if about:
            yield column.name, max(about, key=lambda wanted: len(wanted.path)).value


def _pad(file: Path, size: int) -> None:
    """Puts bytes that nobody reads before the footer, which is found from the file's end: a hole, so that
    also gigabytes take no room on most disks."""
    data = file.read_bytes()
    if len(data) >= size:
        return
    footer = int.from_bytes(data[-_FOOTER_LENGTH:-4], "little") + _FOOTER_LENGTH
    with file.open("r+b") as written:
        written.truncate(len(data) - footer)
        written.seek(size - footer)
        written.write(data[-footer:])


def repack(table: Path, packing: Packing) -> None:
    """Writes the data files of a Delta table again, and has its log say how large they are now."""
    for commit in sorted((table / "_delta_log").glob("*.json")):
        actions = [json.loads(line) for line in commit.read_text(encoding="utf-8").splitlines()]
        for action in actions:
            if "add" in action:
                file = table / unquote(action["add"]["path"])
                packing.write(pq.ParquetFile(file).read(), file)
                action["add"]["size"] = file.stat().st_size
        commit.write_text("".join(f"{json.dumps(each)}\n" for each in actions), encoding="utf-8")
