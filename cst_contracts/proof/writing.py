"""Writes tables as a contract's `source` says that they are stored, in every format that is read."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
from msgspec import Struct

from cst_contracts.contract.clauses.files import FilePromise
from cst_contracts.contract.clauses.text_options import Compression, TextOptions
from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.proof.errors import NoData
from cst_contracts.proof.packing import Packing, repack
from cst_contracts.proof.pools import pool_of

_GROUP = 2
_PACKING: Mapping[Compression, tuple[str, Callable[[bytes], bytes]]] = {
    Compression.GZIP: (".gz", gzip.compress),
    Compression.BZIP2: (".bz2", bz2.compress),
    Compression.XZ: (".xz", lzma.compress),
    Compression.ZSTD: (".zst", lambda data: bytes(pa.compress(data, "zstd", asbytes=True))),
}


class Layout(Struct, frozen=True):
    """How a table is stored. `constraints` are those of a Delta table's log, by their names, and `versions`
    the number of its versions, at least. `statistics` and `claims` are about Parquet's footers: whether they
    have the former, and what sort order they claim. `files` is what is promised of how the files are written,
    None where nothing is."""

    format: SourceFormat
    partitioned_by: tuple[str, ...] = ()
    options: TextOptions = TextOptions()
    constraints: Mapping[str, str] = {}
    versions: int = 1
    statistics: bool = True
    claims: tuple[pq.SortingColumn, ...] | None = None
    files: tuple[FilePromise, ...] | None = None

    @property
    def packing(self) -> Packing:
        return Packing(self.files or (), self.statistics, self.claims)

    def is_foldered(self, name: str) -> bool:
        """Whether a field is the name of folders, and stands nowhere else; a Delta log has it, too."""
        return name in self.partitioned_by and self.format is not SourceFormat.DELTA


def write(parts: Sequence[pa.Table], place: Path, layout: Layout) -> None:
    """Each part becomes a file, or one in each of its partitions' folders, in the sequence of their names.

    Raises NoData where the format cannot hold the table.
    """
    try:
        with looking_at(None):
            if layout.format is SourceFormat.DELTA:
                _write_delta(parts, place, layout)
            else:
                _write_files(parts, place, layout)
    except IntrospectionError as error:
        raise NoData(f"the table cannot be written as {layout.format}: {error.reason}") from error


def _write_delta(parts: Sequence[pa.Table], place: Path, layout: Layout) -> None:
    """The constraints come last: the writer would refuse rows that break them, and other writers do not."""
    for part in parts:
        write_deltalake(
            place, part, mode="append", partition_by=list(layout.partitioned_by) or None
        )
    if layout.files is not None:
        repack(place, layout.packing)
    if layout.constraints:
        found = {f"delta.constraints.{name}": sql for name, sql in layout.constraints.items()}
        DeltaTable(place).alter.set_table_properties(found, raise_if_not_exists=False)
    while (table := DeltaTable(place)).version() + 1 < layout.versions:
        table.alter.set_table_properties({"delta.checkpointInterval": "100"})


def _write_files(parts: Sequence[pa.Table], place: Path, layout: Layout) -> None:
    ending = _ending(layout)
    if place.suffix and not layout.partitioned_by and len(parts) == 1:
        place.parent.mkdir(parents=True, exist_ok=True)
        _write_file(parts[0], place, layout)
        return
    for number, part in enumerate(parts):
        for folder, rows in _by_folder(part, layout.partitioned_by):
            below = place / folder
            below.mkdir(parents=True, exist_ok=True)
            _write_file(rows, below / f"part-{number}{ending}", layout)


def _ending(layout: Layout) -> str:
    packing = layout.options.compression
    return f".{layout.format}{_PACKING[packing][0] if packing else ''}"


def _by_folder(part: pa.Table, names: Sequence[str]) -> list[tuple[str, pa.Table]]:
    """The rows of each combination of partition values, in the sequence of their first ones."""
    if not names:
        return [("", part)]
    if not part.num_rows:
        part = pa.Table.from_pylist([_somewhere(part.schema, names)], part.schema)
        return [(folder, rows.slice(0, 0)) for folder, rows in _by_folder(part, names)]
    texts = [pc.cast(part.column(name), pa.string()).to_pylist() for name in names]
    rows: dict[str, list[int]] = {}
    for number, values in enumerate(zip(*texts, strict=True)):
        folder = "/".join(
            f"{name}={quote(value, safe='')}" for name, value in zip(names, values, strict=True)
        )
        rows.setdefault(folder, []).append(number)
    stored = part.drop_columns(list(names))
    return [(folder, stored.take(numbers)) for folder, numbers in rows.items()]


def _somewhere(schema: pa.Schema, names: Sequence[str]) -> dict[str, Any]:
    """A row of nothing but partition values: no rows lie in a folder, too."""
    return {name: pool_of(schema.field(name).type, plain=True).values[0] for name in names}


def _write_file(table: pa.Table, file: Path, layout: Layout) -> None:
    match layout.format:
        case SourceFormat.PARQUET | SourceFormat.VIEW | SourceFormat.CATALOG | SourceFormat.DELTA:
            layout.packing.write(table, file)
        case SourceFormat.ARROW:
            with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table, _GROUP)
        case SourceFormat.CSV:
            file.write_bytes(_packed(_csv(table, layout.options), layout.options))
        case SourceFormat.JSON:
            lines = (json.dumps(_jsonable(row), default=str) + "\n" for row in table.to_pylist())
            file.write_bytes(_packed("".join(lines).encode(), layout.options))


def _packed(data: bytes, options: TextOptions) -> bytes:
    return data if options.compression is None else _PACKING[options.compression][1](data)


def _csv(table: pa.Table, options: TextOptions) -> bytes:
    """The values that are drawn for CSV need no quotes."""
    sink, delimiter = pa.BufferOutputStream(), options.delimiter or ","
    how = arrow_csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style="none")
    arrow_csv.write_csv(table, sink, how)
    header = delimiter.join(table.column_names) + "\n" if options.header else ""
    return header.encode() + bytes(sink.getvalue())


def _jsonable(value: Any) -> Any:
    """Maps, which Python has as lists of pairs, become objects."""
    if isinstance(value, dict):
        return {name: _jsonable(each) for name, each in value.items()}
    if isinstance(value, list):
        pairs = bool(value) and all(isinstance(each, tuple) for each in value)
        return (
            {str(key): _jsonable(each) for key, each in value}
            if pairs
            else [_jsonable(each) for each in value]
        )
    return value.hex() if isinstance(value, bytes) else value
